"""What is measured of one training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")

import torch

from hardmax._support.files import read_json
from hardmax.text.bags import Corpus
from hardmax.explain.explanation import trajectories
from hardmax.training.history import History
from hardmax.classifier.runs import prepare
from hardmax.data.sample import sample_reviews
from hardmax.training.settings import Settings
from hardmax.classifier.trained_model import TextModel
from hardmax.training.loop import Outcome
from hardmax.text.vocabulary import Vocabulary
from hardmax.experiments.clustering import cells
from hardmax.experiments.clustering.grid import Cell, clustering_of, measure, measure_cells

LEXICON = frozenset({"good", "wonderful", "boring", "awful", "dull"})
SHORT = Settings(epochs=2, min_count=2)
PREPARED = prepare(sample_reviews("train"), sample_reviews("test"), SHORT)


def _model(layers: int = 1, alpha: float = 1.0) -> TextModel:
    """A model of d = 1, with 'good' and 'bad' farthest from 0 on either side."""
    vocabulary = Vocabulary(["good", "bad", "film", "not good", "bad film"])
    text_model = TextModel.start(vocabulary, Settings(dim=1, layers=layers, alpha=alpha, encoder="free"))
    rows = torch.tensor([[0.0], [2.0], [-2.0], [1.0], [0.5], [-1.0]])
    text_model.model.encoder.weight.data.copy_(rows)
    return text_model


def _corpus(text_model: TextModel, *texts: str) -> Corpus:
    documents = [text.split() for text in texts]
    return Corpus.build(documents, [1] * len(texts), text_model.vocabulary, text_model.settings)


def test_strength_is_the_share_of_the_way_of_all_tokens_of_all_texts() -> None:
    text_model = _model()
    corpus = _corpus(text_model, "good film", "bad film", "not good film")
    left = way = 0.0
    for trajectory in trajectories(corpus, text_model.model):
        for i in range(trajectory.n):
            end = trajectory.targets[trajectory.point_of[i]]
            way += np.linalg.norm(trajectory.positions[0, i] - end)
            left += np.linalg.norm(trajectory.positions[-1, i] - end)
    found = clustering_of(text_model, corpus, LEXICON)
    assert found["strength"] == pytest.approx(1 - left / way)
    assert found["strength"] == pytest.approx(0.5)  # one layer of alpha 1 goes half of every way
    assert clustering_of(_model(layers=0), corpus, LEXICON)["strength"] == 0
    assert clustering_of(_model(layers=8), corpus, LEXICON)["strength"] == pytest.approx(1 - 2**-8)


def test_where_every_token_leads_there_is_no_way_to_go() -> None:
    text_model = _model()
    assert clustering_of(text_model, _corpus(text_model, "good", "bad"), LEXICON)["strength"] == 1


def test_a_token_counts_once_in_each_text_among_all_and_among_leaders() -> None:
    text_model = _model()
    # What is known of them: good, film | film | bad, film, 'bad film' | good, 'not good'.
    corpus = _corpus(text_model, "good film film", "film", "bad film", "not good")
    found = clustering_of(text_model, corpus, LEXICON)
    # Leaders: good | film | bad, film | good. On either side of 0 it is the farthest token.
    assert (found["tokens"], found["leaders"], found["leading"]) == (8 / 4, 5 / 4, 5 / 8)
    assert found["opinion_of_words"] == 2 / 6
    assert found["opinion_of_leading_words"] == 2 / 5
    assert found["opinion_of_pairs"] == 1 / 2
    assert found["opinion_of_leading_pairs"] is None
    assert found["opinion_of_tokens"] == 3 / 8
    assert found["opinion_of_leaders"] == 2 / 5


@pytest.mark.parametrize("training", cells.TRAININGS)
def test_a_cell_trains_with_its_own_settings(training: str) -> None:
    settings = Cell(training, 4, 0.3, 7).settings(SHORT)
    assert (settings.dim, settings.alpha, settings.seed, settings.layers) == (4, 0.3, 7, 8)
    assert (settings.encoder, settings.gradient) == {
        "lines": ("lines", "straight-through"),
        "free": ("free", "exact"),
    }[training]
    assert settings.epochs == SHORT.epochs
    assert Cell(training, 4, 0, 7).settings(SHORT).layers == 0


def test_a_learned_step_is_told() -> None:
    found = measure(Cell("free", 2, "learn", 0), SHORT, PREPARED, LEXICON)
    assert found["alpha"] == "learn"
    assert found["step"] > 0 and 0 < found["strength"] < 1


def test_cells_have_the_same_numbers_in_other_processes(tmp_path: Path) -> None:
    chosen = [Cell("lines", 2, 1, 0), Cell("free", 4, 0.1, 1)]
    files = {cell: tmp_path / f"{cell.name}.json" for cell in chosen}
    measure_cells(files, SHORT, PREPARED, LEXICON, processes=2)
    for cell, file in files.items():
        here = measure(cell, SHORT, PREPARED, LEXICON)
        assert read_json(file) | {"train_seconds": 0} == here | {"train_seconds": 0}


def test_a_training_that_is_stopped_leaves_no_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "train", lambda *_: Outcome(History(), -1, interrupted=True))
    with pytest.raises(KeyboardInterrupt):
        measure_cells({Cell("lines", 2, 1, 0): tmp_path / "cell.json"}, SHORT, PREPARED, LEXICON)
    assert not any(tmp_path.iterdir())
