"""The errors that a user can cause, each said in one line that tells what to do."""

from __future__ import annotations


class InputError(ValueError):
    """The user's input is wrong; the message names the bad value, where it is, and what to do.

    The command line prints the message alone and exits with status 2.
    """


class MissingExtraError(ImportError):
    """A part of hardmax needs a package that is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed; get it with: pip install 'hardmax[{extra}]'")
