"""The steps of a reproduction; each returns the files that it wrote, all in one folder."""

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hardmax._support.folders import output_folder
from hardmax.classifier.runs import CHECKPOINT, HISTORY, METRICS, train_run
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
    """The folder of a reproduction, and the steps of the work in it."""

    folder: Path  # holds words/, models/, tables/ and figures/
    settings: Settings  # of all training runs, but for the dimension

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

    @cached_property
    def followed(self) -> list[tables.Followed]:
        """The test reviews, followed through the model of d = 2."""
        return tables.followed(self.model(2), self.test)

    def model(self, dim: int) -> TrainedModel:
        """Read a trained model."""
        return TrainedModel.load(self.model_folder(dim))

    def histories(self) -> dict[int, History]:
        """Read the histories of all training runs."""
        return {dim: History.load(self.model_folder(dim) / HISTORY) for dim in DIMS}

    def train(self, dim: int, progress: bool) -> list[Path]:
        """Train a model, or go on with a training run that was stopped."""
        folder = self.model_folder(dim)
        resume = (folder / CHECKPOINT).exists()
        if not resume:  # what is there was cut off at its very start or end
            shutil.rmtree(folder, ignore_errors=True)
        settings = self.settings.replace(dim=dim)
        trained = train_run(self.prepared, settings, folder, resume=resume, progress=progress)
        if trained.outcome.interrupted:
            raise KeyboardInterrupt
        return [folder / METRICS]

    def tabulate(self) -> list[Path]:
        """Write the tables of results, losses and leaders."""
        output_folder(self.folder / "tables")
        histories = self.histories()
        rows = {
            "results": tables.results(histories),
            "losses": tables.losses(histories, len(self.prepared.train)),
            "leaders": [tables.leaders_row(self.model(dim), self.test) for dim in DIMS],
        }
        return [write_table(self.table(name), of_table) for name, of_table in rows.items()]

    def count_words(self) -> list[Path]:
        """Write the histogram of leader words."""
        rows = tables.histogram(self.followed, self.prepared.vocabulary)
        return [write_table(self.table("histogram"), rows)]

    def draw(self) -> list[Path]:
        """Draw all figures, and write down which reviews they show."""
        folder = output_folder(self.folder / "figures")
        made = figures.draw_training(self.histories(), folder)
        made += figures.draw_histogram(read_table(self.table("histogram")), folder)
        made += figures.draw_dynamics(folder)
        model, (documents, _) = self.model(2), read_words(self.words, "test")
        rows: Table = []
        for name, label in EXAMPLES.items():
            number = tables.example(self.followed, label)
            shown = explain_document(
                documents[number], model.network, model.vocabulary, model.settings.reading
            )
            made += figures.draw_review(shown, name, folder)
            rows.append(
                {
                    "review": name,
                    "row_of_test_split": number + 1,
                    "probability_positive": shown.probability,
                    "leaders": " ".join(shown.leaders),
                    "words": " ".join(documents[number][: self.settings.reading.max_tokens]),
                }
            )
        return [*made, write_table(self.table("examples"), rows)]
