"""Numbers as people read them."""

import math


def number(value: float | int | None, digits: int = 4, sign: bool = False) -> str:
    """Return a number as text: a dash where there is none, and a true minus sign.

    Whole numbers (int) have no decimals; others have `digits`.

    Examples
    --------
    >>> number(0.79136), number(1247), number(-0.5, 1, sign=True), number(None)
    ('0.7914', '1,247', '−0.5', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    text = f"{value:{'+' if sign else ''},.{0 if isinstance(value, int) else digits}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def percent(fraction: float | None) -> str:
    """Return a fraction in percent, or a dash where there is none.

    Examples
    --------
    >>> percent(0.184), percent(None)
    ('18.4 %', '–')
    """
    return "–" if fraction is None else f"{100 * fraction:.1f} %"
