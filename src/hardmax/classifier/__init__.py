"""Reading reviews, training the classifier of the paper, and seeing why it decides.

torch, pandas and scikit-learn are loaded at the first use of a name that needs them, not when this
package is imported.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hardmax.errors import MissingExtraError

if TYPE_CHECKING:
    from hardmax.network.attention import HardmaxAttention
    from hardmax.data.sources import Reviews, read_reviews
    from hardmax.classifier.estimator import HardmaxClassifier
    from hardmax.explain.explanation import Explanation
    from hardmax.training.history import History
    from hardmax.network.network import SentimentModel
    from hardmax.classifier.runs import prepare, train_run
    from hardmax.data.sample import sample_reviews
    from hardmax.training.settings import PRESETS, Settings
    from hardmax.classifier.bundled import load, shipped_models
    from hardmax.text.pipelines import PIPELINES, words_of
    from hardmax.classifier.trained_model import TextModel
    from hardmax.text.vocabulary import Vocabulary

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
