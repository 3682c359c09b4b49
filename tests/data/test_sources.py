import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from hardmax.errors import InputError
from hardmax.data.sources import Reviews, read_reviews, splits_of

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

HERE = os.environ.get("HARDMAX_DATA")
IMDB = {
    "aclImdb/train/pos/0_9.txt": "Train good, first.",
    "aclImdb/train/pos/10_9.txt": "Train good, third.",
    "aclImdb/train/pos/2_8.txt": "Train good, sécond.",
    "aclImdb/train/neg/0_1.txt": "Train bad.",
    "aclImdb/test/neg/3_2.txt": "Test bad.",
    "aclImdb/train/unsup/0_0.txt": "Not labelled.",
    "aclImdb/README": "About it.",
}
TRAIN = (["Train bad.", "Train good, first.", "Train good, sécond.", "Train good, third."], [0, 1, 1, 1])


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return file

    return write


@pytest.fixture
def write_parquet(tmp_path):
    def write_parquet(name, **columns):
        parquet.write_table(pyarrow.table(columns), tmp_path / name)
        return tmp_path / name

    return write_parquet


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "aclImdb_v1.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, text in IMDB.items():
            content = text.encode("utf-8")
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def plain(reviews):
    assert all(type(text) is str for text in reviews.texts)
    assert reviews.labels.dtype == np.int64
    return reviews.texts, reviews.labels.tolist()


def refused(path, *words, **options):
    """Reading must fail with one line that holds the words and the file's name."""
    with pytest.raises(InputError) as caught:
        read_reviews(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    for word in (path.name, *words):
        assert word in message
    return message


# Reviews


def test_reviews_are_selected_by_slices_indices_and_masks():
    reviews = Reviews(["a", "b", "c"], np.array([1, 0, 1]), processed=True)
    assert plain(reviews[1:]) == (["b", "c"], [0, 1])
    assert plain(reviews[[2, 0]]) == (["c", "a"], [1, 1])
    assert plain(reviews[reviews.labels == 0]) == (["b"], [0])
    assert reviews[:1].processed
    assert len(reviews) == 3


def test_texts_and_labels_must_be_as_many():
    with pytest.raises(InputError, match="2 texts and 1 labels"):
        Reviews(["a", "b"], np.array([1]))


# The forms that are read


def test_the_csv_of_kaggle_is_read(write):
    file = write(
        "IMDB Dataset.csv", 'review,sentiment\r\n"One, ""two""\n\u2028three",positive\r\nBad é,negative\r\n'
    )
    assert plain(read_reviews(file)) == (['One, "two"\n\u2028three', "Bad é"], [1, 0])
    assert splits_of(file) == ()


def test_a_csv_with_a_byte_order_mark_and_its_columns_the_other_way_round_is_read(write):
    file = write("a.csv", "\ufefflabel,text\n1,NA\n\n0,null\n")
    assert plain(read_reviews(file)) == (["NA", "null"], [1, 0])


def test_a_csv_that_is_processed_says_so_and_may_have_no_words_left(write):
    reviews = read_reviews(write("a.csv", "processed,label\ngood film,1\n,0\n"))
    assert plain(reviews) == (["good film", ""], [1, 0])
    assert reviews.processed
    assert not read_reviews(write("b.csv", "text,label\ngood film,1\n")).processed


def test_a_review_longer_than_the_csv_module_allows_is_read(write):
    long = "word " * 100_000
    assert read_reviews(write("a.csv", f"text,label\n{long},1\n")).texts == [long]


def test_other_columns_are_read_when_named(write):
    file = write("a.csv", "id,body,text,stars,label\n7,good,x,pos,?\n")
    assert plain(read_reviews(file, text_column="body", label_column="stars")) == (["good"], [1])


@pytest.mark.parametrize(
    "kind", [pyarrow.string(), pyarrow.large_string(), pyarrow.dictionary(pyarrow.int32(), pyarrow.string())]
)
def test_parquet_files_are_read_whatever_their_kind_of_string(write_parquet, kind):
    file = write_parquet("a.parquet", text=pyarrow.array(["good", "bad é"]).cast(kind), label=[1, 0])
    assert plain(read_reviews(file)) == (["good", "bad é"], [1, 0])


def test_a_folder_of_parquet_files_has_a_train_and_a_test_part(write_parquet, tmp_path):
    write_parquet("train-00001-of-00002.parquet", text=["b"], label=[0])
    write_parquet("train-00000-of-00002.parquet", text=["a"], label=[1])
    write_parquet("test-00000-of-00001.parquet", text=["c"], label=[1])
    write_parquet("unsupervised-00000-of-00001.parquet", text=["d"], label=[-1])
    assert splits_of(tmp_path) == ("train", "test")
    assert plain(read_reviews(tmp_path)) == (["a", "b", "c"], [1, 0, 1])
    assert plain(read_reviews(tmp_path, "train")) == (["a", "b"], [1, 0])
    assert plain(read_reviews(tmp_path, "test")) == (["c"], [1])


def test_the_original_archive_is_read_in_numeric_order(archive):
    assert splits_of(archive) == ("train", "test")
    assert plain(read_reviews(archive, "train")) == TRAIN
    assert plain(read_reviews(archive, "test")) == (["Test bad."], [0])
    assert len(read_reviews(archive)) == 5


@pytest.mark.parametrize("inner", ["aclImdb", ""])
def test_the_unpacked_archive_is_read_as_the_archive(write, tmp_path, inner):
    for name, text in IMDB.items():
        write(name, text)
    assert splits_of(tmp_path / inner) == ("train", "test")
    assert plain(read_reviews(tmp_path / inner, "train")) == TRAIN
    assert len(read_reviews(tmp_path / inner)) == 5


def test_a_folder_with_one_file_is_that_file(archive):
    assert plain(read_reviews(archive.parent, "train")) == TRAIN


@pytest.mark.skipif(not HERE, reason="HARDMAX_DATA does not name a folder of the real reviews")
def test_the_real_reviews_are_read():
    assert splits_of(HERE) == ("train", "test")
    for split in ("train", "test"):
        reviews = read_reviews(HERE, split)
        assert reviews.labels.mean() == 0.5
        assert len(set(map(type, reviews.texts))) == 1


# Bad input


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["empty"]),
        ("\n\n", ["empty"]),
        ("text,label\n", ["no reviews"]),
        ("text\ngood\n", ["columns text;", "text,label", "review,sentiment"]),
        ("words,label\ngood,1\n", ["columns words,label"]),
        ("text,label,id\ngood,1,2\n", ["columns text,label,id", "no others"]),
        ("text,text,label\ngood,x,1\n", ["columns text,text,label"]),
        ("text,label\ngood,1\nbad\n", ["row 2 (line 3)", "1 columns", "cut off"]),
        ("text,label\ngood,1,2\n", ["row 1 (line 2)", "3 columns"]),
        ("text,label\ngood,1\n\n \t\u2003,0\n", ["row 2 (line 4)", "empty"]),
        ("text,label\n,0\n", ["row 1", "empty"]),
        ("text,label\ngood,1\nbad,maybe\n", ["row 2", "'maybe'", "positive"]),
        ("text,label\ngood,-1\n", ["row 1", "'-1'"]),
        ("text,label\ngood,2\n", ["row 1", "'2'"]),
        ("text,label\ngood,\n", ["row 1", "''"]),
        ('text,label\ngood,1\n"bad,0\nand more,1\n', ["line 4", "cut off"]),
        ("text,label\ngo\0od,1\n", ["NUL"]),
        (b"text,label\ngood,1\nb\xe9d,0\n", ["line 3", "byte 19", "UTF-8"]),
    ],
)
def test_a_bad_csv_is_refused_with_the_place(write, content, words):
    refused(write("bad.csv", content), *words)


def test_the_limit_of_the_csv_module_is_as_before(write):
    import csv

    before = csv.field_size_limit()
    read_reviews(write("a.csv", "text,label\ngood,1\n"))
    refused(write("bad.csv", "text,label\ngood,maybe\n"))
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"text": ["good", None], "label": [1, 0]}, ["row 2", "None"]),
        ({"text": [4, 5], "label": [1, 0]}, ["row 1", "4"]),
        ({"text": ["good", "bad"], "label": [1, -1]}, ["row 2", "-1"]),
        ({"text": ["good", "bad"], "label": [1, None]}, ["row 2", "None"]),
        ({"text": ["good", "bad"], "label": [1.0, float("nan")]}, ["row 2", "nan"]),
        ({"text": ["good", " "], "label": [1, 0]}, ["row 2", "empty"]),
        ({"text": ["good"], "other": [1]}, ["columns text,other"]),
        (
            {"text": pyarrow.array([], pyarrow.string()), "label": pyarrow.array([], pyarrow.int64())},
            ["no reviews"],
        ),
    ],
)
def test_a_bad_parquet_file_is_refused_with_the_place(write_parquet, columns, words):
    refused(write_parquet("bad.parquet", **columns), *words)


def test_a_parquet_file_that_is_not_utf8_is_refused_with_the_row(write_parquet):
    raw = pyarrow.array([b"good", b"b\xe9d"], pyarrow.binary())
    text = pyarrow.StringArray.from_buffers(2, *raw.buffers()[1:])
    refused(write_parquet("bad.parquet", text=text, label=[1, 0]), "row 2", "UTF-8")


def test_cut_off_files_are_refused(write_parquet, archive, write):
    whole = write_parquet("a.parquet", text=["good"] * 100, label=[1] * 100).read_bytes()
    for size in (4, len(whole) // 2, len(whole) - 1):
        refused(write("cut.parquet", whole[:size]), "cut off")
    whole = archive.read_bytes()
    for size in (0, 5, len(whole) // 2, len(whole) - 4):
        refused(write("cut.tar.gz", whole[:size]))
    refused(write("empty.parquet", b""), "empty")
    refused(write("text.tar.gz", b"no archive"))


def test_an_archive_without_reviews_is_refused(tmp_path):
    with tarfile.open(tmp_path / "none.tar.gz", "w:gz"):
        pass
    refused(tmp_path / "none.tar.gz", "no reviews")


def test_a_text_file_that_is_not_utf8_is_named(write, tmp_path):
    write("train/pos/0_9.txt", b"caf\xe9")
    refused(tmp_path, "train/pos/0_9.txt", "byte 3")


def test_missing_and_unknown_sources_are_refused(write, tmp_path):
    refused(tmp_path / "none.csv", "no file or folder")
    refused(write("a.xlsx", "x"), "none of the known forms")
    refused(tmp_path, "train*.parquet")


def test_a_part_that_is_not_there_is_refused(write):
    file = write("a.csv", "text,label\ngood,1\n")
    refused(file, "no train part", split="train")
    with pytest.raises(InputError, match="'valid'"):
        read_reviews(file, "valid")


def test_labels_of_a_named_column_may_be_any(tmp_path: Path) -> None:
    path = tmp_path / "mail.csv"
    path.write_text("mail,kind\nbuy now,spam\nhello,ham\nsee you,ham\n")
    found = read_reviews(path, text_column="mail", label_column="kind")
    assert found.classes == ("ham", "spam") and found.labels.tolist() == [1, 0, 0]
    assert found[1:].classes == ("ham", "spam")


@pytest.mark.parametrize("cell", ["", "  "])
def test_a_missing_label_of_a_named_column_is_refused(cell: str, tmp_path: Path) -> None:
    path = tmp_path / "mail.csv"
    path.write_text(f"mail,kind\nbuy now,spam\nhello,{cell}\n")
    with pytest.raises(InputError, match=r"row 2 .*: the label is .*; give it one"):
        read_reviews(path, text_column="mail", label_column="kind")


def test_whole_numbers_are_the_same_class_from_any_file(tmp_path: Path) -> None:
    path = tmp_path / "stars.csv"
    path.write_text("text,stars\na,1\nb,2.0\nc,2.5\nd,5\n")
    assert read_reviews(path, label_column="stars").classes == ("1", "2", "2.5", "5")


@pytest.mark.parametrize("classes", [("neg", "neutral", "pos"), (False, "maybe", True), ("0", "1", "2")])
def test_a_part_with_two_sides_alone_finds_its_classes_among_more(classes: tuple[object, ...]) -> None:
    part = Reviews(["a", "b"], np.array([0, 1])).named_as(classes)
    assert [classes[number] for number in part.labels] in (["neg", "pos"], [False, True], ["0", "1"])
    assert part.classes == classes


def test_a_class_that_was_not_learnt_is_refused() -> None:
    stars = Reviews(["a", "b"], np.array([0, 1]), classes=("1", "7"))
    with pytest.raises(InputError, match="the label '7' is none of the 3 that were learnt: 0, 1, 2"):
        stars.named_as(("0", "1", "2"))
