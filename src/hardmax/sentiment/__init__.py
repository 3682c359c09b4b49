"""Reading reviews, training the classifier of the paper, and seeing why it decides.

torch, pandas and scikit-learn are loaded at the first use of a name that needs them, not when this
package is imported.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hardmax.errors import MissingExtraError

if TYPE_CHECKING:
    from hardmax.sentiment.attention import HardmaxAttention
    from hardmax.sentiment.data import Reviews, read_reviews
    from hardmax.sentiment.estimator import HardmaxClassifier
    from hardmax.sentiment.explain import Explanation
    from hardmax.sentiment.history import History
    from hardmax.sentiment.model import SentimentModel
    from hardmax.sentiment.run import prepare, train_run
    from hardmax.sentiment.sample import sample_reviews
    from hardmax.sentiment.settings import PRESETS, Settings
    from hardmax.sentiment.shipped import load, shipped_models
    from hardmax.sentiment.text import PIPELINES, words_of
    from hardmax.sentiment.text_model import TextModel
    from hardmax.sentiment.vocabulary import Vocabulary

__all__ = [
    "PIPELINES",
    "PRESETS",
    "Explanation",
    "HardmaxAttention",
    "HardmaxClassifier",
    "History",
    "Reviews",
    "SentimentModel",
    "Settings",
    "TextModel",
    "Vocabulary",
    "load",
    "prepare",
    "read_reviews",
    "sample_reviews",
    "shipped_models",
    "train_run",
    "words_of",
]

_ROOM_OF = {
    "PIPELINES": "text",
    "PRESETS": "settings",
    "Explanation": "explain",
    "HardmaxAttention": "attention",
    "HardmaxClassifier": "estimator",
    "History": "history",
    "Reviews": "data",
    "SentimentModel": "model",
    "Settings": "settings",
    "TextModel": "text_model",
    "Vocabulary": "vocabulary",
    "load": "shipped",
    "prepare": "run",
    "read_reviews": "data",
    "sample_reviews": "sample",
    "shipped_models": "shipped",
    "train_run": "run",
    "words_of": "text",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        room = importlib.import_module(f"{__name__}.{_ROOM_OF[name]}")
    except ModuleNotFoundError as error:
        raise MissingExtraError(error.name or "torch", "sentiment") from error
    return getattr(room, name)


def __dir__() -> list[str]:
    return __all__
