"""Loading the public names of a package when they are first used."""

from collections.abc import Callable

import lazy_loader

from hardmax.errors import MissingExtraError


def attach(package: str, file: str) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` for a package whose names stand in its ``.pyi`` file.

    A name whose module needs a package that is not installed raises `MissingExtraError`.
    """
    load, names, public = lazy_loader.attach_stub(package, file)

    def load_or_say_why(name: str) -> object:
        try:
            return load(name)
        except ModuleNotFoundError as error:
            missing = error.name or name
            if missing.partition(".")[0] == "hardmax":
                raise
            raise MissingExtraError(missing) from error

    return load_or_say_why, names, public
