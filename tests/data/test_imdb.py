import hashlib
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from hardmax.data import read_texts, splits_of
from hardmax.data.imdb import IMDB_FILE, download
from hardmax.errors import InputError

CONTENT = b"reviews " * 20_000
CHECKSUM = "md5:" + hashlib.md5(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2] if self.path == "/broken" else CONTENT)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    pytest.importorskip("pooch")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "HARDMAX_IMDB_URL"):
        monkeypatch.delenv(name, raising=False)
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def download_refused(*words, **options):
    with pytest.raises(InputError) as caught:
        download(progress=False, **options)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_a_good_file_is_fetched_once(server, tmp_path):
    for _ in range(2):
        path = download(to=tmp_path / "new", url=f"{server.url}/good", checksum=CHECKSUM, progress=False)
        assert path == tmp_path / "new" / IMDB_FILE
        assert path.read_bytes() == CONTENT
    assert server.asked == ["/good"]


def test_the_address_is_a_setting_of_the_environment(server, tmp_path, monkeypatch):
    monkeypatch.setenv("HARDMAX_IMDB_URL", f"{server.url}/mirror")
    download(to=tmp_path, checksum=CHECKSUM, progress=False)
    assert server.asked == ["/mirror"]


def test_progress_is_drawn_on_standard_error(server, tmp_path, capsys):
    download(to=tmp_path, url=f"{server.url}/good", checksum=CHECKSUM)
    shown = capsys.readouterr()
    assert "100%" in shown.err
    assert not shown.out


@pytest.mark.parametrize("page", ["good", "broken", "missing"])
def test_a_failed_download_leaves_nothing_and_keeps_the_earlier_file(server, tmp_path, page):
    url, wrong = f"{server.url}/{page}", "md5:" + "0" * 32
    checksum = wrong if page == "good" else CHECKSUM
    said = {"good": wrong, "broken": "broke", "missing": "404"}[page]
    download_refused(url, said, to=tmp_path, url=url, checksum=checksum)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / IMDB_FILE).write_bytes(b"earlier")
    download_refused(url, said, to=tmp_path, url=url, checksum=checksum)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"earlier"]


def test_a_server_that_is_not_there_is_named(server, tmp_path):
    url = "http://127.0.0.1:9/reviews"
    download_refused(url, "no connection", to=tmp_path, url=url, checksum=CHECKSUM)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/a", "reviews.tar.gz", "http://", "http://[/a"])
def test_addresses_that_cannot_be_are_refused(server, tmp_path, url):
    download_refused(url, to=tmp_path, url=url)


def test_a_checksum_of_an_unknown_kind_is_refused(server, tmp_path):
    download_refused("crc:12", to=tmp_path, url=f"{server.url}/good", checksum="crc:12")
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_is_a_file_is_refused(server, tmp_path):
    (tmp_path / "file").write_text("x")
    download_refused("file", to=tmp_path / "file", url=f"{server.url}/good", checksum=CHECKSUM)


def test_an_unknown_data_set_is_named():
    download_refused("'mnist'", "imdb", name="mnist")


# The original form


def test_the_archive_is_read_in_numeric_order(archive, imdb_train, read):
    assert splits_of(archive) == ("train", "test")
    assert read(archive, "train") == imdb_train
    assert read(archive, "test") == (["Test bad."], [0])
    assert read(archive) == ([*imdb_train[0], "Test bad."], [*imdb_train[1], 0])


@pytest.mark.parametrize("inner", ["aclImdb", ""])
def test_the_unpacked_archive_is_read_as_the_archive(write, imdb, imdb_train, read, tmp_path, inner):
    for name, text in imdb.items():
        write(name, text)
    assert splits_of(tmp_path / inner) == ("train", "test")
    assert read(tmp_path / inner, "train") == imdb_train
    assert read_texts(tmp_path / inner).texts == [*imdb_train[0], "Test bad."]


def test_archives_that_are_cut_off_or_none_are_refused(archive, write, refused):
    whole = archive.read_bytes()
    for size in (0, 5, len(whole) // 2, len(whole) - 4):
        refused(write("cut.tar.gz", whole[:size]))
    refused(write("text.tar.gz", b"no archive"))


def test_an_archive_without_reviews_is_refused(tmp_path, refused):
    with tarfile.open(tmp_path / "none.tar.gz", "w:gz"):
        pass
    refused(tmp_path / "none.tar.gz", "no reviews")


def test_a_text_file_that_is_not_utf8_is_named(write, tmp_path, refused):
    write("train/pos/0_9.txt", b"caf\xe9")
    refused(tmp_path, "train/pos/0_9.txt", "byte 3")
