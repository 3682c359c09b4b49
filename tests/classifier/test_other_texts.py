"""Texts that are no film reviews: documentation of installed packages, and other languages and scripts."""

from __future__ import annotations

import csv
import importlib
import json
import pkgutil
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hardmax import HardmaxClassifier, TrainedModel
from hardmax.cli.app import main

PACKAGES = ("numpy", "scipy", "sklearn")
_NAMES = re.compile(r"\b(numpy|np|scipy|sklearn|scikit|learn)\b")
WORDS = {
    "Deutsch": (
        ["wunderbar", "großartig", "schön"],
        ["langweilig", "fürchterlich", "öde"],
        "der Film war sehr",
    ),
    "Русский": (["чудесный", "прекрасный"], ["скучный", "ужасный"], "этот фильм очень"),
    "Ελληνικά": (["υπέροχη", "όμορφη"], ["βαρετή", "άθλια"], "η ταινία ήταν πολύ"),
    "हिन्दी": (["शानदार", "सुंदर"], ["उबाऊ", "भयानक"], "यह फ़िल्म बहुत"),
}


def documentation(package: str) -> Iterator[str]:
    """Yield what the public functions and classes of an installed package say of themselves."""
    root = importlib.import_module(package)
    modules = [root]
    for found in pkgutil.iter_modules(root.__path__):
        if not found.name.startswith("_") and "test" not in found.name:
            modules.append(importlib.import_module(f"{package}.{found.name}"))
    seen = set()
    for module in modules:
        for name, value in sorted(vars(module).items()):
            text = getattr(value, "__doc__", None)
            own = str(getattr(value, "__module__", "")).startswith(package)
            if not name.startswith("_") and own and isinstance(text, str) and len(text) > 200:
                seen.add(_NAMES.sub(" ", text))
    yield from sorted(seen)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two CSV files with a column of texts and one of labels among others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = [(text, package) for package in PACKAGES for text in documentation(package)]
    order = np.random.default_rng(0).permutation(len(rows))
    folder = tmp_path_factory.mktemp("documentation")
    for name, chosen in (("learn.csv", order[len(order) // 4 :]), ("test.csv", order[: len(order) // 4])):
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["number", "docstring", "package"])
            writer.writerows((number, *rows[number]) for number in chosen)
    return folder / "learn.csv", folder / "test.csv"


def run(*arguments: object) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert ended.value.code == 0


def test_the_command_line_learns_three_unbalanced_classes_of_documentation(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learn, test = files
    columns = ("--text-column", "docstring", "--label-column", "package")
    run("train", "--train", learn, "--test", test, "--out", tmp_path / "run", "--dim", 8, *columns)
    assert TrainedModel.load(tmp_path / "run").classes == PACKAGES
    capsys.readouterr()
    run("evaluate", tmp_path / "run", test, "--json", *columns)
    assert json.loads(capsys.readouterr().out)["accuracy"] > 0.9


def test_two_classes_of_documentation_cluster_and_are_told_apart(files: tuple[Path, Path]) -> None:
    parts = []
    for path in files:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["package"] != "sklearn"]
        parts.append(([row["docstring"] for row in rows], [row["package"] for row in rows]))
    classifier = HardmaxClassifier(alpha=1.0, random_state=0).fit(*parts[0])
    assert classifier.score(*parts[1]) > 0.95
    assert len(classifier.explain(parts[1][0][0]).leaders) <= 4


@pytest.mark.parametrize("language", WORDS)
def test_any_language_that_writes_spaces_is_learnt(language: str) -> None:
    good, bad, start = WORDS[language]
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    texts = [f"{start} {rng.choice(good if label else bad)}!" for label in labels]
    classifier = HardmaxClassifier(random_state=0).fit(texts, labels)
    assert classifier.score(texts, labels) == 1
    assert set(good) <= set(classifier.trained_model_.vocabulary.tokens)
