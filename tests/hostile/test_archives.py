"""Archives and folders in the form of the Large Movie Review Dataset: all reviews are read, or it is said."""

import gzip
import io
import os
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardmax.data import archive, read_reviews, read_texts
from hardmax.errors import InputError

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
END = bytes(2 * tarfile.BLOCKSIZE)


def tar(form, folder):
    """Return a tar file of 8 reviews, and where the blocks with their content are."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as file:
        for split in ("train", "test"):
            for label in ("neg", "pos"):
                for number in range(2):
                    content = f"{split} {label} {number} é ".encode() * (1 + 30 * number)
                    member = tarfile.TarInfo(f"{folder}/{split}/{label}/{number}_1.txt")
                    member.size, member.mtime = len(content), 0.5 if form == tarfile.PAX_FORMAT else 0
                    file.addfile(member, io.BytesIO(content))
    packed.seek(0)
    with tarfile.open(fileobj=packed) as file:
        places = [range(member.offset_data, member.offset_data + member.size) for member in file]
    return packed.getvalue(), {at // tarfile.BLOCKSIZE for place in places for at in place}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """Return the reviews in the bytes of an archive, or None when they are refused in one line."""
    path = tmp_path_factory.mktemp("archive") / "Reviews.TAR.GZ"

    def outcome(content):
        path.write_bytes(content)
        try:
            reviews = read_reviews(path)
        except InputError as error:
            assert str(path) in str(error) and "\n" not in str(error)
            return None
        return reviews.texts, reviews.labels.tolist()

    return outcome


@pytest.mark.parametrize("folder", ["aclImdb", "a/" * 50 + "b", "é" * 90], ids=["short", "long", "other"])
@pytest.mark.parametrize("form", FORMATS)
def test_a_damaged_tar_file_is_read_whole_or_refused(outcome, form, folder):
    """No checksum covers the content of a file in a tar file; that of the whole is gzip's."""
    if form == "ustar" and not folder.isascii():
        pytest.skip("ustar holds no such name")
    whole, contents = tar(FORMATS[form], folder)
    expected = outcome(gzip.compress(whole, 1))
    assert len(expected[0]) == 8
    ends = set()
    for at in range(0, len(whole), tarfile.BLOCKSIZE):
        before, block, after = whole[:at], whole[at : at + 512], whole[at + 512 :]
        damaged = [before, before + block[:100], before + after]
        if at // tarfile.BLOCKSIZE not in contents:
            damaged += [
                before + new + after for new in (bytes(512), b"x" * 512, bytes([block[0] ^ 1]) + block[1:])
            ]
        ends |= {outcome(gzip.compress(content, 1)) in (expected, None) for content in damaged}
    assert ends == {True}


@given(st.data())
def test_a_damaged_gzip_file_is_read_whole_or_refused(outcome, data):
    whole = gzip.compress(tar(tarfile.GNU_FORMAT, "aclImdb")[0], mtime=0)
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    assert outcome(whole[:at]) is None
    flipped = whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
    assert outcome(flipped) in (outcome(whole), None)


def file(name="train/pos/0_9.txt", content=b"A good film.", size=None, **fields):
    """Return one file of a tar file, with a size in its header that need not be that of the content."""
    member = tarfile.TarInfo("x")
    for field, value in fields.items():
        setattr(member, field, value)
    block = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    block[:100] = os.fsencode(name).ljust(100, b"\0")
    size = len(content) if size is None else size
    block[124:136] = (b"\x80" if size >= 0 else b"\xff") + size.to_bytes(11, "big", signed=True)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + content + bytes(-len(content) % tarfile.BLOCKSIZE)


def pax(record, kind=tarfile.XHDTYPE):
    length = len(record) + 2
    length += len(str(length + len(str(length))))
    return file("pax", b"%d %s\n" % (length, record), type=kind)


def named(name):
    return file("././@LongLink", name + b"\0", type=tarfile.GNUTYPE_LONGNAME)


BEFORE = b"".join(file(f"train/neg/{number}_2.txt", b"A bad film.") for number in range(3))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cut off"),
        (file(), "cut off"),
        (file() + bytes(511), "cut off"),
        (b"x" * 512 + END, "invalid header"),
        (bytes(512) + file() + END, "more follows"),
        (file() + END + file("test/neg/1_1.txt") + END, "more follows"),
        (file() * 2 + END, "twice"),
        (file() + file("./train/../train/pos/0_9.txt") + END, "twice"),
        (file(size=2**63) + END, "0_9.txt has a size"),
        (file(size=2**80) + END, "0_9.txt has a size"),
        (file(size=-1024) + END, "0_9.txt has a size"),
        (file(size=10_000_001) + END, "10,000,000 bytes"),
        (file("other", size=2**63) + END, "a file has a size"),
        (file("other", size=-512) + END, "a file has a size"),
        (file("other", size=2**49) + END, "cut off"),
        (file("pax", size=2**33, type=tarfile.XHDTYPE) + END, "a header has a size"),
        (file("long", size=2**33, type=tarfile.GNUTYPE_LONGNAME) + END, "a header has a size"),
        (pax(b"size=" + b"1" * 5000) + file() + END, "no number"),
        (pax(b"size=-1024") + file() + END, "no number"),
        (pax(b"size=few") + file() + END, "no number"),
        (pax(b"size=9223372036854775808") + file() + END, "0_9.txt has a size"),
        (file("pax", b"0 a=b\n", type=tarfile.XHDTYPE) + file() + END, "pax header"),
        (file("pax", b"99 a=b\n", type=tarfile.XHDTYPE) + file() + END, "pax header"),
        (file("pax", b"2 " * 100_000 + b"=", type=tarfile.XHDTYPE) + file() + END, "pax header"),
        (file("long", b"\0", type=tarfile.GNUTYPE_LONGNAME) + file() + END, "long name"),
        (named(b"train/pos/" + b"1" * 5000 + b"_9.txt") + file() + END, "too long"),
        (file(type=tarfile.SYMTYPE, linkname="/etc/passwd", content=b"") + END, "no regular file"),
        (file(type=tarfile.LNKTYPE, linkname="train/neg/0_2.txt", content=b"") + END, "no regular file"),
        (file(type=tarfile.DIRTYPE, content=b"") + END, "no regular file"),
        (file(type=tarfile.FIFOTYPE, content=b"") + END, "no regular file"),
        (file(type=tarfile.CHRTYPE, content=b"") + END, "no regular file"),
        (file(type=tarfile.GNUTYPE_SPARSE) + END, "sparse"),
        (pax(b"GNU.sparse.name=train/pos/0_9.txt") + file("GNUSparseFile.0/0_9.txt") + END, "sparse"),
    ],
)
def test_a_hostile_archive_is_refused_with_how_many_were_read(refused, tmp_path, content, words):
    (tmp_path / "a.tgz").write_bytes(gzip.compress(BEFORE + content, 1))
    line = refused("preprocess", tmp_path / "a.tgz", tmp_path / "words.csv")
    assert words in line and ("read 3 reviews" in line or "read 4 reviews" in line)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tgz"]


@pytest.mark.parametrize(
    "content",
    [
        file() + bytes(512),
        file("/train/pos/0_9.txt"),
        file("../../../train/pos/0_9.txt"),
        file("\x1b[31m\udcff/train/pos/0_9.txt"),
        named(b"a" * 5000) + file("other") + file(),
        named(b"train/pos/" + b"1" * 900 + b"_9.txt") + file(),
        pax(b"path=train/pos/7_7.txt") + file(),
        pax(b"size=12") + file(),
        pax(b"comment=for all", tarfile.XGLTYPE) + file(),
        file("train", type=tarfile.DIRTYPE, content=b"") + file(),
        file("link", type=tarfile.SYMTYPE, linkname="/etc/passwd", content=b"") + file(),
        file("device", type=tarfile.CHRTYPE, content=b"") + file(),
        file("label of the volume", type=b"V") + file(),
        file("features", b"1:2 " * 1000) + file(),
    ],
)
def test_what_is_strange_and_harmless_is_read(outcome, content):
    texts, labels = outcome(gzip.compress(BEFORE + content + END, 1))
    assert sorted(texts) == 3 * ["A bad film."] + ["A good film."] and sum(labels) == 1


def test_what_an_archive_unpacks_to_is_bounded(outcome, monkeypatch):
    assert outcome(gzip.compress(BEFORE + file(content=b"a" * 10_000_000) + END, 1)) is not None
    assert outcome(gzip.compress(file("other", bytes(10**8)) + BEFORE + END, 1)) is not None
    monkeypatch.setattr(archive, "LARGEST_TOTAL", 40)
    assert outcome(gzip.compress(BEFORE + file() + END, 1)) is None


# What is less than the original


def test_how_many_reviews_of_the_original_were_read_is_said(process, tmp_path, caplog):
    (tmp_path / "small.tgz").write_bytes(gzip.compress(BEFORE + file("test/pos/0_9.txt") + END))
    done = process("preprocess", "small.tgz", "words.csv", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "4 texts written to words.csv\n")
    assert done.stderr == "'small.tgz': read 4 of the 50,000 reviews of the original\n"
    read_reviews(tmp_path / "small.tgz", "train")
    assert "read 3 of the 25,000" in caplog.text


# Folders


@pytest.mark.parametrize(
    "make",
    [
        lambda path: os.mkfifo(path),
        lambda path: path.symlink_to("nowhere"),
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.symlink_to(path),
        lambda path: path.mkdir(),
        lambda path: path.touch() or os.truncate(path, 2**40),
    ],
    ids=["fifo", "nowhere", "device", "loop", "folder", "large"],
)
def test_a_folder_with_what_is_no_file_is_refused(refused, tmp_path, make):
    source = tmp_path / "aclImdb"
    for path in (source / "train" / "neg" / "0_1.txt", source / "train" / "pos" / "0_9.txt"):
        path.parent.mkdir(parents=True)
        path.write_text("A film.")
    path.unlink()
    make(path)
    assert str(path) in refused("preprocess", source, tmp_path / "words.csv")


def test_other_files_of_a_folder_are_not_looked_at(tmp_path):
    folder = tmp_path / os.fsdecode(b"\xff") / "train" / "pos"
    folder.mkdir(parents=True)
    (folder / "0_9.txt").write_text("A film.")
    os.mkfifo(folder / "notes.txt")
    (folder / os.fsdecode(b"\xff.txt")).write_bytes(b"\xff")
    assert read_texts(folder.parent.parent).texts == ["A film."]
