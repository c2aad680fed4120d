"""Numbers and words as sentences say them."""

import math
from collections.abc import Collection, Sequence
from decimal import Decimal

__all__ = [
    "all_of",
    "as_close_as",
    "has_error",
    "lie_between",
    "listed",
    "loss_in_short",
    "moved",
    "number",
    "numbers_apart",
    "percent",
    "plain",
    "plural",
    "rounded",
    "sentences",
    "with_error",
]

ROUNDING = 1e-9
"""An error that is a smaller share of its mean is rounding, ..."""

NOTHING = 1e-20
"""... and so is any below this."""

MOST_DIGITS = 4
"""So many digits of a mean are enough where they do not show its error."""

SHORTEST, LONGEST = -6, 9
"""From which power of ten on to which a number is written without one."""

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 3) -> str:
    """As many decimals as asked for, or powers of ten where a run has gone far away.

    >>> number(0.0857, 3), number(-2.5e7), number(float("inf"))
    ('0.086', '-2.500·10⁷', '∞')
    """
    if math.isinf(value):
        return "∞" if value > 0.0 else "-∞"
    if abs(value) < 1e6:
        return _decimals(value, digits)
    mantissa, power = f"{value:.{digits}e}".split("e")
    return _by_ten(mantissa, int(power))


def loss_in_short(value: float) -> str:
    """Four decimals of a loss, or three digits of a large one: a caption has few lines.

    >>> loss_in_short(0.08571), loss_in_short(29_073.1963), loss_in_short(4.0379e6)
    ('0.0857', '29,100', '4.04·10⁶')
    """
    if abs(value) < 100.0:
        return number(value, 4)
    return rounded(value, 3) if abs(value) < 1e6 else number(value, 2)


def numbers_apart(one: float, other: float, digits: int = 3) -> tuple[str, str]:
    """Two numbers with as many decimals as asked for, or two digits where those are the same.

    >>> numbers_apart(0.25, 0.5), numbers_apart(0.0, 3.14e-7)
    (('0.250', '0.500'), ('0', '3.1·10⁻⁷'))
    """
    texts = number(one, digits), number(other, digits)
    return texts if texts[0] != texts[1] else (rounded(one, 2), rounded(other, 2))


def with_error(value: float, error: float, digits: int = 1, sign: str = "") -> str:
    """A mean and its standard error, both to the same decimal place.

    That is the last of so many digits of the error, and of one more where its first digit is 1:
    rounded to 1 it could be half as large again. Where four digits of the mean do not show the
    error, they are enough; more, where more of its digits are asked for. With "+" as `sign` a mean
    above 0 has its sign too.

    >>> with_error(0.0857, 0.0021), with_error(0.0857, 0.0121), with_error(0.25, 0.0)
    ('0.086 ± 0.002', '0.086 ± 0.012', '0.25')
    >>> with_error(0.094, 8e-6), with_error(0.5, 1e-8, sign="+"), with_error(2.7e10, 1.2e9)
    ('0.094000 ± 0.000008', '+0.5000 ± less than 0.0001', '(2.70 ± 0.12)·10¹⁰')
    """
    if not has_error(value, error):
        text = rounded(value, MOST_DIGITS)
        return f"{sign}{text}" if value > 0.0 else text
    highest = _power(max(abs(value), error))
    if not SHORTEST <= highest < LONGEST:
        unit = 10.0**highest
        return _by_ten(f"({with_error(value / unit, error / unit, digits, sign)})", highest)
    decimals = _last_place(error, digits)
    most = max(0, MOST_DIGITS + digits - 2 - _power(value)) if value else decimals
    if error < 0.5 * 10.0**-most:
        return f"{_decimals(value, most, sign)} ± less than {_decimals(10.0**-most, most)}"
    return f"{_decimals(value, decimals, sign)} ± {_decimals(error, decimals)}"


def as_close_as(value: float, error: float, digits: int = 1) -> str:
    """A number to the decimal place to which `with_error` shows an error, beside which it stands.

    >>> as_close_as(0.0861234, 0.0021, 3), as_close_as(0.5, 0.0021, 3)
    ('0.08612', '0.5')
    """
    return rounded(value, max(1, _power(value) + 1 + _last_place(error, digits)))


def _last_place(error: float, digits: int) -> int:
    """The decimal place of so many digits of an error, or of one more where the first is 1."""
    first = _power(error)
    return digits - 1 - first + (error < 2.0 * 10.0**first)


def has_error(value: float, error: float) -> bool:
    """Whether a standard error is one of chance, and not rounding alone.

    >>> has_error(0.25, 0.01), has_error(0.25, 1e-12), has_error(float("inf"), float("nan"))
    (True, False, False)
    """
    return math.isfinite(value) and math.inf > error > max(ROUNDING * abs(value), NOTHING)


def rounded(value: float, digits: int) -> str:
    """So many digits that count, with no powers of ten where a few zeros do.

    >>> rounded(1234.5, 2), rounded(0.0857123, 4), rounded(0.000094, 1), rounded(2.04e-9, 2)
    ('1,200', '0.08571', '0.00009', '2·10⁻⁹')
    """
    if not math.isfinite(value) or value == 0.0:
        return number(value, 0)
    kept = float(f"{value:.{digits}g}")
    power = _power(kept)
    if SHORTEST <= power < LONGEST:
        return _shortened(_decimals(kept, max(0, digits - 1 - power)))
    mantissa, _ = f"{kept:.{digits - 1}e}".split("e")
    return _by_ten(_shortened(mantissa), power)


def plain(value: float) -> str:
    """A number that somebody has typed, with every digit of it.

    >>> plain(1000.0), plain(0.05), plain(1e-05), plain(1234567), plain(5e-324)
    ('1,000', '0.05', '0.00001', '1,234,567', '5·10⁻³²⁴')
    """
    typed = Decimal(str(value)).normalize()
    return rounded(value, len(typed.as_tuple().digits))


def percent(share: float, digits: int = 0) -> str:
    """A share in per cent; a small one is not called 0, nor almost all of it 100.

    Of nothing there is no share: NaN is a dash.

    >>> percent(0.933, 1), percent(0.004), percent(0.9999), percent(0.9999, 1), percent(1.0)
    ('93.3%', 'less than 1%', 'more than 99%', 'more than 99.9%', '100%')
    """
    if math.isnan(share):
        return "–"
    least = 10.0**-digits
    if 0.0 < 100.0 * share < least:
        return f"less than {least:g}%"
    if 100.0 - least < 100.0 * share < 100.0:
        return f"more than {100.0 - least:g}%"
    return f"{share:.{digits}%}"


def plural(word: str, count: int) -> str:
    """The word as it is said of `count` things.

    >>> plural("step", 1), plural("epoch", 2), plural("minibatch", 2)
    ('step', 'epochs', 'minibatches')
    """
    ending = "es" if word.endswith("tch") else "s"
    return word if count == 1 else f"{word}{ending}"


def all_of(count: int, word: str) -> str:
    """All of several things, counted.

    >>> all_of(2, "point"), all_of(1_000, "point")
    ('both points', 'all 1,000 points')
    """
    return f"both {plural(word, count)}" if count == 2 else f"all {count:,} {plural(word, count)}"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def moved(first: str, last: str) -> str:
    """From where to where a number goes, if that can be seen.

    >>> moved("0.25", "0.11"), moved("0.25", "0.25")
    ('goes from 0.25 to 0.11', 'begins and ends at 0.25, to the digits shown')
    """
    return (
        f"goes from {first} to {last}"
        if first != last
        else f"begins and ends at {last}, to the digits shown"
    )


def lie_between(values: Collection[float], digits: int) -> str:
    """Between what several numbers lie, with so many decimals, if they can be told apart.

    >>> lie_between([0.25, 0.5, 0.125], 4), lie_between([0.25, 0.25], 4)
    ('lie between 0.1250 and 0.5000', 'are both 0.2500')
    """
    low, high = number(min(values), digits), number(max(values), digits)
    if low == high:
        return f"are {'both' if len(values) == 2 else 'all'} {low}"
    return f"lie between {low} and {high}"


def sentences(*said: str) -> str:
    """Texts as sentences, one after the other: each with a capital letter and a full stop.

    >>> sentences("with the path", "", "Click!", "it is 0.5")
    'With the path. Click! It is 0.5.'
    """
    return " ".join(
        f"{text[0].upper()}{text[1:]}{'' if text[-1] in '.!?:' else '.'}" for text in said if text
    )


def _power(value: float) -> int:
    """The power of ten of a number's first digit.

    >>> _power(0.02), _power(999.0), _power(1e-5)
    (-2, 2, -5)
    """
    return Decimal(str(value)).adjusted() if value else 0


def _decimals(value: float, decimals: int, sign: str = "") -> str:
    """A number to a decimal place, which may be one before the point; a 0 has no sign.

    >>> _decimals(-0.00001, 3), _decimals(1234.5, -1), _decimals(0.5, 2, "+")
    ('0.000', '1,230', '+0.50')
    """
    value = round(value, decimals) if decimals < 0 else value
    text = f"{value:{sign}z,.{max(0, decimals)}f}"
    return text if text.strip("+0.,") else text.lstrip("+")


def _shortened(text: str) -> str:
    """A number without the zeros at its end that say nothing."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _by_ten(text: str, power: int) -> str:
    return f"{text}·10{str(power).translate(RAISED)}"
