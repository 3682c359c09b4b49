"""The models that come with the package: that they load, are what they say, and are made again."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import torch

from hardmax import HardmaxClassifier, bundled_models, load, sample_reviews
from hardmax.classifier import model_folder
from hardmax.classifier.bundled import CARD
from hardmax.cli.app import main
from hardmax.dynamics import clustering_strength
from hardmax.errors import InputError
from hardmax.training import PRESETS

DIGESTS = json.loads((model_folder("imdb-d2").parent / "digests.json").read_text())
#: What the bits of a training depend on besides the code, the settings and the texts.
ENVIRONMENT = {"cpu_capability": torch.backends.cpu.get_cpu_capability()} | {
    package: version(package) for package in ("torch", "numpy", "numba")
}
REVIEWS = sample_reviews()
TEXT = "The plot is dull and the acting awful, but the music is wonderful and I loved the ending."


def test_the_names_are_those_of_the_documentation() -> None:
    assert bundled_models() == ("imdb-d16", "imdb-d2") and set(DIGESTS) == set(bundled_models())


@pytest.mark.parametrize("name", bundled_models())
def test_a_model_was_trained_with_the_preset_of_its_name(name: str) -> None:
    assert load(name).trained_model_.settings == PRESETS[name]


@pytest.mark.parametrize("name", bundled_models())
def test_the_files_are_those_that_were_measured(name: str) -> None:
    card = (model_folder(name) / CARD).read_text()
    for file, digest in DIGESTS[name]["sha256"].items():
        assert hashlib.sha256((model_folder(name) / file).read_bytes()).hexdigest() == digest
        assert digest in card


def test_together_they_take_at_most_five_megabytes() -> None:
    files = [file for file in model_folder("imdb-d2").parent.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 5_000_000


@pytest.mark.parametrize("name", bundled_models())
def test_a_model_predicts_reviews_that_it_never_saw(name: str) -> None:
    assert load(name).score(REVIEWS.texts, REVIEWS.labels) > 0.9


@pytest.mark.parametrize("name", bundled_models())
def test_words_cluster_on_few_leaders(name: str) -> None:
    model = load(name)
    found = [model.explain(text) for text in REVIEWS.texts[:50]]
    assert min(clustering_strength(explanation.trajectory) for explanation in found) > 0.99
    counts = np.array([(len(explanation.leaders), len(explanation.tokens)) for explanation in found])
    most = 4 * (model.dim - 1)  # two for each line
    assert counts[:, 0].max() <= most + 1 and (counts[:, 0] < counts[:, 1]).mean() > 0.9


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"imdb-d3.*imdb-d16, imdb-d2"):
        load("imdb-d3")


def test_the_command_line_takes_a_model_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["explain", "imdb-d2", "--text", TEXT, "--json"])
    assert ended.value.code == 0
    found = json.loads(capsys.readouterr().out)
    assert found["tokens"] == load("imdb-d2").explain(TEXT).tokens and 0 < len(found["leaders"]) <= 4


def test_the_command_on_the_card_makes_the_model_again(tmp_path: Path) -> None:
    data = os.environ.get("HARDMAX_DATA")
    if not data:
        pytest.skip("HARDMAX_DATA names no folder of the real reviews")
    source = Path(data) / "train.parquet"
    line = [sys.executable, "-m", "hardmax", "train", "--train", str(source), "--preset", "imdb-d2"]
    subprocess.run([*line, "--out", str(tmp_path / "run")], check=True, capture_output=True)
    same = ["vocabulary.txt", "config.json"]
    if DIGESTS["imdb-d2"].get("made_with") == ENVIRONMENT:  # others may round otherwise
        same.append("model.safetensors")
    for file in same:
        assert (tmp_path / "run" / file).read_bytes() == (model_folder("imdb-d2") / file).read_bytes()
    again = HardmaxClassifier.load(tmp_path / "run").predict(REVIEWS.texts)
    assert (again == load("imdb-d2").predict(REVIEWS.texts)).mean() > 0.97
