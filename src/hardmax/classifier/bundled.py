"""The bundled models: trained, and part of the package."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from hardmax.errors import InputError

if TYPE_CHECKING:
    from hardmax.classifier.estimator import HardmaxClassifier

_FOLDER = Path(__file__).parent / "models"
#: The file of a bundled model that says what it is made of and how good it is.
CARD = "card.md"


def bundled_models() -> tuple[str, ...]:
    """Return the names of the bundled models.

    Examples
    --------
    >>> bundled_models()
    ('imdb-d16', 'imdb-d2')
    """
    return tuple(sorted(folder.name for folder in _FOLDER.iterdir() if (folder / CARD).exists()))


def model_folder(model: str | os.PathLike[str]) -> Path:
    """Find the folder of a trained model: a folder of this path, or the bundled model of this name.

    Examples
    --------
    >>> model_folder("imdb-d2").name
    'imdb-d2'
    """
    if os.path.exists(model):  # noqa: PTH110 - Path raises for a name that is too long
        return Path(model)
    if str(model) in bundled_models():
        return _FOLDER / str(model)
    raise InputError(
        f"there is no folder {model}, and no bundled model has this name; give the folder that a training "
        f"run wrote, or one of {', '.join(bundled_models())}"
    )


def load(model: str | os.PathLike[str]) -> "HardmaxClassifier":
    """Load a bundled model, or one from the folder of a training run.

    Parameters
    ----------
    model : str or path
        ``imdb-d2``, whose decisions can be seen in the plane; ``imdb-d16``, which predicts better; or a
        folder.

    Returns
    -------
    HardmaxClassifier
        Ready to predict and to explain.

    Raises
    ------
    InputError
        When there is no such model.

    Examples
    --------
    >>> classifier = load("imdb-d2")
    >>> classifier.predict(["A wonderful film.", "What a waste of time!"])
    array([1, 0])
    >>> explanation = classifier.explain("The plot is awful, but the music is wonderful.")
    >>> len(explanation.leaders) <= 4 < len(explanation.tokens)
    True
    """
    from hardmax.classifier import HardmaxClassifier  # says what to install where something is missing

    return HardmaxClassifier.load(model_folder(model))
