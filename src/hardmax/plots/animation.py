"""Tokens in the plane, layer by layer, as an animation."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Unpack

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray
from PIL import Image

from hardmax._support.files import replacing
from hardmax.dynamics import Trajectory
from hardmax.errors import InputError
from hardmax.plots.plane import square_axes
from hardmax.plots.scene import Options, Scene

Frame = NDArray[np.uint8]

_DPI = 180  # 612 pixels a side, an even number as MP4 wants it
_MP4_RATE = 25  # frames a second; some players stumble over one a second


def animate_tokens(
    trajectory: Trajectory,
    path: str | os.PathLike[str],
    *,
    seconds_per_frame: float = 1.0,
    **options: Unpack[Options],
) -> Path:
    """Write an animation and return its path: one frame for each layer, the picture of `plot_tokens`.

    Parameters
    ----------
    trajectory : Trajectory
        With tokens of dimension 2.
    path : path
        Ends in .gif, or in .mp4 where ffmpeg is installed.
    seconds_per_frame : float
        How long each frame is shown.
    words, decoder, title, mean, trails, shading, start_white, limits
        As for `plot_tokens`.

    Raises
    ------
    InputError
        As for `plot_tokens`; when `path` has another ending or cannot be written; when an MP4 is
        asked for and there is no ffmpeg.

    Examples
    --------
    >>> from hardmax.dynamics import preset, simulate
    >>> path = animate_tokens(simulate(preset("square"), layers=2), getfixture("tmp_path") / "square.gif")
    >>> path.name
    'square.gif'
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in (".gif", ".mp4"):
        raise InputError(f"cannot write an animation as {path}: give it the ending .gif or .mp4")
    if not 0.01 <= seconds_per_frame <= 600:
        raise InputError(f"seconds_per_frame is {seconds_per_frame}; give a number from 0.01 to 600")
    if kind == ".mp4":
        _ffmpeg()  # when it is missing, nothing is drawn in vain
    scene = Scene(square_axes(), trajectory, trajectory.layers, **options)
    frames = list(draw_frames(scene))
    with replacing(path) as temporary:
        if kind == ".gif":
            _write_gif(temporary, frames, seconds_per_frame, scene.rgb)
        else:
            _write_mp4(temporary, frames, seconds_per_frame)
    return path


def draw_frames(scene: Scene) -> Iterator[Frame]:
    """Yield a frame for each layer, (height, width, 4) each; what does not move is drawn once."""
    figure = scene.ax.figure.canvas.figure
    figure.set_dpi(_DPI)
    canvas: Any = FigureCanvasAgg(figure)
    for artist in scene.moving:
        artist.set_animated(True)
    canvas.draw()
    still = canvas.copy_from_bbox(figure.bbox)
    for layer in range(scene.trajectory.layers + 1):
        canvas.restore_region(still)
        scene.show(layer)
        for artist in scene.moving:
            scene.ax.draw_artist(artist)
        yield np.array(canvas.buffer_rgba())


def _write_gif(path: Path, frames: list[Frame], seconds_per_frame: float, rgb: NDArray[np.float64]) -> None:
    colours = _shared_palette(frames, rgb)
    first, *others = pictures = [Image.fromarray(numbers) for numbers in _numbered(frames, colours)]
    for picture in pictures:
        picture.putpalette(colours.tobytes())
    duration = round(1000 * seconds_per_frame)
    first.save(path, save_all=True, append_images=others, duration=duration, loop=0, optimize=False)


def _shared_palette(frames: list[Frame], rgb: NDArray[np.float64]) -> Frame:
    """Return 256 colours for all frames, so that none flickers; white, black and the tokens' are exact."""
    exact = np.round(255 * np.vstack([np.ones(3), np.zeros(3), rgb[:100]])).astype(np.uint8)
    sample = Image.fromarray(np.concatenate([frame[::4, ::4, :3] for frame in frames]))
    others = sample.quantize(256 - len(exact), dither=Image.Dither.NONE).getpalette() or []
    return np.vstack([exact, np.array(others, dtype=np.uint8).reshape(-1, 3)])


def _numbered(frames: list[Frame], colours: Frame) -> Iterator[Frame]:
    """Yield the number of the nearest colour for each pixel, (height, width) for each frame.

    Pillow's own search uses a coarse grid of colours and misses exact ones. Here each colour that
    occurs is looked up once, and after the first frame only the pixels that change are.
    """
    packed = [frame.view("<u4")[..., 0] & 0xFFFFFF for frame in frames]
    changed = [np.ones(packed[0].shape, dtype=bool)]
    changed += [now != before for before, now in pairwise(packed)]
    occurs = np.zeros(1 << 24, dtype=bool)
    for frame, where in zip(packed, changed, strict=True):
        occurs[frame[where]] = True
    found = np.flatnonzero(occurs)
    pixels = np.stack([found & 255, found >> 8 & 255, found >> 16], axis=1).astype(np.float32)
    wanted = colours.astype(np.float32)
    number = np.empty(1 << 24, dtype=np.uint8)
    number[found] = ((wanted**2).sum(axis=1) - 2 * pixels @ wanted.T).argmin(axis=1)
    numbers = np.empty(packed[0].shape, dtype=np.uint8)
    for frame, where in zip(packed, changed, strict=True):
        numbers[where] = number[frame[where]]
        yield numbers.copy()


def _write_mp4(path: Path, frames: list[Frame], seconds_per_frame: float) -> None:
    height, width, _ = frames[0].shape
    command = [_ffmpeg(), "-y", "-loglevel", "error", "-f", "rawvideo", "-pixel_format", "rgba"]
    command += ["-video_size", f"{width}x{height}", "-framerate", f"{1 / seconds_per_frame:.9g}", "-i", "-"]
    command += ["-r", str(_MP4_RATE), "-pix_fmt", "yuv420p", "-fflags", "+bitexact", str(path)]
    done = subprocess.run(command, input=np.concatenate(frames).tobytes(), capture_output=True, check=False)
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise InputError(f"ffmpeg could not write the animation: {lines[-1]}; try a .gif")


def _ffmpeg() -> str:
    found = shutil.which("ffmpeg")
    if found is not None:
        return found
    try:
        import imageio_ffmpeg
    except ModuleNotFoundError:
        raise InputError(
            "an .mp4 needs ffmpeg: install it (or pip install imageio-ffmpeg), or write a .gif"
        ) from None
    return str(imageio_ffmpeg.get_ffmpeg_exe())
