"""`TrainedModel`: a trained network together with its vocabulary, in a folder and out of it."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.torch import save

from hardmax._support.checks import shown
from hardmax._support.files import read_json, replacing, write_json
from hardmax._support.folders import output_folder
from hardmax.data.reviews import Reviews, Texts
from hardmax.errors import InputError
from hardmax.explain.explanation import Explanation, explain_document
from hardmax.network.loss import score
from hardmax.network.network import HardmaxNetwork, stored_like
from hardmax.network.predict import logits_of, probabilities_of
from hardmax.network.shape import MOST_CLASSES
from hardmax.network.weights import read_tensors
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
    outcome : Outcome
        How its training ended; of a loaded model it has no epoch.
    """

    network: HardmaxNetwork
    vocabulary: Vocabulary
    settings: Settings
    classes: tuple[Any, ...] = (0, 1)
    about: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)

    @classmethod
    def start(
        cls, vocabulary: Vocabulary, settings: Settings, classes: tuple[Any, ...] = (0, 1)
    ) -> "TrainedModel":
        """Return the model before its training."""
        network = HardmaxNetwork(len(vocabulary), settings.shape, _outputs(classes), settings.training.seed)
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
            if not _comes_back(label):
                raise InputError(
                    f"the label {shown(label)} would not come back as it is; train with labels that are str, "
                    "int, float or bool to save the model"
                )
        folder = output_folder(folder)
        with (
            replacing(folder / WEIGHTS) as weights,
            replacing(folder / CONFIG) as config,
            replacing(folder / VOCABULARY) as vocabulary,
        ):
            weights.write_bytes(save(self.network.stored()))
            self.save_settings(config)
            self.vocabulary.save(vocabulary)
            # A process killed from here on leaves no model, rather than files of two.
            (folder / WEIGHTS).resolve().unlink(missing_ok=True)

    def save_settings(self, path: Path) -> None:
        """Write ``config.json`` alone, as that of a training run whose model is not there yet."""
        config = {"format": _FORMAT, "classes": list(self.classes), "settings": self.settings.to_dict()}
        write_json(path, config | self.about)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> "TrainedModel":
        """Read a model that `save` wrote, on this machine or another: no code in it runs.

        A folder of somebody else's takes no more than the bounds that hold for training too: 1,000 layers,
        dim (layers + 1) of 16,384, 100 pairs of a word, an embedding of 2^28 numbers, 10,000 classes, 10
        million tokens in a ``vocabulary.txt`` of 512 MiB, and a ``config.json`` of 16 MiB. Weights are read
        when their names, types and shapes are those that the other files ask for.

        Raises
        ------
        InputError
            When a file is missing, cut off, beyond a bound, or does not fit the others; when a number is not
            finite.
        """
        if not os.path.isdir(folder):  # noqa: PTH112 - Path raises for a name that is too long
            raise InputError(f"there is no folder {folder}; give the folder that a training run wrote")
        folder = Path(folder)
        if not (folder / WEIGHTS).exists():
            raise InputError(
                f"{folder} holds no {WEIGHTS}; finish the training first, with --resume if it was stopped"
            )
        settings, classes, about = read_config(folder / CONFIG)
        vocabulary = Vocabulary.load(folder / VOCABULARY)
        try:
            like = stored_like(len(vocabulary), settings.shape, _outputs(classes))
            weights, _ = read_tensors(folder / WEIGHTS, like)  # before a network is made, which takes memory
            model = replace(cls.start(vocabulary, settings, classes), about=about)
            model.network.restore(weights)
        except (SafetensorError, OSError) as error:
            raise InputError(f"{folder / WEIGHTS} is cut off, or holds no weights ({error})") from error
        except InputError as error:
            raise InputError(
                f"{WEIGHTS} does not fit {CONFIG} and {VOCABULARY} in {folder}; is one of them cut off, "
                f"or of another model? ({error})"
            ) from error
        return model


def _outputs(classes: tuple[Any, ...]) -> int:
    return 1 if len(classes) == 2 else len(classes)


def read_config(path: Path) -> tuple[Settings, tuple[Any, ...], dict[str, Any]]:
    """Return settings, classes and all else that ``config.json`` holds."""
    about = read_json(path)
    if not isinstance(about, dict) or not isinstance(about.get("settings"), dict):
        raise InputError(f"{path} holds no settings; is it the config.json of a model?")
    if (found := about.pop("format", _FORMAT)) != _FORMAT:
        raise InputError(
            f"{path.parent} holds a model of format {found!r}, and this version reads {_FORMAT}; "
            "train it again"
        )
    settings, classes = about.pop("settings"), about.pop("classes", [0, 1])
    good = isinstance(classes, list) and len(classes) <= MOST_CLASSES and all(map(_comes_back, classes))
    if not good or not 2 <= len(set(classes)) == len(classes):
        raise InputError(
            f"{path} holds no two or more different classes, numbers or text, at most {MOST_CLASSES:,}; "
            "is it the config.json of a model?"
        )
    columns = about.get("columns", [None, None])
    if not isinstance(columns, list) or [type(name) in (str, type(None)) for name in columns] != [True, True]:
        raise InputError(f"{path}: columns is {columns!r}; give the names of two, or null")
    used = [name for name in _WITHDRAWN if settings.pop(name, 0) != 0]
    if used:
        raise InputError(f"{path} has the setting {used[0]}, which was withdrawn; train the model again")
    return Settings.from_dict(settings, source=str(path)), tuple(classes), about


def _comes_back(label: Any) -> bool:
    """Return whether a label is one that JSON in UTF-8 gives back as it is."""
    try:
        return type(label) in _LABELS and bool(
            json.loads(json.dumps(label, ensure_ascii=False).encode()) == label
        )
    except ValueError:  # half of a character, or a number of 5,000 digits
        return False
