"""Pieces of a web page that needs nothing but itself: no network, no scripts."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template

from hardmax.errors import InputError

_STYLES = ("text", "ours", "paper", "word")
_KINDS = {".png": "image/png", ".gif": "image/gif"}

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { --ink: #1c2430; --soft: #5b6675; --line: #dfe3e8; --ground: #f6f7f9; --accent: #0b5f8a; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; margin: 0 0 .75rem; }
p, ul { margin: 0 0 .9rem; max-width: 46rem; }
ul { padding-left: 1.2rem; }
li { margin-bottom: .35rem; }
a { color: var(--accent); }
section { background: #fff; border: 1px solid var(--line); border-radius: 10px; padding: 1.5rem 1.6rem;
  margin-top: 1.25rem; }
nav { margin-top: 1rem; font-size: .92rem; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
.soft { color: var(--soft); }
.notice { border: 1px solid #e2b84b; background: #fff6dd; border-radius: 8px; padding: .7rem 1rem;
  margin: 1rem 0; }
.wide { overflow-x: auto; margin: 0 0 1.1rem; }
table { border-collapse: collapse; font-size: .93rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .9rem; padding-bottom: .45rem; }
th, td { padding: .3rem .62rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { font-weight: 600; }
thead th { vertical-align: bottom; }
thead tr:last-child th { border-bottom: 2px solid #aab3bf; }
thead tr.groups th { border-bottom: 0; text-align: center; padding-bottom: 0; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
td.ours { font-weight: 600; }
td.paper, th.paper { color: var(--soft); }
td.word, th.word { text-align: left; }
tr.start td { border-top: 2px solid #aab3bf; }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
td.text { text-align: left; white-space: normal; }
figure { margin: 0 0 1.2rem; }
figure img { display: block; max-width: 100%; height: auto; }
figcaption { color: var(--soft); font-size: .9rem; margin-top: .35rem; max-width: 46rem; }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; }
.review { background: var(--ground); border-radius: 8px; padding: .7rem 1rem; font-size: .93rem;
  max-width: none; }
.review b { color: var(--accent); }
footer { color: var(--soft); font-size: .88rem; margin-top: 1.5rem; }
@media print { body { background: #fff; } section { break-inside: avoid; border: 0; padding: 0; } }
</style>
</head>
<body>
<main>
$body
</main>
</body>
</html>
""")


def page(title: str, body: Iterable[str]) -> str:
    """Give a whole page; `body` is HTML."""
    return _PAGE.substitute(title=escape(title), body="\n".join(body))


def section(name: str, title: str, body: Iterable[str]) -> str:
    """Give a section that the link ``#name`` leads to."""
    return f'<section id="{escape(name)}">\n<h2>{escape(title)}</h2>\n' + "\n".join(body) + "\n</section>"


def paragraph(text: str, css: str = "") -> str:
    """Give a paragraph of plain text."""
    return f'<p class="{css}">{escape(text)}</p>' if css else f"<p>{escape(text)}</p>"


def heading(text: str) -> str:
    """Give a heading within a section."""
    return f"<h3>{escape(text)}</h3>"


def points(sentences: Iterable[str]) -> str:
    """Give a list of plain sentences."""
    return "<ul>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + "</ul>"


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    caption: str = "",
    groups: Sequence[tuple[str, int]] = (),
    text: bool = False,
) -> str:
    """Give a table of plain cells; columns that begin with 'ours' are bold and those with 'paper' softer.

    A line parts the rows that have a first cell from those above, where some have none.

    Parameters
    ----------
    columns, rows
        Header and cells.
    caption
        What stands above.
    groups
        A header above the header: words, and the number of columns below them.
    text
        Cells hold sentences, so they start at the left and may be broken.
    """
    styles = ["text" if text else column.partition(" ")[0].partition("'")[0] for column in columns]
    css = [f' class="{style}"' if style in _STYLES else "" for style in styles]
    head = "".join(f'<th colspan="{span}">{escape(name)}</th>' for name, span in groups)
    head = f'<tr class="groups">{head}</tr>' if head else ""
    if any(columns):
        cells = "".join(f"<th{c}>{escape(name)}</th>" for c, name in zip(css, columns, strict=True))
        head += f"<tr>{cells}</tr>"
    rows = list(rows)
    parted = any(row[0] == "" for row in rows)
    body = ""
    for row in rows:
        body += '<tr class="start">' if parted and row[0] else "<tr>"
        body += "".join(f"<td{c}>{escape(cell)}</td>" for c, cell in zip(css, row, strict=True))
        body += "</tr>\n"
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<div class="wide"><table>{above}<thead>{head}</thead>\n<tbody>{body}</tbody></table></div>'


def figure(path: Path, caption: str, width: int) -> str:
    """Give a picture with its bytes in the page; `width` in pixels.

    Raises
    ------
    InputError
        When the file cannot be read.
    """
    try:
        content = base64.b64encode(path.read_bytes()).decode("ascii")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    source = f"data:{_KINDS[path.suffix]};base64,{content}"
    words = escape(caption)
    return (
        f'<figure><img src="{source}" alt="{words}" style="width:{width}px">'
        f"<figcaption>{words}</figcaption></figure>"
    )
