import subprocess
import sys

import matplotlib
import pytest

import hardmax.plots
from hardmax.dynamics import Hardmax, simulate
from hardmax.errors import InputError
from hardmax.plots import plot_tokens, save_figure, save_figures


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


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_importing_the_package_does_not_load_matplotlib():
    done = run("import sys, hardmax.plots; sys.exit('matplotlib' in sys.modules)")
    assert done.returncode == 0, done.stderr


def test_drawing_loads_no_pyplot():
    done = run("import sys; from hardmax.plots import *; sys.exit('matplotlib.pyplot' in sys.modules)")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("module", "package"), [("matplotlib", "matplotlib"), ("PIL", "pillow")])
def test_a_missing_package_is_named_with_its_extra(module, package):
    code = f"import sys; sys.modules['{module}'] = None\nfrom hardmax.plots import animate_tokens"
    last = run(code).stderr.strip().splitlines()[-1]
    assert last.endswith(f"{package} is not installed; get it with: pip install 'hardmax[plots]'")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'plot_nothing'"):
        hardmax.plots.plot_nothing  # noqa: B018


def test_every_public_name_can_be_had():
    assert all(callable(getattr(hardmax.plots, name)) for name in hardmax.plots.__all__)
