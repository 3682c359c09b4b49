"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from hardmax._support.files import read_json, replacing, write_json, write_text
from hardmax._support.folders import made_folder, new_folder, output_folder
from hardmax.errors import InputError


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half of the n")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_ctrl_c_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(path) as temporary:
        temporary.write_text("half of the n")
        raise KeyboardInterrupt
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_a_full_disk_is_said_in_one_line_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    message = r"cannot write .*a\.txt: No space left on device"
    with pytest.raises(InputError, match=message) as caught, replacing(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert "\n" not in str(caught.value)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_nobody_sees_the_file_before_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert temporary.parent == path.parent and temporary.suffix == ".txt"
        assert not path.exists()
    assert path.read_text() == "new"


def test_a_device_or_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"  # stands for /dev/null, which root could lose
    os.mkfifo(pipe)
    link = tmp_path / "link"
    link.symlink_to(pipe)
    for path in (tmp_path, pipe, link):
        with pytest.raises(InputError, match=r"cannot write .*; give the name of a file"):
            write_text(path, "text")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link", "pipe"]
    assert pipe.is_fifo()


def test_a_link_stays_and_the_file_it_points_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to("a.txt")
    write_text(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "a.txt").read_text() == "new"


def test_a_name_as_long_as_names_can_be_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 251 + ".txt")
    write_text(path, "text")
    assert path.read_text() == "text"


def test_a_written_file_has_the_usual_permissions(tmp_path: Path) -> None:
    plain = tmp_path / "plain.txt"
    plain.touch()
    write_text(tmp_path / "a.txt", "text")
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_missing_folder_and_a_folder_in_the_way_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot write .*none/a\.txt: No such file"):
        write_text(tmp_path / "none" / "a.txt", "text")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=r"cannot write .*folder: it is a folder"):
        write_text(tmp_path / "folder", "text")
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]


def test_json_comes_back_as_it_was(tmp_path: Path) -> None:
    value = {"a": [1, 2.5, None, True], "é": "ünïcode"}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value


@pytest.mark.parametrize("content", [b"", b'{"a": [1, ', b"\xff\xfe{}"])
def test_broken_json_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.json does not hold valid JSON"):
        read_json(tmp_path / "a.json")


def test_an_output_folder_is_made_with_its_parents_or_taken_as_it_is(tmp_path: Path) -> None:
    made = output_folder(tmp_path / "a" / "b")
    (made / "file").touch()
    assert output_folder(made) == made and (made / "file").exists()
    with pytest.raises(InputError, match="is a file; give a folder"):
        output_folder(made / "file")
    with pytest.raises(InputError, match="cannot make the folder"):
        output_folder(made / "file" / "below")


def test_an_empty_path_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for make in (output_folder, lambda path: made_folder(path).__enter__()):
        with pytest.raises(InputError, match="is empty; give one"):
            make("")


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with replacing(path) as first:
        first.write_text("first")
        write_text(path, "second")
        assert path.read_text() == "second"
    assert path.read_text() == "first" and list(tmp_path.iterdir()) == [path]


def test_a_new_folder_must_be_empty(tmp_path: Path) -> None:
    made = new_folder(tmp_path / "new")
    assert new_folder(made) == made
    (made / "precious.txt").write_text("data")
    with pytest.raises(InputError, match="new is not empty; give another folder"):
        new_folder(made)
    assert (made / "precious.txt").read_text() == "data"


@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 5000])
def test_json_too_deep_or_too_long_is_said_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InputError, match=r"a\.json does not hold valid JSON"):
        read_json(tmp_path / "a.json")
