"""Addresses and servers that are not as they should be: one line, without the password, and no file."""

import socket
import threading

import pytest

from hardmax.data import download
from hardmax.errors import InputError

pytest.importorskip("pooch")


@pytest.fixture
def answer(monkeypatch):
    """Start a server that sends these bytes to whoever asks, and return its address."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "HARDMAX_IMDB_URL"):
        monkeypatch.delenv(name, raising=False)
    server = socket.create_server(("127.0.0.1", 0))

    def serve(content):
        try:
            while True:
                connection, _ = server.accept()
                connection.recv(1 << 16)
                connection.sendall(content)
                connection.shutdown(socket.SHUT_RDWR)
                connection.close()
        except OSError:  # closed, below
            return

    def answer(content):
        threading.Thread(target=serve, args=[content], daemon=True).start()
        return f"127.0.0.1:{server.getsockname()[1]}"

    yield answer
    server.shutdown(socket.SHUT_RDWR)
    server.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"HTTP/1.1 404 \x1b[31mN\x07ot\r\n\r\n", "the server answers 404"),
        (b"HTTP/1.1 500 " + b"x" * 5000 + b"\r\n\r\n", "the server answers 500"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://a..b/\r\nContent-Length: 0\r\n\r\n", "cannot fetch"),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", "cannot fetch"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nreviews", "cannot fetch"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nreviews", "cannot fetch"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nreviews", "does not have the checksum"),
        (b"no HTTP\r\n\r\n", "cannot fetch"),
        (b"", "cannot fetch"),
    ],
)
def test_what_a_server_answers_is_said_in_one_line(answer, tmp_path, content, words):
    with pytest.raises(InputError, match=words) as caught:
        download(to=tmp_path, url=f"http://me:secret@{answer(content)}/reviews", progress=False)
    assert str(caught.value).isprintable() and "secret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://a..b/x",
        "http://" + "a" * 64 + ".com/x",
        "http://.example/x",
        "http://[::1/x",
        "http://127.0.0.1:99999/x",
        "http://exa mple/x",
        "http://me:secret@a..b/x",
        "http://me:se/secret@127.0.0.1:9/x",
        "http://me:se@secret@127.0.0.1:9/x",
        "ftp://me:secret@127.0.0.1/x",
        "http://127.0.0.1:9/\n/x",
    ],
)
def test_a_bad_address_is_no_wrong_checksum(refused, tmp_path, monkeypatch, url):
    monkeypatch.setenv("HARDMAX_IMDB_URL", url)
    line = refused("download", "imdb", "--to", tmp_path)
    assert "checksum" not in line and "secret" not in line and "/x" in line
    assert list(tmp_path.iterdir()) == []
