import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from hardmax.dynamics import Hardmax, simulate
from hardmax.errors import InputError
from hardmax.plots import palette, plot_tokens, save_figure, save_figures

# Normal sight, protanopia and deuteranopia on linear RGB: Machado, Oliveira and Fernandes (2009).
SIGHTS = (
    np.eye(3),
    np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
)
TO_CONES = np.array(
    [
        [0.41222147, 0.53633254, 0.05144599],
        [0.21190350, 0.68069955, 0.10739696],
        [0.08830246, 0.28171884, 0.62997870],
    ]
)
TO_OKLAB = np.array(
    [
        [0.21045426, 0.79361779, -0.00407205],
        [1.97799850, -2.42859221, 0.45059371],
        [0.02590404, 0.78277177, -0.80867577],
    ]
)


def distances(grid, colour):
    """The distance of each colour of the grid to `colour`, the least over all sights."""
    return np.min([np.linalg.norm(oklab(grid, s) - oklab(colour[None], s), axis=1) for s in SIGHTS], axis=0)


def oklab(rgb, sight=SIGHTS[0]):
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ sight.T, 0.0, 1.0)
    return np.asarray(np.cbrt(linear @ TO_CONES.T) @ TO_OKLAB.T)


def figure():
    trajectory = simulate([[1.0, 0.0], [-1.0, 0.5], [0.2, 0.1]], Hardmax(alpha=0.5), layers=1)
    return plot_tokens(
        trajectory, words=["one", "two", "three"], decoder=([1.0, 1.0], 0.0), trails=True
    ).figure


def test_the_same_figure_has_the_same_bytes(tmp_path):
    for ending in ("pdf", "png", "svg"):
        first, second = (save_figure(figure(), tmp_path / f"{name}.{ending}").read_bytes() for name in "ab")
        assert first == second


def test_a_pdf_embeds_truetype_fonts_and_no_date(tmp_path):
    (pdf,) = save_figures(figure(), tmp_path / "name.with.dots", formats=["pdf"])
    assert pdf.name == "name.with.dots.pdf"
    content = pdf.read_bytes()
    assert b"/FontFile2" in content and b"/Type3" not in content and b"CreationDate" not in content


def test_saving_changes_no_global_settings(tmp_path):
    before = dict(matplotlib.rcParams)
    save_figures(figure(), tmp_path / "a")
    assert dict(matplotlib.rcParams) == before


def test_an_unknown_ending_or_folder_is_refused_in_one_line(tmp_path):
    for name in ("a.xyz", "a"):
        with pytest.raises(InputError, match="one of the endings"):
            save_figure(figure(), tmp_path / name)
    with pytest.raises(InputError, match="cannot write"):
        save_figure(figure(), tmp_path / "missing" / "a.png")


def test_a_longer_palette_begins_with_the_shorter_one():
    assert (palette(200)[:7] == palette(7)).all()
    assert len(np.unique(palette(90), axis=0)) == 90
    assert tuple(palette(1)[0]) == to_rgb("#0072b2")


def test_each_further_colour_is_the_farthest_from_all_before_it_for_all_eyes():
    steps = np.linspace(0.0, 1.0, 9)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    lightness = oklab(grid)[:, 0]
    grid = grid[(lightness > 0.35) & (lightness < 0.88)]
    colours = palette(98)
    before = np.vstack([np.zeros((1, 3)), np.ones((1, 3)), colours[:7]])
    far = np.min([distances(grid, colour) for colour in before], axis=0)
    for colour in colours[7:]:
        (place,) = np.flatnonzero((grid == colour).all(axis=1))
        assert far[place] >= far.max() - 1e-9
        far = np.minimum(far, distances(grid, colour))
