import io
import os
import sys

import pytest

from hardmax.data import read_reviews, read_texts, splits_of, write_processed
from hardmax.errors import InputError

HERE = os.environ.get("HARDMAX_DATA")


def test_a_folder_of_parquet_files_has_a_train_and_a_test_split(write_parquet, read, tmp_path):
    write_parquet("train-00001-of-00002.parquet", text=["b"], label=[0])
    write_parquet("train-00000-of-00002.parquet", text=["a"], label=[1])
    write_parquet("test-00000-of-00001.parquet", text=["c"], label=[1])
    write_parquet("unsupervised-00000-of-00001.parquet", text=["d"], label=[-1])
    assert splits_of(tmp_path) == ("train", "test")
    assert read(tmp_path) == (["a", "b", "c"], [1, 0, 1])
    assert read(tmp_path, "train") == (["a", "b"], [1, 0])
    assert read(tmp_path, "test") == (["c"], [1])
    assert read_texts(tmp_path).texts == ["a", "b", "c"]


def test_a_folder_of_processed_parquet_files_is_processed(write_parquet, tmp_path, refused):
    write_parquet("train.parquet", processed=["good film"], label=[1])
    write_parquet("test.parquet", label=[0], processed=[""])
    for found in (read_reviews(tmp_path), read_texts(tmp_path)):
        assert found.processed and found.texts == ["good film", ""]
    write_parquet("test.parquet", label=[0], text=["Bad film!"])
    refused(tmp_path, "processed in some files")
    assert not read_reviews(tmp_path, "test").processed


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl"])
def test_a_folder_with_one_file_is_that_file(write, read, tmp_path, name):
    line = '{"text": "good", "label": 1}' if name == "a.jsonl" else "text,label\ngood,1"
    write(name, line.replace(",", "\t") if name == "a.tsv" else line)
    write("notes.md", "no table")
    assert splits_of(tmp_path) == ()
    assert read(tmp_path) == (["good"], [1])
    assert read_texts(tmp_path).texts == ["good"]


def test_a_folder_around_an_archive_is_the_archive(archive, read, imdb_train):
    assert splits_of(archive.parent) == ("train", "test")
    assert read(archive.parent, "train") == imdb_train
    assert read_texts(archive.parent).texts == [*imdb_train[0], "Test bad."]


def stdin(monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_standard_input_has_a_text_a_line(monkeypatch):
    stdin(monkeypatch, '\ufeffOne, "two" \u2028three\r\n\n  \nfour é'.encode())
    found = read_texts("-")
    assert found.texts == ['One, "two" \u2028three', "four é"]
    assert not found.processed


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "standard input holds no texts"),
        (b"\n \n", "standard input holds no texts"),
        (b"good\n\nb\xe9d\n", "standard input, line 3 is not UTF-8 at byte 1"),
        (b"good\ngo\0od\n", "standard input, line 2: .* NUL"),
    ],
)
def test_bad_standard_input_is_refused_with_the_line(monkeypatch, content, message):
    stdin(monkeypatch, content)
    with pytest.raises(InputError, match=message):
        read_texts("-")


def test_words_that_are_written_are_read_back(read, tmp_path):
    write_processed(tmp_path / "a.csv", [["good", "film"], [], ["fine"]], ["pos", "neg", "so-so"])
    found = read_reviews(tmp_path / "a.csv", label_column="label")
    assert found.processed and found.texts == ["good film", "", "fine"]
    assert [found.classes[number] for number in found.labels] == ["pos", "neg", "so-so"]


def test_missing_and_unknown_sources_are_refused(write, tmp_path, refused):
    for read in (read_reviews, read_texts):
        refused(tmp_path / "none.csv", "no file or folder", read=read)
        for name in ("a.doc", ".csv"):
            refused(write(name, "x"), "none of the known forms", ".tsv", ".jsonl", read=read)
            (tmp_path / name).unlink()
        refused(tmp_path, "train*.parquet", read=read)
    write("a.csv", "x")
    write("b.tsv", "x")
    refused(tmp_path, "it has 2")


def test_an_ending_in_capitals_is_the_same_form(write):
    assert read_reviews(write("A.TSV", "text\tlabel\ngood\t1\n")).texts == ["good"]


def test_a_split_that_is_not_there_is_refused(write, refused):
    file = write("a.csv", "text,label\ngood,1\n")
    refused(file, "no train split", split="train")
    with pytest.raises(InputError, match="'valid'"):
        read_reviews(file, "valid")


@pytest.mark.skipif(not HERE, reason="HARDMAX_DATA does not name a folder of the real reviews")
def test_the_real_reviews_are_read():
    assert splits_of(HERE) == ("train", "test")
    for split in ("train", "test"):
        reviews = read_reviews(HERE, split)
        assert reviews.labels.mean() == 0.5
        assert set(map(type, reviews.texts)) == {str}
