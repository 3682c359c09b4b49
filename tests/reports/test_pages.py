"""Pages are made of template files and values, and hold all that they show."""

from __future__ import annotations

import base64
import importlib
import sys
from pathlib import Path

import pytest

pytest.importorskip("jinja2")

import jinja2

from hardmax.errors import InputError, MissingExtraError
from hardmax.reports.pages import render


def _template(folder: Path, text: str, name: str = "page.html.j2") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_html_is_escaped_and_markdown_is_not(tmp_path: Path) -> None:
    said = "<b>a & b</b>"
    for name, expected in (("a.html.j2", "&lt;b&gt;a &amp; b&lt;/b&gt;"), ("a.md.j2", said)):
        assert render(_template(tmp_path, "{{ said }}", name), said=said) == expected


def test_text_given_to_a_shared_piece_is_escaped_once(tmp_path: Path) -> None:
    template = _template(
        tmp_path,
        '{% from "pieces.html.j2" import items, pairs %}'
        '{{ items(["a < b"]) }}{{ pairs("x < y", {"<": "&"}) }}',
    )
    html = render(template)
    assert "<li>a &lt; b</li>" in html and "<caption>x &lt; y</caption>" in html
    assert '<td class="text">&lt;</td><td class="text">&amp;</td>' in html


def test_a_page_has_its_style_within(tmp_path: Path) -> None:
    template = _template(
        tmp_path, '{% extends "page.html.j2" %}{% block title %}T{% endblock %}', "mine.html.j2"
    )
    html = render(template)
    assert html.startswith("<!DOCTYPE html>") and "<title>T</title>" in html
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert style.count("{") == style.count("}") > 0
    assert "url(" not in html and "@import" not in html and "href" not in html


def test_a_picture_becomes_a_part_of_the_page(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG")
    template = _template(
        tmp_path, '{% from "pieces.html.j2" import figure %}{{ figure(picture, "<a>", 400) }}'
    )
    html = render(template, picture=picture)
    content = base64.b64encode(b"\x89PNG").decode()
    assert f'<img src="data:image/png;base64,{content}" alt="&lt;a&gt;" style="width:400px">' in html


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    template = _template(tmp_path, "{{ picture | data_uri }}")
    with pytest.raises(InputError, match=r"cannot read .*gone\.png: No such file"):
        render(template, picture=tmp_path / "gone.png")


def test_a_value_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(jinja2.UndefinedError, match="accuracy"):
        render(_template(tmp_path, "{{ accuracy | number }}"))


def test_without_jinja2_the_command_that_brings_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "hardmax.reports.pages")
    with pytest.raises(MissingExtraError, match=r"jinja2 is not installed.*hardmax\[reports\]"):
        importlib.import_module("hardmax.reports.pages")
