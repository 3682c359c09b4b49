"""``hardmax`` and ``python -m hardmax``: the command line as a process.

It can be stopped from its first moment, so nothing that takes time is imported before signals are handled.
"""

import os
import signal
import sys
from types import FrameType

_STOPPED = 130  # what shells give for Ctrl-C


def main() -> None:
    """Run the command line, whatever its streams, its environment and the signals that it gets."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    handled = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]  # as nohup sets
    for number in handled:
        signal.signal(number, _stop)
    try:
        _prepare()
        from hardmax.cli.app import main

        main()
    except KeyboardInterrupt:  # before or after what `main` handles
        sys.exit(_STOPPED)
    finally:  # no traceback of what Python does at its end
        for number in handled:
            signal.signal(number, signal.SIG_DFL)


def _stop(_: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; but exit while a module is imported, because torch aborts when interrupted."""
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") != "__main__":
            os._exit(_STOPPED)
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
    logging.disable()
    os.environ |= {"MPLBACKEND": "agg", "MATPLOTLIBRC": os.devnull}


if __name__ == "__main__":
    main()
