"""What all figures share: colours, markers, sizes, new axes and saving."""

import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from hardmax._support.files import replacing
from hardmax.errors import InputError

COLUMN = 3.4  # inches, the width of a column of a journal
TEXT = 8.0  # points
SMALL = 7.0
INK = "#1a1a1a"
THIN = "#9a9a9a"
HOLLOW: dict[str, Any] = {"markersize": 4.5, "markerfacecolor": "none", "markeredgewidth": 0.9}
_LONGEST = 20  # letters

GREEN = "#009e73"
RED = "#d55e00"
# Vermillion and bluish green differ for red-green blind eyes too; pale, so that tokens stand out.
HALF_PLANES = LinearSegmentedColormap.from_list("hardmax_half_planes", ["#f2a58f", "#ffffff", "#86cfb9"])

# Okabe and Ito (2008) without black, the colour of the mean token.
_OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
# Orange, green and vermillion: on the shaded half-planes they look like a side.
_LIKE_HALF_PLANES = (1, 2, 5)
_MARKERS = ("o", "s", "D", "P", "X", "p", "H")

# Further colours, in eighths of red, green and blue. Each is the farthest from all before it and from black
# and white, for normal, red-blind and green-blind eyes; a test computes them.
_FURTHER = """
    400 304 008 376 333 348 006 520 312 464 078 324 474 237 258 244 466 741 532 326 322 123 860 705 225
    256 184 346 403 501 205 814 637 007 045 823 753 613 338 232 667 655 468 227 577 542 665 234 530 472
    228 847 863 255 675 646 648 866 263 543 706 768 436 732 362 773 347 647 441 425 522 316 554 663 535
    267 842 220 524 380 321 556 131 335 703 661 552 558 611 733 473
""".split()  # noqa: SIM905


def palette(n: int, on_half_planes: bool = False) -> NDArray[np.float64]:
    """Return `n` colours that differ for normal and for red-green blind eyes, (n, 3), from 0 to 1.

    The first seven are those of Okabe and Ito. Each further one is the colour farthest from all
    before it, so a longer palette begins with the shorter one. After 98 they repeat.

    Parameters
    ----------
    n : int
        How many colours.
    on_half_planes : bool
        Whether the colours that look like the shaded half-planes come last.

    Examples
    --------
    >>> palette(40).shape
    (40, 3)
    >>> bool((palette(3) == palette(40)[:3]).all())
    True
    """
    further = [[int(digit) / 8 for digit in colour] for colour in _FURTHER]
    pool = np.array([*map(matplotlib.colors.to_rgb, _OKABE_ITO), *further])
    if on_half_planes:
        pool = np.vstack([np.delete(pool, _LIKE_HALF_PLANES, axis=0), pool[list(_LIKE_HALF_PLANES)]])
    return pool[np.arange(n) % len(pool)]


def marker_of(colour: int) -> str:
    """Return the marker that goes with a colour's number: a second code where there are many colours."""
    return _MARKERS[colour // len(_OKABE_ITO) % len(_MARKERS)]


def shorten(word: str) -> str:
    """Return `word` cut to at most 20 letters."""
    return word if len(word) <= _LONGEST else f"{word[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def new_axes(width: float = COLUMN, height: float = COLUMN) -> Axes:
    """Return the Axes of a new figure that pyplot does not know; sizes in inches."""
    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def finish(ax: Axes, x: str, y: str) -> None:
    """Name both axes, make all their text small, and leave out the frame above and on the right."""
    ax.set_xlabel(x, fontsize=TEXT)
    ax.set_ylabel(y, fontsize=TEXT)
    ax.tick_params(labelsize=SMALL, which="both")
    ax.spines[["top", "right"]].set_visible(False)


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Save a figure and return its path; the same figure has the same bytes whenever it is saved.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to save.
    path : path
        The ending chooses the format: .pdf and .svg are vector graphics, .png has 300 dpi.

    Raises
    ------
    InputError
        When matplotlib cannot write files with this ending, or this file cannot be written.

    Examples
    --------
    >>> from hardmax.plots.style import new_axes
    >>> ax = new_axes()
    >>> save_figure(ax.figure, getfixture("tmp_path") / "empty.png").name
    'empty.png'
    """
    path = Path(path)
    suffix = path.suffix.lower().lstrip(".")
    known = sorted(figure.canvas.get_supported_filetypes())
    if suffix not in known:
        raise InputError(f"cannot save a figure as {path}: give it one of the endings {', '.join(known)}")
    dates: dict[str, Any] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {"Software": None}}
    fonts: dict[Any, Any] = {"pdf.fonttype": 42, "ps.fonttype": 42, "svg.hashsalt": "hardmax"}
    content = io.BytesIO()  # into a file matplotlib writes in pieces, and a full disk ends it in its own ways
    with replacing(path) as temporary, matplotlib.rc_context(fonts):
        figure.savefig(content, format=suffix, dpi=300, metadata=dates.get(suffix))
        temporary.write_bytes(content.getvalue())
    return path


def save_figures(
    figure: Figure, stem: str | os.PathLike[str], formats: Iterable[str] = ("pdf", "png")
) -> list[Path]:
    """Save a figure as `stem`.pdf, `stem`.png and so on, each by `save_figure`, and return the paths.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to save.
    stem : path
        The path of the files without the ending.
    formats : iterable of str
        Endings without the dot.

    Examples
    --------
    >>> from hardmax.plots.style import new_axes
    >>> [path.name for path in save_figures(new_axes().figure, getfixture("tmp_path") / "empty")]
    ['empty.pdf', 'empty.png']
    """
    stem = Path(stem)
    return [save_figure(figure, stem.with_name(f"{stem.name}.{ending}")) for ending in formats]
