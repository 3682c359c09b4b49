"""Starting processes that share the work."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def starting_processes() -> Iterator[None]:
    """Let processes that are started inside the block not hear Ctrl-C: the one that starts them ends them."""
    if threading.current_thread() is not threading.main_thread():  # which alone may say so
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited by processes, unlike other handlers
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
