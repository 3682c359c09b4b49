"""Starting processes that share the work."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def starting_processes() -> Iterator[None]:
    """Let no process that is started inside the block hear Ctrl-C: the one that starts them ends them."""
    if threading.current_thread() is not threading.main_thread():  # which alone may set handlers
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _STOPPING}  # which is inherited
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)  # None where it was not set in Python
