"""The steps of a reproduction; everything lies in one folder."""

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hardmax._support.files import output_folder
from hardmax.classifier.runs import CHECKPOINT, HISTORY, train_run
from hardmax.classifier.trained_model import TrainedModel
from hardmax.experiments.paper import figures, tables
from hardmax.experiments.review_split import read_words
from hardmax.explain.explanation import explain_document
from hardmax.reports.tables import Table, read_table, write_table
from hardmax.training.history import History
from hardmax.training.prepare import Examples, Prepared, prepare
from hardmax.training.settings import Settings

#: The dimensions of the paper's models.
DIMS = (2, 4, 8, 16)
#: The reviews that are drawn: the name of the figures, and the label.
EXAMPLES = {"pos": 1, "neg": 0}


@dataclass
class Work:
    """The folder of a reproduction, and the steps of the work in it.

    Attributes
    ----------
    folder : Path
        Holds ``words/``, ``models/``, ``tables/`` and ``figures/``.
    settings : Settings
        Settings of all training runs, but for the dimension.
    """

    folder: Path
    settings: Settings

    @property
    def words(self) -> Path:
        """Where the words of the reviews are."""
        return self.folder / "words"

    def model_folder(self, dim: int) -> Path:
        """Where the model of dimension `dim` is."""
        return self.folder / "models" / f"d{dim}"

    def table(self, name: str) -> Path:
        """Where a table is."""
        return self.folder / "tables" / f"{name}.csv"

    def figure(self, name: str) -> Path:
        """Where a figure is; `name` with its ending."""
        return self.folder / "figures" / name

    @cached_property
    def prepared(self) -> Prepared:
        """The reviews as the models read them; the same for every dimension."""
        (train, labels), test = (read_words(self.words, split) for split in ("train", "test"))
        return prepare(train, labels, self.settings, test=test)

    @property
    def test(self) -> Examples:
        """The test reviews."""
        assert self.prepared.test is not None  # `prepared` was given one
        return self.prepared.test

    def model(self, dim: int) -> TrainedModel:
        """Read a trained model."""
        return TrainedModel.load(self.model_folder(dim))

    def histories(self) -> dict[int, History]:
        """Read the histories of all training runs."""
        return {dim: History.load(self.model_folder(dim) / HISTORY) for dim in DIMS}

    def train(self, dim: int, progress: bool) -> None:
        """Train a model, or go on with a training run that was stopped."""
        folder = self.model_folder(dim)
        resume = (folder / CHECKPOINT).exists()
        if not resume:  # what is there was cut off at its very start or end
            shutil.rmtree(folder, ignore_errors=True)
        settings = self.settings.replace(dim=dim)
        trained = train_run(self.prepared, settings, folder, resume=resume, progress=progress)
        if trained.outcome.interrupted:
            raise KeyboardInterrupt

    def tabulate(self) -> None:
        """Write the tables of results, losses and leaders."""
        output_folder(self.folder / "tables")
        histories = self.histories()
        write_table(self.table("results"), tables.results(histories))
        write_table(self.table("losses"), tables.losses(histories, len(self.prepared.train)))
        rows = [tables.leaders_row(self.model(dim), self.test) for dim in DIMS]
        write_table(self.table("leaders"), rows)

    def count_words(self) -> None:
        """Write the histogram of leader words."""
        write_table(self.table("histogram"), tables.histogram(self.model(2), self.test))

    def draw(self) -> None:
        """Draw all figures, and write down which reviews they show."""
        folder = output_folder(self.folder / "figures")
        figures.draw_training(self.histories(), folder)
        figures.draw_histogram(read_table(self.table("histogram")), folder)
        figures.draw_dynamics(folder)
        model, (documents, _) = self.model(2), read_words(self.words, "test")
        rows: Table = []
        for name, label in EXAMPLES.items():
            number = tables.example(model, self.test, label)
            shown = explain_document(
                documents[number], model.network, model.vocabulary, model.settings.reading
            )
            figures.draw_review(shown, name, folder)
            rows.append(
                {
                    "review": name,
                    "row_of_test_split": number + 1,
                    "probability_positive": shown.probability,
                    "leaders": " ".join(shown.leaders),
                    "words": " ".join(documents[number][: self.settings.reading.max_tokens]),
                }
            )
        write_table(self.table("examples"), rows)
