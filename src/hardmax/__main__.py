"""``hardmax`` and ``python -m hardmax``: the command line as a process.

It can be stopped from its first moment, so nothing that takes time is imported before signals are handled.
"""

import os
import signal
import sys
from types import FrameType

_STOPPED = 130  # what shells give for Ctrl-C
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM")  # Windows has the first two
_STOPPING = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
#: Functions that an exception must not end: torch aborts when its import does; the others swallow it.
_UNDISTURBED = ("<module>", "__del__", "_raw_object_cache_notify")


def main() -> None:
    """Run the command line, whatever its streams, its environment and the signals that it gets."""
    for number in _STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # which nohup sets
            signal.signal(number, _stop)
    try:
        _prepare()
        from hardmax.cli.app import main

        main()
    except KeyboardInterrupt:  # before or after what `main` handles
        sys.exit(_STOPPED)
    finally:  # nothing is left that a signal could stop
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)


def _stop(_: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, as soon as it disturbs nothing."""
    while frame is not None and hasattr(signal, "setitimer"):
        if frame.f_code.co_name in _UNDISTURBED and frame.f_globals.get("__name__") != "__main__":
            signal.setitimer(signal.ITIMER_REAL, 0.05)  # which calls `_stop` again
            return
        frame = frame.f_back
    raise KeyboardInterrupt


def _prepare() -> None:
    """Open the streams that the shell closed; let no library warn users, nor draw other than in files."""
    import logging
    import warnings
    from pathlib import Path

    for name in ("stdin", "stdout", "stderr"):  # None where the shell closed it
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w"))  # noqa: SIM115
    warnings.simplefilter("ignore")
    logging.getLogger().setLevel(logging.ERROR)
    logging.getLogger("hardmax").setLevel(logging.WARNING)
    os.environ |= {"MPLBACKEND": "agg", "MATPLOTLIBRC": os.devnull}


if __name__ == "__main__":
    main()
