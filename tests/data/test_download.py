import hashlib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from hardmax.errors import InputError
from hardmax.data.download import IMDB_FILE, download

pytest.importorskip("pooch")

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


def refused(*words, **options):
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
    refused(url, said, to=tmp_path, url=url, checksum=checksum)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / IMDB_FILE).write_bytes(b"earlier")
    refused(url, said, to=tmp_path, url=url, checksum=checksum)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"earlier"]


def test_a_server_that_is_not_there_is_named(server, tmp_path):
    url = "http://127.0.0.1:9/reviews"
    refused(url, "no connection", to=tmp_path, url=url, checksum=CHECKSUM)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/a", "reviews.tar.gz", "http://", "http://[/a"])
def test_addresses_that_cannot_be_are_refused(tmp_path, url):
    refused(url, to=tmp_path, url=url)


def test_a_checksum_of_an_unknown_kind_is_refused(server, tmp_path):
    refused("crc:12", to=tmp_path, url=f"{server.url}/good", checksum="crc:12")
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_is_a_file_is_refused(server, tmp_path):
    (tmp_path / "file").write_text("x")
    refused("file", to=tmp_path / "file", url=f"{server.url}/good", checksum=CHECKSUM)


def test_an_unknown_data_set_is_named():
    refused("'mnist'", "imdb", name="mnist")
