"""Numbers and words as sentences say them."""

import math

__all__ = ["number", "numbers_apart", "plural", "rounded", "sentences", "with_error"]

ROUNDING = 1e-9
"""An error below this is rounding."""


def number(value: float, digits: int = 3) -> str:
    """As many decimals as asked for, or powers of ten where a run has gone far away.

    >>> number(0.0857, 3), number(-2.5e7), number(float("inf"))
    ('0.086', '-2.500e+07', '∞')
    """
    if math.isinf(value):
        return "∞" if value > 0.0 else "-∞"
    return f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.{digits}e}"


def numbers_apart(one: float, other: float, digits: int = 3) -> tuple[str, str]:
    """Two numbers with as many decimals as asked for, or two digits where those are the same.

    >>> numbers_apart(0.25, 0.5), numbers_apart(0.0, 3.14e-7)
    (('0.250', '0.500'), ('0', '3.1e-07'))
    """
    texts = number(one, digits), number(other, digits)
    return texts if texts[0] != texts[1] else (f"{one:.2g}", f"{other:.2g}")


def with_error(value: float, error: float, digits: int = 4) -> str:
    """A mean and its standard error, with as many decimals as asked for, or as the error needs.

    >>> with_error(0.0857, 0.0021), with_error(0.0070183, 0.000034), with_error(0.25, 0.0)
    ('0.0857 ± 0.0021', '0.00702 ± 0.00003', '0.2500')
    """
    if error < ROUNDING:
        return number(value, digits)
    digits = max(digits, -math.floor(math.log10(error)))
    return f"{number(value, digits)} ± {number(error, digits)}"


def rounded(value: float, digits: int) -> str:
    """So many digits that count, with no powers of ten where a few zeros do.

    >>> rounded(1234.5, 2), rounded(0.0857123, 4), rounded(0.000094, 1), rounded(2e-9, 1)
    ('1,200', '0.08571', '0.00009', '2e-09')
    """
    kept = float(f"{value:.{digits}g}")
    if 1e-6 <= abs(kept) < 1e-4:
        return f"{kept:.{digits + 5}f}".rstrip("0")
    return f"{kept:,g}"


def plural(word: str, count: int) -> str:
    """The word as it is said of `count` things.

    >>> plural("step", 1), plural("epoch", 2), plural("minibatch", 2)
    ('step', 'epochs', 'minibatches')
    """
    ending = "es" if word.endswith("tch") else "s"
    return word if count == 1 else f"{word}{ending}"


def sentences(*said: str) -> str:
    """Texts as sentences, one after the other: each with a capital letter and a full stop.

    >>> sentences("with the path", "", "Click!", "it is 0.5")
    'With the path. Click! It is 0.5.'
    """
    return " ".join(
        f"{text[0].upper()}{text[1:]}{'' if text[-1] in '.!?:' else '.'}" for text in said if text
    )
