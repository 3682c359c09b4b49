"""Pages from template files: HTML that needs nothing but itself, and Markdown."""

import base64
from pathlib import Path

from hardmax.errors import InputError, MissingExtraError
from hardmax.reports.numbers import number, percent

try:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
except ImportError as error:  # said at the start of a long experiment, not when its page is due
    raise MissingExtraError("jinja2") from error

#: What several pages share: ``page.html.j2`` to extend, its style sheet, and ``pieces.html.j2`` to import.
SHARED = Path(__file__).with_name("templates")
_KINDS = {".png": "image/png", ".gif": "image/gif"}


def render(template: Path, **values: object) -> str:
    """Return the page that a template file makes of values.

    One that it needs and that is not here is an error. A template whose name ends with ``.html.j2`` escapes
    what it is given; any other does not. All have the filters `number`, `percent` and `data_uri`, and find
    the shared templates by their names.

    Examples
    --------
    >>> file = getfixture("tmp_path") / "page.html.j2"
    >>> _ = file.write_text("<p>{{ words }}: {{ accuracy | percent }}</p>")
    >>> render(file, words="camp & leaders", accuracy=0.89)
    '<p>camp &amp; leaders: 89.0 %</p>'
    """
    environment = Environment(
        loader=FileSystemLoader([template.parent, SHARED]),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"number": number, "percent": percent, "data_uri": data_uri}
    return environment.get_template(template.name).render(values)


def data_uri(picture: Path) -> str:
    """Return the address that holds all bytes of a PNG or GIF file, so that a page needs no other file."""
    try:
        content = base64.b64encode(picture.read_bytes()).decode("ascii")
    except OSError as error:
        raise InputError(f"cannot read {picture}: {error.strerror or error}") from error
    return f"data:{_KINDS[picture.suffix]};base64,{content}"
