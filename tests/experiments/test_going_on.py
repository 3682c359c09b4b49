"""Both experiments go on in a folder of their own, and leave any other as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("matplotlib")
pytest.importorskip("vaderSentiment")

from hardmax.errors import InputError
from hardmax.experiments.clustering import study
from hardmax.experiments.paper import reproduce

Experiment = Callable[..., Path]
Times = Callable[[Path], dict[Path, int]]


@pytest.fixture(params=["study", "reproduce"])
def experiment(request: pytest.FixtureRequest) -> Experiment:
    return {"study": study, "reproduce": reproduce}[request.param]


@pytest.fixture
def done(experiment: Experiment, request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue({study: "studied", reproduce: "reproduced"}[experiment])


def test_a_second_call_does_nothing_again(
    experiment: Experiment, done: Path, sample_file: Path, times: Times
) -> None:
    before, said = times(done), list[str]()
    experiment(done, sample_file, quick=True, say=said.append)
    assert times(done) == before
    stages = {study: 2, reproduce: 9}[experiment]
    assert [line.split(" ")[0] for line in said] == [f"{n}/{stages}" for n in range(1, stages + 1)]
    assert all(line.endswith(": done before") for line in said)


@pytest.mark.parametrize("change", ["reviews", "quick"])
def test_other_input_in_a_folder_that_was_begun_is_refused(
    change: str, experiment: Experiment, done: Path, sample_file: Path, tmp_path: Path, times: Times
) -> None:
    data = sample_file
    if change == "reviews":
        data = tmp_path / "other.csv"
        data.write_text(sample_file.read_text(encoding="utf-8") + "one more,1\n", encoding="utf-8")
    before = times(done)
    with pytest.raises(InputError, match=f"was begun with {change} = ") as error:
        experiment(done, data, quick=change != "quick")
    assert "\n" not in str(error.value)
    assert times(done) == before


def test_a_folder_with_something_else_in_it_is_refused(
    experiment: Experiment, sample_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match=r"is not empty and holds no stages\.json"):
        experiment(tmp_path, sample_file, quick=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
