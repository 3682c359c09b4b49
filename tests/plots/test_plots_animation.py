import subprocess

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from hardmax.dynamics import Hardmax, simulate
from hardmax.errors import InputError
from hardmax.plots import animate_tokens, animation, plot_tokens
from hardmax.plots.plane import square_axes
from hardmax.plots.scene import Scene


@pytest.fixture(scope="module")
def film():
    rng = np.random.default_rng(1)
    tokens = rng.normal(size=(30, 2))
    return simulate(tokens, Hardmax(alpha=0.5), layers=3), [f"word{i}" for i in range(30)]


OPTIONS = {"decoder": ([1.0, -1.0], 0.2), "trails": True}


def still(trajectory, layer, words):
    ax = plot_tokens(trajectory, layer, words=words, **OPTIONS)
    ax.figure.set_dpi(animation._DPI)
    canvas = FigureCanvasAgg(ax.figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def test_each_frame_is_the_picture_of_plot_tokens(film):
    trajectory, words = film
    scene = Scene(square_axes(), trajectory, trajectory.layers, words=words, **OPTIONS)
    for layer, frame in enumerate(animation.draw_frames(scene)):
        np.testing.assert_array_equal(frame, still(trajectory, layer, words))


def test_a_gif_has_one_frame_a_layer_for_the_time_asked(film, tmp_path):
    trajectory, words = film
    path = animate_tokens(trajectory, tmp_path / "film.gif", words=words, seconds_per_frame=0.5, **OPTIONS)
    with Image.open(path) as gif:
        assert gif.n_frames == 4
        assert gif.info["loop"] == 0
        for layer in range(4):
            gif.seek(layer)
            assert gif.info["duration"] == 500
            seen = np.asarray(gif.convert("RGB")).astype(int)
            error = np.abs(seen - still(trajectory, layer, words)[..., :3])
            assert error.mean() < 1 and (seen[0, 0] == 255).all()


def test_the_same_film_has_the_same_bytes(film, tmp_path):
    trajectory, words = film
    paths = [
        animate_tokens(trajectory, tmp_path / name, words=words, **OPTIONS) for name in ("a.gif", "b.gif")
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_trajectory_without_layers_is_a_film_of_one_frame(tmp_path):
    path = animate_tokens(simulate([[1.0, 0.0]], Hardmax(alpha=0.5), layers=0), tmp_path / "one.gif")
    with Image.open(path) as gif:
        assert gif.n_frames == 1


def test_an_mp4_lasts_as_long_as_its_frames(film, tmp_path):
    try:
        program = animation._ffmpeg()
    except InputError as error:
        pytest.skip(str(error))
    path = animate_tokens(film[0], tmp_path / "film.mp4", seconds_per_frame=0.5)
    said = subprocess.run([program, "-i", str(path)], capture_output=True, text=True, check=False).stderr
    assert "00:00:02.00" in said and "612x612" in said


def test_an_mp4_without_ffmpeg_is_refused_in_one_line(film, tmp_path, monkeypatch):
    monkeypatch.setattr(animation.shutil, "which", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "imageio_ffmpeg", None)
    with pytest.raises(InputError, match="needs ffmpeg"):
        animate_tokens(film[0], tmp_path / "film.mp4")
    assert not list(tmp_path.iterdir())


def test_bad_endings_and_durations_are_refused(film, tmp_path):
    with pytest.raises(InputError, match=r"film\.mov.*\.gif or \.mp4"):
        animate_tokens(film[0], tmp_path / "film.mov")
    for seconds in (0.0, -1.0, float("nan"), 1e9):
        with pytest.raises(InputError, match="seconds_per_frame"):
            animate_tokens(film[0], tmp_path / "film.gif", seconds_per_frame=seconds)
    with pytest.raises(InputError, match="cannot write"):
        animate_tokens(film[0], tmp_path / "missing" / "film.gif")
