"""What was trained, in sentences."""

from dashboard.charts.notes import NOTES
from minibatch_core import Settings
from minibatch_core.settings.train import sizes_of_epoch
from minibatch_core.words import plural

__all__ = ["summary"]


def summary(settings: Settings) -> str:
    """Sentences that say what is trained, and how an epoch comes about."""
    train, n = settings.train, settings.data.n
    sizes = sizes_of_epoch(n, train.batch_size, train.drop_last)
    numbers = {
        "n": f"{n:,}",
        "size": f"{sizes[0]:,}",
        "short": f"{sizes[-1]:,}",
        "left": f"{n - sum(sizes):,}",
        "per_epoch": f"{len(sizes):,}",
        "epochs": f"{train.epochs:,}",
        "steps": f"{train.epochs * len(sizes):,}",
    }
    names = [
        "task",
        _use(n, sizes, train.shuffle == "replacement"),
        "many_steps" if len(sizes) > 1 else "one_step",
        f"lasts_{plural('epoch', train.epochs)}{'' if len(sizes) == 1 else '_and_steps'}",
    ]
    said = [NOTES[name].format(**numbers) for name in names]
    if train.schedule != "constant":
        said.append(NOTES[f"schedule_{train.schedule}"])
    return " ".join(said)


def _use(n: int, sizes: list[int], is_replaced: bool) -> str:
    """Which note says what points a step uses."""
    is_short = sizes[-1] < sizes[0]
    if is_replaced and sizes[0] == 1:
        return "draws_one"
    if is_replaced:
        return "draws_short" if is_short else "draws"
    if sizes == [n]:
        return "uses_both" if n == 2 else "uses_all"
    if is_short:
        return "uses_short"
    left = n - sum(sizes)
    return "uses" if left == 0 else "uses_but_one" if left == 1 else "uses_but"
