"""Numbers as the pages write them, read again."""

import re

__all__ = ["numbers_in"]

POWER = r"·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def numbers_in(text: str) -> list[float]:
    """The numbers of a text in their order, a mean and its standard error as two.

    >>> numbers_in("1,200, -0.5 and (2.7 ± 0.1)·10⁻⁸, 3·10² ± less than 0.01")
    [1200.0, -0.5, 2.7e-08, 1e-09, 300.0, 0.01]
    """
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = re.sub(
        rf"\(([^()±]+)±([^()]+)\){POWER}",
        lambda found: f"{found[1].strip()}·10{found[3]} ± {found[2].strip()}·10{found[3]}",
        text,
    )
    values = re.finditer(rf"(?<![\w.·])(-?\d+(?:\.\d+)?)(?:{POWER})?", text)
    return [float(f"{each[1]}e{(each[2] or '0').translate(LOWERED)}") for each in values]
