"""Tables of texts: what cannot be read as it is meant is refused in one line that says why."""

import json
import os
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardmax.data import read_reviews, read_texts, write_processed
from hardmax.errors import InputError

HEADER, GOOD = "text,label\n", '{"text": "good", "label": 1}\n'


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", HEADER, "holds no texts"),
        ("a.csv", (HEADER + "good,1\n").encode("utf-16"), "is UTF-16; save it as UTF-8"),
        ("a.csv", (HEADER + "good,1\n").encode("utf-16-le"), "line 1: a NUL byte; is it UTF-16?"),
        ("a.csv", (HEADER + "good,1\n").encode("utf-32"), "save it as UTF-8"),
        ("a.jsonl", GOOD.encode("utf-16"), "is UTF-16; save it as UTF-8"),
        ("a.csv", HEADER + "good,1\nb\0d,0\n", "line 3: a NUL byte"),
        ("a.csv", HEADER + "good" + ",1" * 200_000 + "\n", "has 200001 columns and the first line 2"),
        ("a.csv", ",".join(map(str, range(200_000))) + "\n", "has the columns 0,1,2,"),
        ("a.csv", HEADER + "good,1\nbad,0\nbad," + "x" * 5000 + "\n", "the label is 'xxxx"),
        ("a.jsonl", GOOD + '{"text": "good", "label": 1, "text": "bad"}', "JSON (a key is there twice)"),
        ("a.jsonl", '{"text": ' + "1" * 4000 + ', "label": 1}', "not a text"),
        ("a.jsonl", '{"text": ["a", "b"], "label": 1}', "line 1 has ['a', 'b'], not a text"),
        ("a.jsonl", '{"text": NaN, "label": 1}', "line 1 has nan, not a text"),
        ("a.jsonl", GOOD + '{"text": "a", "label": [' + "1," * 9999 + "1]}", "line 2: the label is [1, 1,"),
        ("a.jsonl", GOOD + '{"text": "a", "label": "a\\u0000"}', "line 2: the label is 'a\\x00'"),
        ("a.jsonl", "[" * 100_000, "is not valid JSON"),
    ],
)  # fmt: skip
def test_a_hostile_table_is_refused(refused, tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    assert words in refused("preprocess", tmp_path / name, tmp_path / "words.csv")
    assert not (tmp_path / "words.csv").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "\ufefftext,label\r\ngood,1\r\n"),
        ("a.csv", "text,label\rgood,1\r"),
        ("a.jsonl", '{"text": "good", "label": 1}\r{"text": "good", "label": 0}\r'),
        ("a.csv", "text,label\n" + '"good",1' + "\n" * 100_000),
    ],
)
def test_line_ends_of_any_system_are_read(tmp_path, name, content):
    (tmp_path / name).write_bytes(content.encode())
    assert set(read_reviews(tmp_path / name).texts) == {"good"}


def test_a_long_line_and_a_wide_row_are_read(tmp_path):
    long = "word " * 1_000_000
    (tmp_path / "long.csv").write_text(f'text,label\n"{long}",1\n')
    assert read_texts(tmp_path / "long.csv").texts == [long]
    (tmp_path / "long.jsonl").write_text(json.dumps({"text": long}))
    assert read_texts(tmp_path / "long.jsonl").texts == [long]
    (tmp_path / "wide.csv").write_text(",".join(map(str, range(200_000))) + "\n" + "good," * 199_999 + "1\n")
    assert read_reviews(tmp_path / "wide.csv", "all", "7", "199999").labels.tolist() == [1]


@pytest.mark.parametrize(
    "label", ["2**62 ms", "2**31 - 1 days", [1], {"a": 1}, b"pos", None], ids=lambda label: str(label)
)
def test_a_column_of_labels_that_are_none_is_refused(refused, tmp_path, label):
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    kinds = {"2**62 ms": (2**62, pyarrow.timestamp("ms")), "2**31 - 1 days": (2**31 - 1, pyarrow.date32())}
    value, kind = kinds[label] if isinstance(label, str) else (label, None)
    table = pyarrow.table({"text": ["good"], "label": pyarrow.array([value], kind)})
    parquet.write_table(table, tmp_path / "a.parquet")
    assert "row 1" in refused("preprocess", tmp_path / "a.parquet", tmp_path / "words.csv")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")).filter(str.strip), min_size=1))
def test_labels_are_the_same_after_preprocessing(tmp_path_factory, labels):
    folder = tmp_path_factory.mktemp("labels")
    rows = [json.dumps({"text": "good", "label": label}) for label in labels]
    (folder / "a.jsonl").write_text("\n".join(rows))
    first = read_reviews(folder / "a.jsonl", label_column="label")
    names = [first.classes[number] for number in first.labels]
    write_processed(folder / "a.csv", [["good"]] * len(names), names)
    second = read_reviews(folder / "a.csv", label_column="label")
    assert second.classes == first.classes and second.labels.tolist() == first.labels.tolist()


@pytest.mark.parametrize(
    "label", ["two\r\nlines", "two\rlines", " two \n lines", "two\u2028lines", "two\x0b\x1clines"]
)
def test_a_label_of_several_lines_is_one_line(tmp_path, label):
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "good", "label": label}))
    assert read_reviews(tmp_path / "a.jsonl").classes == ("two lines",)


# What is no file


@pytest.mark.parametrize("command", ["preprocess", "train", "evaluate", "predict"])
@pytest.mark.parametrize("name", ["pipe.csv", "folder/train.parquet", "link.csv"])
def test_a_pipe_is_refused_and_not_waited_for(refused, tmp_path, command, name):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    os.mkfifo(tmp_path / "folder" / "train.parquet")
    (tmp_path / "link.csv").symlink_to("pipe.csv")
    source = tmp_path / ("folder" if name.startswith("folder") else name)
    arguments = {
        "preprocess": [source, tmp_path / "words.csv"],
        "train": ["--train", source, "--out", tmp_path / "run"],
    }.get(command, ["imdb-d2", source])
    assert "is a pipe, a device or a folder" in refused(command, *arguments)


@pytest.mark.parametrize("source", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused(refused, source):
    assert "is a pipe, a device or a folder" in refused("predict", "imdb-d2", source)


def test_a_column_of_standard_input_is_refused(refused):
    assert "no column 'comment'" in refused("predict", "imdb-d2", "-", "--text-column", "comment")


# Texts that are processed already


@pytest.mark.parametrize("options", [[], ["--text-column", "processed"], ["--label-column", "label"]])
def test_words_are_not_cut_again_from_a_folder_or_a_file(refused, tmp_path, options):
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    (tmp_path / "words").mkdir()
    for path in (tmp_path / "words" / "train.parquet", tmp_path / "words.parquet"):
        parquet.write_table(pyarrow.table({"processed": ["good film", ""], "label": [1, 0]}), path)
    for source in (tmp_path / "words", tmp_path / "words.parquet"):
        assert "holds words already" in refused("preprocess", source, tmp_path / "out.csv", *options)
        assert read_texts(source).processed


def test_a_parquet_file_with_checksums_is_right_or_refused(tmp_path):
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    texts = [f"film {number}" for number in range(2000)]
    table = pyarrow.table({"text": texts, "label": [number % 2 for number in range(2000)]})
    path = tmp_path / "a.parquet"
    parquet.write_table(table, path, write_page_checksum=True, compression="none", use_dictionary=False)
    whole = path.read_bytes()
    for place in range(200, len(whole) - 2000, len(whole) // 25):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with suppress(InputError):
            assert read_reviews(path).texts == texts


def test_a_name_too_long_is_no_file(refused, tmp_path):
    assert "no file or folder" in refused("preprocess", "a" * 5000, tmp_path / "words.csv")
