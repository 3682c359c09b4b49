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


class InputError(ValueError):
    """The user's input is wrong; the message names the bad value, where it is, and what to do.

    The command line prints the message alone and exits with status 2.
    """


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
        super().__init__(f"{package} is not installed; get it with: pip install 'hardmax[{extra}]'")
