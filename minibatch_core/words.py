"""Numbers and words as sentences say them."""

__all__ = ["number", "plural", "sentences"]


def number(value: float, digits: int = 3) -> str:
    """As many decimals as asked for, or powers of ten where a run has gone far away.

    >>> number(0.0857, 3), number(-2.5e7)
    ('0.086', '-2.500e+07')
    """
    return f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.{digits}e}"


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
