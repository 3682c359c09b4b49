import subprocess
import sys

import pytest


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_importing_the_package_does_not_load_matplotlib():
    done = run("import sys, hardmax.plots; sys.exit('matplotlib' in sys.modules)")
    assert done.returncode == 0, done.stderr


def test_drawing_loads_neither_pyplot_nor_the_experiments():
    code = "import sys; from hardmax.plots import *\n"
    done = run(code + "sys.exit(bool({'matplotlib.pyplot', 'hardmax.experiments'} & set(sys.modules)))")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["animate_tokens", "plot_tokens", "plot_losses"])
@pytest.mark.parametrize(("module", "package"), [("matplotlib", "matplotlib"), ("PIL", "pillow")])
def test_a_missing_package_is_named_with_the_command_that_installs_it(module, package, name):
    done = run(f"import sys; sys.modules['{module}'] = None\nfrom hardmax.plots import {name}")
    error = f"MissingExtraError: {package} is not installed; get it with: pip install 'hardmax[plots]'"
    assert done.stderr.strip().splitlines()[-1] == f"hardmax.errors.{error}"
