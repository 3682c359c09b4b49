"""Stages are done once, and a folder says what it depends on."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardmax._support.files import read_json
from hardmax._support.stages import RECORD, Stages
from hardmax.errors import InputError


def _open(folder: Path, said: list[str] | None = None, **depends_on: object) -> Stages:
    return Stages.open(folder, depends_on, {}, total=2, say=(said if said is not None else []).append)


def test_a_finished_stage_is_not_done_again(tmp_path: Path) -> None:
    done: list[str] = []
    for _ in range(2):
        stages = _open(tmp_path)
        stages.run("first", lambda: done.append("first") or [])
        stages.run("second", lambda: done.append("second") or [])
    assert done == ["first", "second"]


def test_a_stage_whose_file_is_gone_is_done_again(tmp_path: Path) -> None:
    made = tmp_path / "made.txt"
    for _ in range(2):
        _open(tmp_path).run("make", lambda: made.touch() or [made])
        assert made.exists()
        made.unlink()


def test_a_stage_that_fails_is_done_again_and_its_seconds_are_added(tmp_path: Path) -> None:
    def fail() -> list[Path]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _open(tmp_path).run("work", fail)
    record = read_json(tmp_path / RECORD)
    assert record["stages"]["work"]["finished"] is False
    record["stages"]["work"]["seconds"] = 100.0
    stages = _open(tmp_path)
    stages.record["stages"] = record["stages"]
    stages.run("work", list)
    after = read_json(tmp_path / RECORD)["stages"]["work"]
    assert after["finished"] is True and after["seconds"] >= 100.0


def test_each_stage_is_told_with_its_number(tmp_path: Path) -> None:
    said: list[str] = []
    stages = _open(tmp_path, said)
    stages.run("first", list)
    stages.run("second", list)
    assert said == ["1/2 first", "2/2 second"]


def test_a_folder_begun_with_another_value_is_refused(tmp_path: Path) -> None:
    _open(tmp_path, quick=True)
    with pytest.raises(InputError, match="was begun with quick = True, not False"):
        _open(tmp_path, quick=False)


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        '{"stages": {}}',
        "{",
        "",
        '{"depends_on": [], "about": {}, "stages": {}}',
        '{"depends_on": {}, "about": {}, "stages": []}',
        '{"depends_on": {}, "about": {}, "stages": {"first": 3}}',
        '{"depends_on": {}, "about": {}, "stages": {"first": {"finished": true, "seconds": "many"}}}',
    ],
)
def test_a_record_that_is_damaged_is_refused_in_one_line(content: str, tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as error:
        _open(tmp_path)
    assert RECORD in str(error.value) and "\n" not in str(error.value)
