"""The command line in environments that are wrong, and with streams that are closed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_figures_are_drawn_whatever_backend_is_set(process: Run, home: Path, tmp_path: Path) -> None:
    wrong = {"MPLBACKEND": "module://no.such.backend", "MATPLOTLIBRC": str(tmp_path / "nowhere")}
    options = ["--text", "A wonderful film, a dull plot", "--plot", tmp_path / "plot.png"]
    done = process("explain", home / "run", *options, env=os.environ | wrong)
    assert done.returncode == 0 and done.stderr == "", done
    assert (tmp_path / "plot.png").stat().st_size > 1000


@pytest.mark.parametrize(("name", "value"), [("NUMBA_DISABLE_JIT", "1"), ("NUMBA_NUM_THREADS", "0")])
def test_numba_that_cannot_work_is_said_in_one_line(process: Run, home: Path, name: str, value: str) -> None:
    done = process("explain", home / "run", "--text", "film", env=os.environ | {name: value})
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("hardmax: ") and done.stderr.count("\n") == 1


def test_closed_streams_are_no_traceback(home: Path) -> None:
    command = f'"{sys.executable}" -m hardmax explain "{home / "run"}" --text film'
    for closed, status in ((">&-", 0), ("2>&-", 0), ("<&- >&- 2>&-", 0)):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{command} {closed}"], capture_output=True, text=True, timeout=120
        )
        assert done.returncode == status and "Traceback" not in done.stderr, (closed, done)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_modules_are_loaded_is_status_130(home: Path, number: signal.Signals) -> None:
    for seconds in (0.2, 0.9):
        line = [sys.executable, "-m", "hardmax", "explain", str(home / "run"), "--text", "film"]
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            time.sleep(seconds)
            child.send_signal(number)
            _, err = child.communicate(timeout=60)
        assert (child.returncode, err) in ((130, "hardmax: stopped\n"), (130, ""), (0, ""))
