import shutil
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from hardmax.dynamics import Hardmax, simulate
from hardmax.errors import InputError
from hardmax.plots import animate_tokens, plot_tokens
from hardmax.plots.animation import draw_frames
from hardmax.plots.plane import square_axes
from hardmax.plots.scene import Scene

OPTIONS = {"decoder": ([1.0, -1.0], 0.2), "trails": True, "words": [f"word{i}" for i in range(30)]}


@pytest.fixture(scope="module")
def trajectory():
    return simulate(np.random.default_rng(1).normal(size=(30, 2)), Hardmax(alpha=0.5), layers=3)


def still(trajectory, layer, size):
    """Return the picture of `plot_tokens`, `size` pixels wide."""
    figure = plot_tokens(trajectory, layer, **OPTIONS).figure
    figure.set_dpi(size / figure.get_figwidth())
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def test_each_frame_is_the_picture_of_plot_tokens(trajectory):
    scene = Scene(square_axes(), trajectory, trajectory.layers, **OPTIONS)
    for layer, frame in enumerate(draw_frames(scene)):
        np.testing.assert_array_equal(frame, still(trajectory, layer, frame.shape[1]))


def test_a_gif_has_a_frame_for_each_layer_for_the_time_asked(trajectory, tmp_path):
    path = animate_tokens(trajectory, tmp_path / "tokens.gif", seconds_per_frame=0.5, **OPTIONS)
    with Image.open(path) as gif:
        assert gif.n_frames == 4
        assert gif.info["loop"] == 0
        for layer in range(4):
            gif.seek(layer)
            assert gif.info["duration"] == 500
            seen = np.asarray(gif.convert("RGB")).astype(int)
            error = np.abs(seen - still(trajectory, layer, gif.width)[..., :3])
            assert error.mean() < 1 and (seen[0, 0] == 255).all()


def test_the_same_animation_has_the_same_bytes(trajectory, tmp_path):
    paths = [animate_tokens(trajectory, tmp_path / name, **OPTIONS) for name in ("a.gif", "b.gif")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_trajectory_without_layers_is_an_animation_of_one_frame(tmp_path):
    path = animate_tokens(simulate([[1.0, 0.0]], Hardmax(alpha=0.5), layers=0), tmp_path / "one.gif")
    with Image.open(path) as gif:
        assert gif.n_frames == 1


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_an_mp4_lasts_as_long_as_its_frames(trajectory, tmp_path):
    path = animate_tokens(trajectory, tmp_path / "tokens.mp4", seconds_per_frame=0.5)
    command = ["ffmpeg", "-i", str(path)]
    about = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    assert "00:00:02.00" in about and "612x612" in about


def test_an_mp4_without_ffmpeg_is_refused_in_one_line(trajectory, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(InputError, match="needs ffmpeg"):
        animate_tokens(trajectory, tmp_path / "tokens.mp4")
    assert not list(tmp_path.iterdir())


def test_bad_endings_and_durations_are_refused(trajectory, tmp_path):
    with pytest.raises(InputError, match=r"tokens\.mov.*\.gif or \.mp4"):
        animate_tokens(trajectory, tmp_path / "tokens.mov")
    for seconds in (0.0, -1.0, float("nan"), 1e9):
        with pytest.raises(InputError, match="seconds_per_frame"):
            animate_tokens(trajectory, tmp_path / "tokens.gif", seconds_per_frame=seconds)
    with pytest.raises(InputError, match="cannot write"):
        animate_tokens(trajectory, tmp_path / "missing" / "tokens.gif")
