"""Terms and symbols that sentences use, each with what it means in a few plain words."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["SYMBOLS", "TERMS", "Mark", "Term", "legend", "marks"]


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a symbol: how a text writes it, as a regular expression, and what it means.

    What it means explains the terms that it `covers` as well.
    """

    name: str
    written: str
    says: str
    covers: Collection[str] = ()

    @property
    def explains(self) -> tuple[str, ...]:
        """The names of all terms that are explained with it."""
        return self.name, *self.covers


@dataclass(frozen=True, slots=True)
class Mark:
    """Where in a text a term stands that is to be explained there."""

    start: int
    end: int
    term: Term


_BATCH_SIZE = "B is the batch size: how many points a minibatch has."
_N = "N is the number of points in the data."
_LR = "lr is the learning rate. SGD without momentum moves w and b by lr times the gradient."
_SIGMA = (
    "Σ is the covariance of the gradients of single points: how far they scatter, and which way."
)
_LAMBDA = (
    "λ, the sharpness, is the largest eigenvalue of H: how steeply the bowl of the loss curves."
)
_B_SIMPLE = (
    "B_simple is the batch size at which the noise of a minibatch's gradient is as large as the "
    "gradient itself."
)
_B_NOISE = "B_noise is like B_simple, and also takes into account how the loss surface is curved."

TERMS: Sequence[Term] = (
    Term(
        "the model",
        r"p = σ\([^()]*\)",
        "Each point has a feature x and a class y, 0 or 1. Training changes the numbers w and b. "
        "The sigmoid σ turns w x + b into p, the model's probability for class 1.",
        covers=("sigmoid", "feature", "w and b"),
    ),
    Term(
        "sigmoid",
        "σ|sigmoids?",
        "The sigmoid σ(z) = 1/(1 + e⁻ᶻ) turns any number z into a number between 0 and 1.",
    ),
    Term(
        "minibatch",
        "minibatch(?:es)?|Minibatches|^Minibatch$",
        "A minibatch is the points that one step looks at.",
    ),
    Term(
        "epoch",
        "epochs?",
        "An epoch is a round of steps, one for each minibatch. It uses every point once, unless "
        "points are drawn with replacement or left out.",
    ),
    Term(
        "steps taken",
        "^Step$",
        "In one step the optimizer changes w and b once. This counts the steps taken so far, from "
        "0. Epochs and minibatches count from 1.",
        covers=("step",),
    ),
    Term("step", "steps?", "In one step the optimizer changes w and b once."),
    Term(
        "loss",
        "loss(?:es)?|^(?:Minibatch l|L)oss",
        "The loss says how wrong the model is, as a mean over points. Training makes it small.",
    ),
    Term(
        "gradient",
        "gradients?",
        "The gradient is two numbers: how fast the loss grows with w, and how fast with b. "
        "Downhill is the opposite direction.",
    ),
    Term(
        "∂w, ∂b",
        "∂w, ∂b",
        "∂w and ∂b are the gradient: how fast the loss grows when w grows, and when b grows. "
        "Angles between gradients are told for equal scales of w and b, which pictures seldom "
        "have.",
    ),
    Term(
        "w and b",
        "w and b|w or b|^w$|^b$",
        "w and b are the two numbers that training changes. The feature x is multiplied by the "
        "weight w, and the bias b is added.",
    ),
    Term(
        "optimizer",
        "optimizers?",
        "The optimizer is the rule that makes a step in w and b out of a gradient.",
    ),
    Term(
        "SGD",
        "SGD",
        "SGD, stochastic gradient descent, moves w and b downhill by lr times the gradient of a "
        "minibatch.",
    ),
    Term(
        "learning rate", "learning rates?|lr", f"The learning rate says how far a step goes. {_LR}"
    ),
    Term("schedule", "schedules?", "A schedule changes the learning rate during the run."),
    Term(
        "momentum",
        "momentum|Momentum",
        "With momentum the optimizer adds up gradients, so a part of the earlier ones goes on in "
        "each step.",
    ),
    Term(
        "seed", "seeds?", "A seed fixes the random draws: the same seed gives the same run again."
    ),
    Term(
        "standard error",
        r"standard errors?|± (?:less than )?[\d.,]*\d",
        "The number after ± is the standard error. With other random draws the result would "
        "typically change by about that much.",
    ),
    Term(
        "held-out data",
        "[Hh]eld-out data",
        "Held-out data are as many other points of the same source, drawn once. No step has seen "
        "them. Other points would give another loss.",
    ),
    Term("batch size", r"batch size B|B = [\d,]+|B|bs = [\d,]+|`bs`", _BATCH_SIZE),
    Term("N", r"N points|N = [\d,]+|N", _N),
    Term(
        "replacement",
        "with replacement",
        "With replacement each point of a minibatch is drawn from all N points, so one can come "
        "twice and another not at all.",
    ),
    Term(
        "loop",
        "repeating loop",
        "In a repeating loop each epoch leads w and b back to where it began.",
    ),
    Term(
        "period", "period", "The period of a curve is the number of steps after which it repeats."
    ),
    Term(
        "power",
        "swing|(?<=of the )power",
        "The power of a swing is its mean square. The spectrum shares out that of the second half "
        "of the run, without its slow trend, among waves of different lengths.",
    ),
    Term(
        "critical batch size",
        "critical batch size",
        "Far below the critical batch size, with the best learning rate of each, twice as many "
        "points per step save almost half the steps. Far above it they save almost none.",
    ),
    Term("B_simple", "B_simple", _B_SIMPLE),
    Term("B_noise", "B_noise", _B_NOISE),
    Term(
        "covariance",
        "covariance",
        "The covariance of pairs of numbers says how far each of the two scatters, and whether "
        "both do so together.",
    ),
    Term(
        "variance",
        "variances?",
        "The variance is the mean square of the distances from the mean.",
    ),
    Term(
        "standard deviation",
        "[Ss]tandard deviations?",
        "The standard deviation says how far values typically lie from their mean.",
    ),
    Term(
        "root mean square",
        "root mean square",
        "The root mean square is the square root of the mean of the squares.",
    ),
    Term(
        "Hessian",
        "Hessian",
        "The Hessian H is the matrix of the loss's second derivatives. It says how the loss "
        "surface is curved in each direction.",
    ),
    Term(
        "eigenvalue",
        "eigenvalue",
        "The eigenvalues of the Hessian say how strongly the surface is curved along its two main "
        "directions.",
    ),
    Term("sharpness", "sharpness λ|λ", _LAMBDA),
    Term(
        "cycle of steps",
        r"cycle of \d+ steps",
        "In a cycle the run visits the same places again and again.",
    ),
    Term(
        "local minimum",
        "local one",
        "A local minimum is lower than everything near it, though not the lowest point of all.",
    ),
    Term(
        "median",
        "[Mm]edian",
        "The median is the middle one of the values: half of them are smaller, half are larger.",
    ),
    Term(
        "bisection",
        "bisection",
        "Bisection halves an interval again and again, and keeps the half that holds the answer.",
    ),
    Term(
        "Newton's method",
        "Newton's method",
        "Newton's method looks for a minimum with first and second derivatives.",
    ),
    Term("MSE", "MSE", "MSE, the mean squared error, is the mean of (p - y)²."),
    Term(
        "BCE",
        "BCE",
        "BCE, the binary cross entropy, is the mean of -log p for points of class 1 and of "
        "-log(1 - p) for the others.",
    ),
    Term(
        "feature",
        "feature",
        "A feature is a number that is known of each point. Here there is one, x.",
    ),
    Term(
        "weight decay",
        "[Ww]eight decay",
        "Weight decay adds a pull towards 0 to every step of w and b. One that is too strong "
        "throws them past 0.",
    ),
)
"""Terms of sentences; where two could stand at one place, the first of them does."""

SYMBOLS: Sequence[Term] = (
    Term("N", "N", _N),
    Term("B", "B", _BATCH_SIZE),
    Term("ceil", "ceil", "ceil rounds up to a whole number."),
    Term("floor", "floor", "floor rounds down to a whole number."),
    Term("Lⱼ", "Lⱼ", "Lⱼ is the loss of minibatch j."),
    Term("bⱼ", "bⱼ", "bⱼ is the number of points in minibatch j."),
    Term("L", "L", "L is the loss of all the data."),
    Term("lr", "lr", _LR),
    Term("G", "G(?=\\||HG)|(?<=H)G", "G is the gradient of the loss of all the data."),
    Term("|G|²", r"\|G\|²", "|G|² is the square of the length of G."),
    Term(
        "H",
        r"(?<=[ᵀ ()])H",
        "H is the Hessian: the second derivatives of the loss of all the data.",
    ),
    Term(
        "GᵀHG",
        "GᵀHG",
        "GᵀHG says how strongly the loss surface is curved in the direction of G.",
    ),
    Term("Cov", "Cov", "Cov is the covariance of the gradients of minibatches."),
    Term("Σ", "Σ", _SIGMA),
    Term("tr", "tr", "tr is the trace: the sum of the numbers on a matrix's diagonal."),
    Term("V", "V", "V is the covariance of (w, b) around the minimum."),
    Term("I", "I", "I is the identity matrix."),
    Term("ᵀ", r"(?<=\))ᵀ", "ᵀ means transposed."),
    Term("B_simple", "B_simple", _B_SIMPLE),
    Term(
        "B_crit",
        "B_crit",
        "B_crit is the critical batch size, far beyond which larger ones save few steps.",
    ),
    Term("B_noise", "B_noise", _B_NOISE),
    Term("S", "S", "S is the number of steps to the target, S_min the fewest with any batch size."),
    Term(
        "E", "E", "E is the number of examples to the target, E_min the fewest with any batch size."
    ),
    Term("momentum", "momentum", "momentum is the share of each step that goes on in the next."),
    Term("λ", "λ", _LAMBDA),
)
"""Symbols of formulas; a formula is explained as a whole."""

_LETTER = r"[^\W_]"

_BETWEEN = 4
"""Letters between two marks at least: nearer ones could not be told apart, nor tapped."""


def _whole(term: Term) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w∂-])(?:{term.written})(?![\w-])")


_PATTERNS = [(term, _whole(term)) for term in TERMS]
_SYMBOLS = [(term, re.compile(rf"(?<!{_LETTER})(?:{term.written})(?!\w)")) for term in SYMBOLS]

_LEFT_OUT = re.compile(
    r"``[^`]*``|`(?!bs`)[^`]*`|(?<!\*)\*(?!\*)[^*]+\*(?!\*)|<[^>]*>|:\w+\[|&#\d+;|\{\w+\}"
)
"""What is not looked into: code, names of controls in italics, markup, places to be filled in."""


def marks(text: str, explained: Collection[str] = ()) -> list[Mark]:
    """Where the terms first stand in a Markdown text, but for those that are `explained` already.

    >>> [(mark.start, mark.term.name) for mark in marks("Two steps make an epoch, not ten steps.")]
    [(4, 'step'), (18, 'epoch')]
    """
    return list(_marks(text, frozenset(explained)))


@lru_cache(maxsize=4096)
def _marks(text: str, explained: frozenset[str]) -> tuple[Mark, ...]:
    """Kept, since a page says much of what it says again and again."""
    found: list[Mark] = []
    known = set(explained)
    taken = [match.span() for match in _LEFT_OUT.finditer(text)]
    for term, pattern in _PATTERNS:
        if term.name in known:
            continue
        for match in pattern.finditer(text):
            if all(match.end() <= start or end <= match.start() for start, end in taken):
                taken.append((match.start() - _BETWEEN, match.end() + _BETWEEN))
                found.append(Mark(*match.span(), term))
                known.update(term.explains)
                break
    return tuple(sorted(found, key=lambda mark: mark.start))


def legend(formula: str) -> str:
    """What the symbols of a formula mean, a line each; empty where it has none.

    >>> print(legend("tr Cov = tr Σ/B"))  # doctest: +ELLIPSIS
    tr is the trace: ...
    Cov is the covariance of the gradients of minibatches.
    Σ is the covariance of the gradients of single points: ...
    B is the batch size: how many points a minibatch has.
    """
    return "\n".join(dict.fromkeys(term.says for term in _in_order(formula)))


def _in_order(formula: str) -> Iterator[Term]:
    """The symbols of a formula in the order in which they first stand."""
    first = [(match.start(), term) for term, p in _SYMBOLS if (match := p.search(formula))]
    return (term for _, term in sorted(first, key=lambda each: each[0]))
