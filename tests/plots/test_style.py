import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from hardmax.dynamics import Hardmax, simulate
from hardmax.errors import InputError
from hardmax.plots import palette, plot_tokens, save_figure, save_figures


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
