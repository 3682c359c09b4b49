"""The errors that a user can cause; each message is one line that says what to do."""

#: For each module that may be missing: its package, and the extra of hardmax that installs it.
_BROUGHT_BY = {
    "matplotlib": ("matplotlib", "plots"),
    "PIL": ("pillow", "plots"),
    "sklearn": ("scikit-learn", "sentiment"),
    "nltk": ("nltk", "paper"),
    "typer": ("typer", "cli"),
    "rich": ("rich", "cli"),
    "jinja2": ("jinja2", "reports"),
    "vaderSentiment": ("vaderSentiment", "study"),
    **{name: (name, "sentiment") for name in ("torch", "safetensors", "pandas", "pyarrow", "pooch")},
    **{name: (name, "sentiment") for name in ("requests", "joblib", "tqdm", "filelock")},
}


#: Characters of a message; what names a longer value leaves out its middle, and still says what to do.
_LONGEST = 1000


def one_line(message: object) -> str:
    r"""Return a message as one line of printable characters, the middle of a long one left out.

    Examples
    --------
    >>> print(one_line("there is no folder \x1b[31mred\n"))
    there is no folder \x1b[31mred
    """
    return _shortened(printable(" ".join(_shortened(str(message)).split())))


def printable(text: str) -> str:
    r"""Return `text` with the characters that would steer a terminal, or cannot be seen, as escapes.

    Examples
    --------
    >>> print(printable("naïve\x1b[2J"))
    naïve\x1b[2J
    """
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _shortened(text: str) -> str:
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} … {text[-half:]}"


class InputError(ValueError):
    """The user's input is wrong; the message names the bad value, where it is, and what to do.

    The message is one printable line, whatever it quotes. The command line prints it alone and exits with
    status 2.
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(one_line(message))


class MissingExtraError(ImportError):
    """A part of hardmax needs a package that is not installed; the message says how to install it.

    Parameters
    ----------
    module : str
        The module that could not be imported, such as ``sklearn`` or ``torch.nn``.
    """

    def __init__(self, module: str) -> None:
        name = module.partition(".")[0]
        package, extra = _BROUGHT_BY.get(name, (name, "all"))
        super().__init__(one_line(f"{package} is not installed; get it with: pip install 'hardmax[{extra}]'"))
