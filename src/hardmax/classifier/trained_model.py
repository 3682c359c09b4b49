"""`TextModel`: a trained model together with its words, in a folder and out of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from hardmax.errors import InputError
from hardmax._support.files import output_folder, read_json, replacing, write_json
from hardmax.text.bags import Corpus
from hardmax.data.sources import Reviews, documents_of
from hardmax.explain.explanation import Explanation, explain_document, probabilities_of
from hardmax.network.network import SentimentModel
from hardmax.training.settings import Settings
from hardmax.text.pipelines import words_of
from hardmax.training.loop import evaluate, logits
from hardmax.text.vocabulary import Vocabulary

_FORMAT = 3  # of the files below; 1 had no settings for reading pairs, 2 none for function words in them
#: What a label may be that JSON gives back as it is.
_LABELS = (str, int, float, bool)
#: The files of a model in its folder.
WEIGHTS, CONFIG, VOCABULARY = "model.safetensors", "config.json", "vocabulary.txt"


@dataclass(frozen=True, eq=False)
class TextModel:
    """Text in, probability out, with everything between in sight.

    Attributes
    ----------
    model : SentimentModel
        The network.
    vocabulary : Vocabulary
        The words that it knows.
    settings : Settings
        How it was trained and reads texts.
    classes : tuple
        The labels, numbers or text.
    """

    model: SentimentModel
    vocabulary: Vocabulary
    settings: Settings
    classes: tuple[Any, ...] = (0, 1)

    @classmethod
    def start(
        cls, vocabulary: Vocabulary, settings: Settings, classes: tuple[Any, ...] = (0, 1)
    ) -> TextModel:
        """Give a model before its training."""
        outputs = 1 if len(classes) == 2 else len(classes)
        return cls(SentimentModel(len(vocabulary), settings, outputs), vocabulary, settings, classes)

    def corpus(self, reviews: Reviews, processes: int = 1) -> Corpus:
        """Read reviews as the model reads them."""
        documents = documents_of(reviews, self.settings.pipeline, processes)
        return Corpus.build(documents, reviews.labels, self.vocabulary, self.settings)

    def logits(self, texts: Sequence[str], processes: int = 1) -> npt.NDArray[np.float64]:
        """Give the logits of each text, (S, 1) of two classes, else (S, C)."""
        documents = words_of(texts, self.settings.pipeline, processes)
        corpus = Corpus.build(documents, np.zeros(len(documents)), self.vocabulary, self.settings)
        return logits(self.model, corpus).double().numpy()

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Give the probability that each text is positive, (S,); of more classes that of each, (S, C)."""
        found = probabilities_of(self.logits(texts))
        return found[:, 1] if len(self.classes) == 2 else found

    def evaluate(self, reviews: Reviews, processes: int = 1) -> dict[str, float | int]:
        """Give accuracy, mean loss and number of `reviews`.

        Raises
        ------
        InputError
            When there is no review.
        """
        if len(reviews) == 0:
            raise InputError("there is no review to evaluate; give at least one")
        reviews = reviews.named_as(self.classes)
        loss, accuracy = evaluate(self.model, self.corpus(reviews, processes))
        return {"accuracy": accuracy, "loss": loss, "n": len(reviews)}

    def explain(self, text: str) -> Explanation:
        """Follow the words of `text` through the layers to the decision.

        Raises
        ------
        InputError
            When the model knows none of its words.
        """
        words = words_of([text], self.settings.pipeline)[0]
        return explain_document(words, self.model, self.vocabulary, self.settings, self.classes)

    def save(self, folder: str | os.PathLike[str], about: dict[str, Any] | None = None) -> None:
        """Write the model to `folder`: safetensors, JSON and plain text, no code.

        Raises
        ------
        InputError
            When a label is one that JSON does not give back as it is, or the folder cannot be written.
        """
        for label in self.classes:
            if type(label) not in _LABELS:
                raise InputError(
                    f"the label {label!r} is no str, int, float or bool, and would not come back as it is; "
                    "train with such labels to save the model"
                )
        folder = output_folder(folder)
        self.vocabulary.save(folder / VOCABULARY)
        self.save_settings(folder, about)
        with replacing(folder / WEIGHTS) as temporary:
            temporary.write_bytes(save(self.model.stored()))

    def save_settings(self, folder: str | os.PathLike[str], about: dict[str, Any] | None = None) -> None:
        """Write the settings alone, as those of a training whose model is not there yet."""
        config = {"format": _FORMAT, "classes": list(self.classes), "settings": self.settings.to_dict()}
        write_json(Path(folder) / CONFIG, config | (about or {}))

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> TextModel:
        """Read a model that `save` wrote.

        Raises
        ------
        InputError
            When a file is missing, cut off, or does not fit the others.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise InputError(f"there is no folder {folder}; give the folder that a training wrote")
        if not (folder / WEIGHTS).exists():
            raise InputError(
                f"{folder} holds no {WEIGHTS}; finish the training first, with --resume if it was stopped"
            )
        config = read_json(folder / CONFIG)
        try:
            if config.get("format", _FORMAT) != _FORMAT:
                raise InputError(
                    f"{folder} holds a model of format {config['format']}, and this version reads "
                    f"{_FORMAT}; train it again"
                )
            settings = Settings.from_dict(config["settings"], source=str(folder / CONFIG))
            classes = tuple(config.get("classes", (0, 1)))
            if any(type(label) not in _LABELS for label in classes) or len(set(classes)) < max(
                len(classes), 2
            ):
                raise TypeError  # said below
        except (KeyError, TypeError, AttributeError):
            raise InputError(
                f"{folder / CONFIG} holds no settings, or no two or more different classes; is it the "
                "config.json of a model?"
            ) from None
        loaded = cls.start(Vocabulary.load(folder / VOCABULARY), settings, classes)
        try:
            weights = load_file(folder / WEIGHTS)
            loaded.model.restore(weights)
        except (SafetensorError, OSError) as error:
            raise InputError(f"{folder / WEIGHTS} is cut off, or holds no weights ({error})") from error
        except (RuntimeError, IndexError, TypeError) as error:
            reason = " ".join(str(error).split())
            raise InputError(
                f"{WEIGHTS} does not fit {CONFIG} and {VOCABULARY} in {folder}; is one of them cut off, "
                f"or of another model? ({reason})"
            ) from error
        wrong = [name for name, value in weights.items() if not value.isfinite().all()]
        if loaded.model.attention.alpha < 0:
            wrong.append("attention.alpha")
        if wrong:
            raise InputError(
                f"{folder / WEIGHTS}: {wrong[0]} is not finite, or negative; train the model again"
            )
        return loaded
