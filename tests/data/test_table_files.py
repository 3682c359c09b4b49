import csv

import pytest

from hardmax.data import read_reviews, read_texts

# Forms that are read


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("kaggle.csv", 'review,sentiment\r\n"One, ""two""\n\u2028three",positive\r\nNA,negative\r\n'),
        ("marked.csv", '\ufefflabel,text\n1,"One, ""two""\n\u2028three"\n\n0,NA\n'),
        ("a.tsv", 'text\tlabel\n"One, ""two""\n\u2028three"\t1\nNA\t0\n'),
        ("a.jsonl", '{"text": "One, \\"two\\"\\n\u2028three", "label": 1}\n{"label": false, "text": "NA"}\n'),
        ("a.ndjson", '\ufeff\n{"review":"One, \\"two\\"\\n\\u2028three","sentiment":"pos"}\r\n'
                     '\n{"review":"NA","sentiment":"neg","stars":1}'),
    ],
)  # fmt: skip
def test_texts_and_labels_are_read_from_any_form(write, read, name, content):
    assert read(write(name, content)) == (['One, "two"\n\u2028three', "NA"], [1, 0])


@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary"])
def test_parquet_files_are_read_whatever_their_kind_of_string(write_parquet, read, kind):
    pyarrow = pytest.importorskip("pyarrow")
    text = pyarrow.array(["good", "bad é"])
    text = text.dictionary_encode() if kind == "dictionary" else text.cast(getattr(pyarrow, kind)())
    assert read(write_parquet("a.parquet", text=text, label=[1, 0])) == (["good", "bad é"], [1, 0])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "processed,label\ngood film,1\n,0\n"),
        ("a.tsv", "label\tprocessed\n1\tgood film\n0\t\n"),
        ("a.jsonl", '{"processed": "good film", "label": 1}\n{"processed": "", "label": 0}'),
    ],
)
def test_processed_texts_say_so_and_may_have_no_words_left(write, read, name, content):
    file = write(name, content)
    assert read(file) == (["good film", ""], [1, 0])
    assert read_reviews(file).processed and read_texts(file).processed
    assert not read_reviews(write("raw.csv", "text,label\ngood film,1\n")).processed


def test_a_review_longer_than_the_csv_module_allows_is_read(write):
    long = "word " * 100_000
    assert read_reviews(write("a.csv", f"text,label\n{long},1\n")).texts == [long]


def test_the_limit_of_the_csv_module_is_as_before(write, refused):
    before = csv.field_size_limit()
    read_reviews(write("a.csv", "text,label\ngood,1\n"))
    refused(write("bad.csv", "text,label\ngood,\n"))
    refused(write("bad.csv", "text,stars\ngood,1\n"))
    assert csv.field_size_limit() == before


# Columns


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"text_column": "body", "label_column": "stars"}, "good"),
        ({"label_column": "stars"}, "x"),
        ({"text_column": "body"}, "good"),
    ],
)
def test_other_columns_are_read_when_named(write, read, columns, expected):
    file = write("a.csv", "id,body,text,stars,label\n7,good,x,pos,1\n")
    assert read(file, **columns) == ([expected], [1])


@pytest.mark.parametrize(
    "columns",
    [
        {"text_column": "text", "label_column": "text"},
        {"text_column": "label"},
        {"label_column": "text"},
    ],
)
@pytest.mark.parametrize(("name", "content"), [("a.csv", "text,label\ngood,1\n"),
                                               ("a.jsonl", '{"text": "good", "label": 1}')])  # fmt: skip
def test_one_column_is_not_both_text_and_label(write, refused, name, content, columns):
    name_of_both = columns.get("text_column", "text")
    refused(write(name, content), f"the column '{name_of_both}' is named for texts and labels", **columns)


@pytest.mark.parametrize(
    ("name", "content", "texts"),
    [
        ("a.csv", "text\ngood\n\nso-so\n", ["good", "so-so"]),
        ("a.csv", "text,label\ngood,1\nso-so,?\n", ["good", "so-so"]),
        ("a.csv", "id,review\n1,good\n2,so-so\n", ["good", "so-so"]),
        ("a.tsv", "sentiment\treview\n\tgood\n\tso-so\n", ["good", "so-so"]),
        ("a.jsonl", '{"text": "good"}\n{"text": "so-so", "label": null}\n', ["good", "so-so"]),
        ("a.csv", "processed\ngood film\n", ["good film"]),
    ],
)
def test_texts_are_read_with_labels_or_without(write, name, content, texts):
    found = read_texts(write(name, content))
    assert (found.texts, found.processed) == (texts, content.startswith("processed"))


def test_texts_are_read_from_a_named_column(write, write_parquet):
    assert read_texts(write("a.csv", "text,body\nx,good\n"), "body").texts == ["good"]
    assert read_texts(write_parquet("a.parquet", text=["x"], body=["good"]), "body").texts == ["good"]


# Bad input


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["empty"]),
        ("\n\n", ["empty"]),
        ("text,label\n", ["no texts"]),
        ("text\ngood\n", ["columns text;", "text,label", "review,sentiment"]),
        ("words,label\ngood,1\n", ["columns words,label"]),
        ("text,label,id\ngood,1,2\n", ["columns text,label,id", "no others"]),
        ("text,text,label\ngood,x,1\n", ["columns text,text,label"]),
        ("text,label\ngood,1\nbad\n", ["row 2 (line 3)", "1 columns", "cut off"]),
        ("text,label\ngood,1,2\n", ["row 1 (line 2)", "3 columns", "a comma"]),
        ("text,label\ngood,1\n\n \t\u2003,0\n", ["row 2 (line 4)", "empty"]),
        ("text,label\n,0\n", ["row 1", "empty"]),
        ("text,label\ngood,1\nbad,maybe\n", ["row 2", "'maybe'", "positive"]),
        ("text,label\ngood,\n", ["row 1", "''"]),
        ('text,label\ngood,1\n"bad,0\nand more,1\n', ["line 4", "cut off"]),
        ('text,label\n"good" film,1\n', ["line 2", "quotation mark"]),
        ("text,label\ngo\0od,1\n", ["NUL"]),
        (b"text,label\ngood,1\nb\xe9d,0\n", ["line 3", "byte 19", "UTF-8"]),
    ],
)
def test_a_bad_csv_is_refused_with_the_place(write, refused, content, words):
    refused(write("bad.csv", content), *words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("text,label\ngood,1\n", ["columns text,label;"]),
        ("text\tlabel\ngood,1\n", ["row 1 (line 2)", "1 columns", "a tab"]),
        ("text\tlabel\ngood\t1\n\t0\n", ["row 2 (line 3)", "empty"]),
    ],
)
def test_a_bad_tsv_is_refused_with_the_place(write, refused, content, words):
    refused(write("bad.tsv", content), *words)


GOOD = '{"text": "good", "label": 1}\n'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["empty"]),
        ("\n \n", ["empty"]),
        ('{"text": "good"}', ["columns text;", "text,label"]),
        (GOOD + '\n{"text": "bad", "la', ["line 3", "cut off"]),
        (GOOD + '["bad", 0]\n', ["line 2", "no JSON object"]),
        ('[{"text": "good", "label": 1}]\n', ["line 1", "no JSON object"]),
        (GOOD + '{"text": "bad"}\n', ["line 2", "no 'label'", "columns are text"]),
        (GOOD + '{"text": null, "label": 0}\n', ["line 2", "None"]),
        (GOOD + '{"text": 7, "label": 0}\n', ["line 2", "7, not a text"]),
        (GOOD + '{"text": "bad", "label": NaN}\n', ["line 2", "nan"]),
        (GOOD + '{"text": "bad", "label": [0]}\n', ["line 2", "[0]"]),
        (GOOD + '{"text": "b\\ud83dad", "label": 0}\n', ["line 2", "surrogates"]),
        (GOOD + '{"text": "bad", "label": ' + "1" * 5000 + "}\n", ["line 2", "digits"]),
        (GOOD + '{"text": "bad", "label": ' + "[" * 100_000 + "}\n", ["line 2", "recursion"]),
        (GOOD.encode() + b'{"text": "b\xe9d", "label": 0}\n', ["line 2", "byte 40", "UTF-8"]),
    ],
)
def test_bad_json_lines_are_refused_with_the_place(write, refused, content, words):
    refused(write("bad.jsonl", content), *words)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"text": ["good", None], "label": [1, 0]}, ["row 2", "None"]),
        ({"text": [4, 5], "label": [1, 0]}, ["row 1", "4"]),
        ({"text": ["good", "bad"], "label": [1, None]}, ["row 2", "None"]),
        ({"text": ["good", "bad"], "label": [1.0, float("nan")]}, ["row 2", "nan"]),
        ({"text": ["good", " "], "label": [1, 0]}, ["row 2", "empty"]),
        ({"text": ["good"], "other": [1]}, ["columns text,other"]),
        ({"text": [], "label": []}, ["no texts"]),
    ],
)
def test_a_bad_parquet_file_is_refused_with_the_place(write_parquet, refused, columns, words):
    refused(write_parquet("bad.parquet", **columns), *words)


def test_a_parquet_file_that_is_not_utf8_is_refused_with_the_row(write_parquet, refused):
    pyarrow = pytest.importorskip("pyarrow")
    raw = pyarrow.array([b"good", b"b\xe9d"], pyarrow.binary())
    text = pyarrow.StringArray.from_buffers(2, *raw.buffers()[1:])
    refused(write_parquet("bad.parquet", text=text, label=[1, 0]), "row 2", "UTF-8")


def test_parquet_files_that_are_cut_off_are_refused(write_parquet, write, refused):
    whole = write_parquet("a.parquet", text=["good"] * 100, label=[1] * 100).read_bytes()
    for size in (4, len(whole) // 2, len(whole) - 1):
        refused(write("cut.parquet", whole[:size]), "cut off")
    refused(write("empty.parquet", b""), "empty")


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("good film\nbad film\n", {}, ["columns good film;", "text, review, processed", "--text-column"]),
        ("text,processed,label\nx,y,1\n", {}, ["columns text,processed,label"]),
        ("text,text\nx,y\n", {}, ["2 columns 'text'"]),
        ("text\ngood\n", {"text_column": "body"}, ["no column 'body'"]),
        ("text\n", {}, ["no texts"]),
        ("text,label\ngood,1\n ,1\n", {}, ["row 2 (line 3)", "empty"]),
        ("text\ngood, very\n", {}, ["row 1 (line 2)", "2 columns"]),
    ],
)
def test_bad_texts_alone_are_refused_with_the_place(write, refused, content, options, words):
    refused(write("bad.csv", content), *words, read=read_texts, **options)
