"""Numbers as people read them."""

from __future__ import annotations

import math


def number(value: float | int | None, digits: int = 4, sign: bool = False) -> str:
    """Write a number; a dash where there is none, and a true minus.

    Examples
    --------
    >>> number(0.79136), number(-0.5, 1, sign=True), number(None)
    ('0.7914', '−0.5', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    text = f"{value:{'+' if sign else ''},.{0 if isinstance(value, int) else digits}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def percent(share: float | None) -> str:
    """Write a share in percent."""
    return "–" if share is None else f"{100 * share:.1f} %"
