"""`TrainedModel`: a trained network together with its vocabulary, in a folder and out of it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from hardmax._support.files import output_folder, read_json, replacing, write_json
from hardmax.data.reviews import Reviews, Texts
from hardmax.errors import InputError
from hardmax.explain.explanation import Explanation, explain_document
from hardmax.network.loss import score
from hardmax.network.network import HardmaxNetwork
from hardmax.network.predict import logits_of, probabilities_of
from hardmax.text.bags import Bags
from hardmax.text.pipelines import words_of
from hardmax.text.vocabulary import Vocabulary
from hardmax.training.loop import Outcome
from hardmax.training.prepare import documents_of
from hardmax.training.settings import Settings

#: Of the files below; a new one only where the default of a new setting would change how an old model reads.
_FORMAT = 3
#: Settings of earlier versions, which took no part in a training run where they were 0.
_WITHDRAWN = ("cooling", "averaging", "weight_decay")
#: The types of labels that JSON gives back as they are.
_LABELS = (str, int, float, bool)
#: The files of a model in its folder.
WEIGHTS, CONFIG, VOCABULARY = "model.safetensors", "config.json", "vocabulary.txt"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """Text in, probability out, with everything between in sight.

    Attributes
    ----------
    network : HardmaxNetwork
        The network.
    vocabulary : Vocabulary
        The tokens that it knows.
    settings : Settings
        How it was trained and reads texts.
    classes : tuple
        The labels, numbers or text.
    about : dict
        What else ``config.json`` holds, such as the columns of the training data.
    outcome : Outcome, optional
        How its training ended; None for a loaded model.
    """

    network: HardmaxNetwork
    vocabulary: Vocabulary
    settings: Settings
    classes: tuple[Any, ...] = (0, 1)
    about: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome | None = None

    @classmethod
    def start(
        cls, vocabulary: Vocabulary, settings: Settings, classes: tuple[Any, ...] = (0, 1)
    ) -> "TrainedModel":
        """Return the model before its training."""
        outputs = 1 if len(classes) == 2 else len(classes)
        network = HardmaxNetwork(len(vocabulary), settings.shape, outputs, settings.training.seed)
        return cls(network, vocabulary, settings, classes)

    def bags(self, texts: Sequence[str] | Texts | Reviews, processes: int = 1) -> Bags:
        """Read texts as the model reads them."""
        reading = self.settings.reading
        if isinstance(texts, Texts | Reviews):
            documents = documents_of(texts, reading.pipeline, processes)
        else:
            documents = words_of(texts, reading.pipeline, processes)
        return Bags.build(documents, self.vocabulary, reading)

    def logits(self, texts: Sequence[str] | Texts | Reviews, processes: int = 1) -> Floats:
        """Return the logits of each text, (S, 1) of two classes, else (S, C), by `logits_of`."""
        return logits_of(self.network, self.bags(texts, processes))

    def probabilities(self, texts: Sequence[str] | Texts | Reviews, processes: int = 1) -> Floats:
        """Return the probability of each class for each text, (S, C)."""
        return probabilities_of(self.logits(texts, processes))

    def evaluate(self, reviews: Reviews, processes: int = 1) -> dict[str, float | int]:
        """Return accuracy, mean loss and number of `reviews`.

        Raises
        ------
        InputError
            When there is no review, or one has a label that is not among the classes.
        """
        if len(reviews) == 0:
            raise InputError("there is no text to evaluate; give at least one")
        reviews = reviews.named_as(self.classes)
        loss, accuracy = score(self.logits(reviews, processes), reviews.labels)
        return {"accuracy": accuracy, "loss": loss, "n": len(reviews)}

    def explain(self, text: str) -> Explanation:
        """Follow the words of `text` through the layers to the decision; see `explain_document`."""
        reading = self.settings.reading
        words = words_of([text], reading.pipeline)[0]
        return explain_document(words, self.network, self.vocabulary, reading, self.classes)

    def save(self, folder: str | os.PathLike[str]) -> None:
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
        self.save_settings(folder)
        with replacing(folder / WEIGHTS) as temporary:
            temporary.write_bytes(save(self.network.stored()))

    def save_settings(self, folder: str | os.PathLike[str]) -> None:
        """Write the settings alone, as those of a training run whose model is not there yet."""
        config = {"format": _FORMAT, "classes": list(self.classes), "settings": self.settings.to_dict()}
        write_json(Path(folder) / CONFIG, config | self.about)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> "TrainedModel":
        """Read a model that `save` wrote.

        Raises
        ------
        InputError
            When a file is missing, cut off, or does not fit the others.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise InputError(f"there is no folder {folder}; give the folder that a training run wrote")
        if not (folder / WEIGHTS).exists():
            raise InputError(
                f"{folder} holds no {WEIGHTS}; finish the training first, with --resume if it was stopped"
            )
        settings, classes, about = read_config(folder / CONFIG)
        start = cls.start(Vocabulary.load(folder / VOCABULARY), settings, classes)
        _restore(start.network, folder)
        return replace(start, about=about)


def read_config(path: Path) -> tuple[Settings, tuple[Any, ...], dict[str, Any]]:
    """Return settings, classes and all else that ``config.json`` holds."""
    config = read_json(path)
    try:
        if (found := config.pop("format", _FORMAT)) != _FORMAT:
            raise InputError(
                f"{path.parent} holds a model of format {found}, and this version reads {_FORMAT}; "
                "train it again"
            )
        settings = config.pop("settings")
        classes = tuple(config.pop("classes", (0, 1)))
        used = [name for name in _WITHDRAWN if settings.pop(name, 0) != 0]
        good = all(type(label) in _LABELS for label in classes) and len(set(classes)) == len(classes) >= 2
    except (KeyError, TypeError, AttributeError):
        good = False
    if not good:
        raise InputError(
            f"{path} holds no settings, or no two or more different classes; is it the config.json of a "
            "model?"
        )
    if used:
        raise InputError(f"{path} has the setting {used[0]}, which was withdrawn; train the model again")
    return Settings.from_dict(settings, source=str(path)), classes, config


def _restore(network: HardmaxNetwork, folder: Path) -> None:
    """Put the stored weights into `network`."""
    try:
        weights = load_file(folder / WEIGHTS)
        network.restore(weights)
    except (SafetensorError, OSError) as error:
        raise InputError(f"{folder / WEIGHTS} is cut off, or holds no weights ({error})") from error
    except (RuntimeError, IndexError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{WEIGHTS} does not fit {CONFIG} and {VOCABULARY} in {folder}; is one of them cut off, "
            f"or of another model? ({reason})"
        ) from error
    wrong = [name for name, value in weights.items() if not value.isfinite().all()]
    if network.attention.alpha < 0:
        wrong.append("attention.alpha")
    if wrong:
        raise InputError(f"{folder / WEIGHTS}: {wrong[0]} is not finite, or negative; train the model again")
