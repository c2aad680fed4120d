"""From the notebook's first run to its third, one change at a time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import streamlit as st

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.charts.live_chart import Board, Chart, Grid
from dashboard.charts.run import Trained, trained
from dashboard.figures.parts import FEWEST_FOR_BANDS, in_the_middle
from dashboard.figures.story import (
    before_and_after_figure,
    effects_figure,
    first_and_last_figure,
)
from dashboard.server.cached import cached
from dashboard.shell.acts import open_run
from dashboard.shell.chosen import chosen
from dashboard.shell.comparison import Comparison, printed_by_the_notebook
from dashboard.shell.layout import Notice, Shown, show, show_beside_the_notebook, show_head
from dashboard.shell.navigation import follow_click
from dashboard.shell.page import DATA, NOTEBOOK, Chosen, Page
from dashboard.shell.tables import show_table
from dashboard.shell.view_settings import MEASURES, UNITS, ViewSettings, said_of_time
from minibatch_core import (
    NOTEBOOK_PRESETS,
    DataSettings,
    Settings,
    TrainSettings,
    full_loss,
    make_dataset,
)
from minibatch_core.arrays import Floats
from minibatch_core.course.story import (
    CHANGES,
    CLEAR,
    FEWEST_SEEDS,
    Effect,
    Stage,
    ends_of_runs,
    made_first_and_last,
    notebook_runs,
    story,
)
from minibatch_core.engine.budgets import spent
from minibatch_core.losses import LOSSES
from minibatch_core.settings.train import SHUFFLES
from minibatch_core.words import all_of, listed, moved, number, percent, plural, with_error

IDEA = f"""
The notebook's three runs differ in {len(CHANGES)} settings: loss, batch size, epochs, learning
rate, shuffling and start. Several of them change at once, so its third run cannot show what
shuffling does. Here one setting changes at a time, from run 1 to run 3. Each small chart shows one
change: the loss on all the data, dotted before the change, and a broad pale line after it. Choose
the way, and which setting changes first.
"""

READING = f"""
**What each change did.** First where the run after it ends. Then what the change did to each
number: in one draw, and on average over the seeds, ± the standard error of that average. A change
is *clear* where its average over at least {FEWEST_SEEDS} seeds is more than {CLEAR:g} standard
errors away from 0. *Start*: run 3 draws two random numbers before its model, which nobody uses; so
it starts elsewhere, and a shuffled run also sees the points in another order.
"""

MOST_LOOKS = 100_000_000
"""How many points the runs of all seeds may look at together."""

IN_A_ROW = 4
"""How many of the small charts stand side by side."""

RUNS = {name: f"run {k}" for k, name in enumerate(NOTEBOOK_PRESETS, 1)}


@dataclass(frozen=True, slots=True, eq=False)
class Ran:
    """A run on the way: the one that is drawn, and where it ends with each of the seeds."""

    name: str
    change: str
    stage: Stage
    shown: Trained
    ends: Mapping[str, Floats]  # MSE, BCE, w and b


@dataclass(frozen=True, slots=True)
class Told(Shown):
    """The charts, sentences and slips of the page, its runs by name, and the rows of its table."""

    runs: Mapping[str, Settings] = field(default_factory=dict)
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What the sentences speak of: runs, and effects on the chosen loss.

    - `effects`: of the changes on the way, in their order
    - `others`: the same, measured by the other loss
    - `first`, `last`: of each field that differs between run 1 and run 3, made first and made last
    """

    measure: str
    seeds: int
    runs: Sequence[Ran]
    effects: Sequence[Effect]
    others: Sequence[Effect]
    first: Mapping[str, Effect]
    last: Mapping[str, Effect]


@cached(most=32)
def compute(chosen: Chosen) -> Told:
    """Train every run on the way, with many seeds each."""
    data, seed, view = chosen.settings.data, chosen.settings.train.seed, chosen.view
    stages = story(data.n, seed, view.route, view.first_change)
    seeds = _affordable(data.n, stages, view)
    found = _found(data, stages, seeds, view.measure)
    runs = {ran.name: Settings(data, ran.stage.train) for ran in found.runs}
    words = [
        _all_at_once(found),
        _largest(found),
        *_shuffling(found),
        _luck(found, seed),
        *_interplay(found),
        _one_measure(found),
        *_too_few_points(data.n),
        *_fewer_seeds(data.n, seeds, view),
        *said_of_time(view.budget),
    ]
    return Told(
        _board(found, view),
        comparison=_comparison(found),
        notices=[_more_than_the_order(found)],
        words=words,
        runs=runs,
        rows=_rows(found),
    )


def _affordable(n: int, stages: Sequence[Stage], view: ViewSettings) -> int:
    """How many of the seeds asked for the runs may have."""
    runs = {stage.train for stage in stages}
    for change in _differing(n):
        for pair in made_first_and_last(n, change):
            runs |= set(pair)
    return min(view.seeds, MOST_LOOKS // (n * sum(run.epochs for run in runs)))


def _differing(n: int) -> list[str]:
    """The fields in which run 1 and run 3 differ; with few points their batch sizes do not."""
    runs = notebook_runs(n)
    start, end = runs["full_batch"], runs["dataloader"]
    return [change for change in CHANGES if getattr(start, change) != getattr(end, change)]


def _found(data: DataSettings, stages: Sequence[Stage], seeds: int, measure: str) -> Found:
    runs: list[Ran] = []
    for k, stage in enumerate(stages):
        shown = trained(Settings(data, stage.train))
        name = "Run 1" if stage.changed is None else f"{k}. {CHANGES[stage.changed]}"
        change = _from_to(stage, runs[-1].shown, shown) if stage.changed else ""
        runs.append(Ran(name, change, stage, shown, _ends(data, stage.train, seeds)))
    (other,) = MEASURES.keys() - {measure}
    first, last = {}, {}
    for change in _differing(data.n):
        pairs = made_first_and_last(data.n, change, stages[0].train.seed)
        first[change], last[change] = (
            Effect(_ends(data, after, seeds)[measure] - _ends(data, before, seeds)[measure])
            for before, after in pairs
        )
    return Found(measure, seeds, runs, _effects(runs, measure), _effects(runs, other), first, last)


@cached(most=256)
def _ends(data_settings: DataSettings, train: TrainSettings, seeds: int) -> Mapping[str, Floats]:
    """Measured once for each run, on whatever way it stands."""
    data = make_dataset(data_settings)
    w, b = np.ascontiguousarray(ends_of_runs(data, train, seeds).T)
    return {**{name: full_loss(data, w, b, name) for name in MEASURES}, "w": w, "b": b}


def _effects(runs: Sequence[Ran], quantity: str) -> list[Effect]:
    return [
        Effect(after.ends[quantity] - before.ends[quantity]) for before, after in pairwise(runs)
    ]


def _from_to(stage: Stage, before: Trained, after: Trained) -> str:
    """What was changed, from what to what; of the start where it leads."""
    if stage.changed == "randn_before_model":
        starts = [
            f"w {number(run.w[0], 2)}, b {number(run.b[0], 2)}" for run in (before.run, after.run)
        ]
        return " → ".join(starts)
    labels = {"loss": LOSSES.labels, "shuffle": SHUFFLES}.get(stage.changed or "")
    values = stage.before, getattr(stage.train, stage.changed or "")
    return " → ".join(labels[value] if labels else f"{value:,}" for value in values)


# What is drawn.


def _board(found: Found, view: ViewSettings) -> Board:
    curves = [_curve(ran, view) for ran in found.runs]
    ends = _ends_of_axes(curves)
    label, unit = MEASURES[found.measure], UNITS[view.unit].lower()
    charts = []
    for k, (before, after) in enumerate(pairwise(curves)):
        ran, effect = found.runs[k + 1], found.effects[k]
        note = f"{ran.change}. {_in_this_draw(label, effect.one, after[1][-1])}"
        figure = before_and_after_figure(before, after, unit, ends)
        charts.append(Chart(f"change{k + 1}", f"{ran.name}{_is_run(ran)}", note, figure))
    names = [ran.name for ran in found.runs[1:]]
    charts += [
        Chart(
            "effects",
            f"What each change does to the {label}",
            "A circle is one draw. A diamond is the mean over "
            f"{found.seeds:,} seeds, with its standard error."
            + f" A bar holds the middle {in_the_middle(found.seeds):,} of them."
            * (found.seeds >= FEWEST_FOR_BANDS),
            effects_figure(names, found.effects, f"change of the {label}"),
        ),
        Chart(
            "order",
            "Made first, or made last",
            f"Each diamond is a mean over {found.seeds:,} seeds. It is open where the change is "
            "made alone, straight from run 1, and filled where it is made after all the others, "
            "into run 3.",
            first_and_last_figure(
                [CHANGES[change] for change in found.first],
                list(found.first.values()),
                list(found.last.values()),
                f"change of the {label}",
            ),
        ),
    ]
    return Board({}, charts, _grid(len(found.runs) - 1))


def _in_this_draw(label: str, change: float, end: float) -> str:
    by = _signed(change)
    if by == "0":
        return f"In this draw that leaves the {label} at the end at {number(end, 4)}."
    return f"In this draw that changes the {label} at the end by {by}, to {number(end, 4)}."


def _grid(count: int) -> Grid:
    """The small charts in rows, and the two of all changes side by side below."""
    names = [f"change{k + 1}" for k in range(count)]
    rows = -(-count // IN_A_ROW)
    names += ["."] * (rows * IN_A_ROW - count)
    areas = [" ".join(names[k * IN_A_ROW : (k + 1) * IN_A_ROW]) for k in range(rows)]
    return Grid(
        areas=(*areas, "effects effects order order"),
        rows=f"{'190px ' * rows}310px",
        columns=f"repeat({IN_A_ROW}, minmax(0, 1fr))",
    )


def _curve(ran: Ran, view: ViewSettings) -> tuple[Floats, Floats]:
    run, steps = ran.shown.run, ran.shown.steps
    loss = full_loss(ran.shown.data, run.w[steps], run.b[steps], view.measure)
    return spent(steps, run.batches, view.budget), loss


def _ends_of_axes(
    curves: Sequence[tuple[Floats, Floats]],
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The axes that all the small charts share: the loss from the lowest to above the highest end.

    The first epochs are much higher, and would flatten what differs at the end.
    """
    lowest = min(float(y.min()) for _, y in curves)
    above = max(float(y[-1]) for _, y in curves) - lowest
    longest = max(float(x[-1]) for x, _ in curves)
    return (0.0, longest), (lowest - 0.1 * above, lowest + 2.0 * above)


def _is_run(ran: Ran) -> str:
    """Which of the notebook's runs it is, if it is one that a change leads to."""
    is_one = ran.stage.preset is not None and ran.stage.changed is not None
    return f" = {RUNS[str(ran.stage.preset)]}" if is_one else ""


def _rows(found: Found) -> list[list[str]]:
    """A row for where each run ends, and two for what the change to it did."""
    rows: list[list[str]] = []
    quantities = (*MEASURES, "w", "b")
    effects = {each: _effects(found.runs, each) for each in quantities}
    for k, ran in enumerate(found.runs):
        title = f"**{ran.name}{_is_run(ran)}**" + f": {ran.change}" * bool(ran.change)
        rows.append([title, *(f"**{number(ran.ends[each][0], 4)}**" for each in quantities)])
        if k:
            changed = [effects[each][k - 1] for each in quantities]
            rows.append(["one draw", *(_signed(each.one) for each in changed)])
            rows.append([f"{found.seeds:,} seeds", *(_with_error(each) for each in changed)])
    return rows


def _signed(value: float) -> str:
    """A difference with its sign, and two digits where it is small."""
    if abs(value) < 1e-9:
        return "0"
    return f"{value:+.{max(4, 1 - math.floor(math.log10(abs(value))))}f}"


def _with_error(effect: Effect) -> str:
    """A mean with its standard error and its sign, or "0" where nothing changes."""
    return "0" if effect.is_nothing else with_error(effect.mean, effect.error, sign="+")


# What it says, each sentence by the numbers it speaks of.


def _tells_clear(found: Found) -> bool:
    """Whether the seeds are enough to say which effects are clear."""
    return found.seeds >= FEWEST_SEEDS


def _all_at_once(found: Found) -> str:
    label = MEASURES[found.measure]
    ends = [number(ran.ends[found.measure][0], 4) for ran in found.runs]
    middle = [
        f", by way of run 2 at {end}"
        for ran, end in zip(found.runs[1:-1], ends[1:-1], strict=True)
        if ran.stage.preset is not None
    ]
    return (
        f"**All at once.** From run 1 to run 3 the {label} on all the data "
        f"{moved(ends[0], ends[-1])}{''.join(middle)}. Run 1 and run 3 differ in "
        f"{len(found.first)} settings{_why_fewer(found)}, so the difference alone does not say "
        f"which setting made it. Here {len(found.effects)} single changes lead from run 1 to run 3."
    )


def _why_fewer(found: Found) -> str:
    """Why run 1 and run 3 do not differ in all of CHANGES."""
    if "batch_size" in found.first:
        return ""
    n = len(found.runs[0].shown.data)
    return f", not {len(CHANGES)}, because with N = {n:,} both use all points in every step"


def _largest(found: Found) -> str:
    effects = found.effects
    if not _tells_clear(found):
        return (
            f"**Few seeds.** With fewer than {FEWEST_SEEDS} seeds this page does not say which "
            "effects are clear."
        )
    if not any(each.is_clear for each in effects):
        return "**The largest change.** No change is clearly different from 0."
    k = _largest_of(effects)
    ran = found.runs[k + 1]
    return (
        f"**The largest change** is that of *{ran.name}* ({ran.change}): it changes the "
        f"{MEASURES[found.measure]} by {_with_error(effects[k])} on average over "
        f"{found.seeds:,} seeds.{_as_large(found, k)}"
    )


def _as_large(found: Found, largest: int) -> str:
    """Which changes chance may have kept from being the largest."""
    size = np.sign(found.effects[largest].mean) * found.effects[largest].each
    names = [
        found.runs[k + 1].name
        for k, effect in enumerate(found.effects)
        if k != largest
        and effect.is_clear
        and not Effect(size - np.sign(effect.mean) * effect.each).is_clear
    ]
    return (
        f" {_named(names)} may change it as much: these seeds do not tell which is larger."
        if names
        else ""
    )


def _largest_of(effects: Sequence[Effect]) -> int:
    """The place of the clear change with the largest mean."""
    clear = [k for k, each in enumerate(effects) if each.is_clear]
    return max(clear, key=lambda k: abs(effects[k].mean))


def _shuffling(found: Found) -> list[str]:
    (k,) = [k for k, ran in enumerate(found.runs[1:]) if ran.stage.changed == "shuffle"]
    effect, train = found.effects[k], found.runs[k + 1].stage.train
    if effect.is_nothing:
        n = len(found.runs[0].shown.data)
        why = (
            f"every step uses {all_of(n, 'point')}, and their order does not matter"
            if train.batch_size == n
            else "no end differs by more than rounding"
        )
        return [f"**Shuffling** changes nothing at this place, because {why}."]
    said = (
        f"**Shuffling** changes the {MEASURES[found.measure]} by {_signed(effect.one)} in one "
        f"draw, and by {_with_error(effect)} on average over {found.seeds:,} seeds."
    )
    if not _tells_clear(found):
        return [said]
    if not effect.is_clear:
        return [f"{said} That is not clearly different from 0."]
    largest = _largest_of(found.effects)
    way = "higher" if effect.mean > 0.0 else "lower"
    if largest == k:
        return [f"{said} So shuffling makes the loss {way} here, more than any other change does."]
    share = abs(effect.mean / found.effects[largest].mean)
    return [
        f"{said} So shuffling makes the loss {way} here, by {percent(share)} of what the largest "
        "change does."
    ]


def _luck(found: Found, seed: int) -> str:
    unclear, against = [], []
    for ran, effect in zip(found.runs[1:], found.effects, strict=True):
        if effect.is_nothing:
            continue
        if not effect.is_clear:
            unclear.append(ran.name)
        elif effect.one * effect.mean < 0.0:
            against.append(ran.name)
    said = (
        f"**Luck.** Each run is one draw, with seed {seed:,}: the seed decides where it starts "
        "and, where the points are shuffled, their order."
    )
    if not _tells_clear(found):
        return said
    if unclear:
        effects = "effect of" if len(unclear) == 1 else "effects of"
        verb = "is" if len(unclear) == 1 else "are"
        said += (
            f" The average {effects} {_named(unclear)} {verb} not clearly different from 0. So "
            "what this draw shows there may be luck."
        )
    if against:
        verb = "goes" if len(against) == 1 else "go"
        said += f" {_named(against)} {verb} the other way in this draw than on average."
    if not unclear and not against:
        said += " Here every change goes the same way in this draw as on average, and is clear."
    return said


def _named(names: Sequence[str]) -> str:
    """Names as a sentence lists them.

    >>> _named(["a"]), _named(["a", "b", "c"])
    ('*a*', '*a*, *b* and *c*')
    """
    return listed([f"*{name}*" for name in names])


def _interplay(found: Found) -> list[str]:
    if not _tells_clear(found):
        return []
    label = MEASURES[found.measure]
    apart = {
        change: Effect(found.first[change].each - found.last[change].each) for change in found.first
    }
    clear = [change for change, each in apart.items() if each.is_clear]
    if not clear:
        return [
            "**The order of the changes.** Here no change clearly does more, or less, where it is "
            "made first than where it is made last."
        ]
    most = max(clear, key=lambda change: abs(apart[change].mean))
    said = (
        f"**The order of the changes matters.** *{CHANGES[most]}*, for example: made first, "
        f"straight from run 1, it changes the {label} by {_with_error(found.first[most])}; made "
        f"last, into run 3, by {_with_error(found.last[most])}. So what a setting does depends on "
        "what was changed before it, and no order is the right one."
    )
    if found.first["shuffle"].is_nothing:
        said += (
            " *Shuffling*, made first, changes nothing: run 1 uses all the points in every step."
        )
    return [said]


def _one_measure(found: Found) -> str:
    label = MEASURES[found.measure]
    (other,) = [text for name, text in MEASURES.items() if name != found.measure]
    start = found.runs[0].shown
    said = (
        f"**One measure.** Run 1 was trained with *{LOSSES.labels[start.run.settings.loss]}* and "
        f"ends at {number(float(start.full[-1]), 4)} of that loss, run 3 with MSE. Two kinds of "
        f"loss cannot be compared, so here the {label} measures every run."
    )
    if not _tells_clear(found):
        return said
    turned = [
        ran.name
        for ran, effect, another in zip(found.runs[1:], found.effects, found.others, strict=True)
        if effect.is_clear and another.is_clear and effect.mean * another.mean < 0.0
    ]
    if not turned:
        return f"{said} Measured by {other}, no clear change goes the other way."
    verb = "goes" if len(turned) == 1 else "go"
    return f"{said} Measured by {other}, {_named(turned)} {verb} the other way."


def _too_few_points(n: int) -> list[str]:
    """Which of the notebook's batch sizes there are no points for."""
    small = [
        (RUNS[name], preset.train.batch_size)
        for name, preset in NOTEBOOK_PRESETS.items()
        if preset.train.batch_size > n and name != "full_batch"
    ]
    if not small:
        return []
    asked = " and ".join(f"{size} ({name})" for name, size in small)
    return [
        f"**Few points.** N = {n:,} points are too few for batches of {asked}: "
        f"{all_of(n, 'point')} are used at once there."
    ]


def _fewer_seeds(n: int, seeds: int, view: ViewSettings) -> list[str]:
    if seeds == view.seeds:
        return []
    return [
        f"**Fewer seeds.** With N = {n:,} points there are {seeds:,} {plural('seed', seeds)} here "
        f"and not {view.seeds:,}: the runs of all seeds may look at {MOST_LOOKS:,} points together."
    ]


def _comparison(found: Found) -> Comparison:
    """The last two lines that each of the notebook's runs prints."""
    rows = []
    for ran in found.runs:
        preset = ran.stage.preset
        if preset is not None:
            printed = printed_by_the_notebook(preset, ran.shown.run).rows[-2:]
            rows += [(f"{RUNS[preset]}, {label}", pairs) for label, pairs in printed]
    return Comparison(("loss", "w", "b"), rows)


def _more_than_the_order(found: Found) -> Notice:
    section2, section3 = (
        NOTEBOOK_PRESETS[name].train for name in ("ordered_minibatches", "dataloader")
    )
    changed = [
        label.lower()
        for each, label in CHANGES.items()
        if getattr(section2, each) != getattr(section3, each)
    ]
    effect, label = found.last["shuffle"], MEASURES[found.measure]
    outcome = (
        f"changes the {label} at the end by {_signed(effect.one)} in this draw, and by "
        f"{_with_error(effect)} on average over {found.seeds:,} seeds"
    )
    if _tells_clear(found) and not effect.is_clear:
        outcome += ", which is not clearly different from 0"
    if effect.is_nothing:
        outcome = "changes nothing here, where a step uses all the points"
    return Notice(
        "The third run changes more than the order",
        "The notebook shuffles because fixed minibatches oscillate. But from its second run to its "
        f"third it changes {listed(changed)}. Where all else is as in "
        f"run 3, shuffling {outcome}.",
    )


def draw() -> None:
    asked = chosen()
    told = compute(asked)
    last = told.runs[list(told.runs)[-1]]
    show_head(last, IDEA, runs=told.runs)
    show(Shown(told.board, words=told.words), last)
    st.markdown(READING)
    show_table(["run", *MEASURES.values(), "w", "b"], told.rows)
    follow_click()
    st.markdown("**Open a run in the Playground**")
    with st.container(horizontal=True, gap="small"):
        for name, run in told.runs.items():
            st.button(name, key=f"open {name}", on_click=open_run, args=(run,))
    if told.comparison is not None:
        show_beside_the_notebook(told.comparison, told.notices, last, code_of="run 3")


PAGE = Page(
    name="one_change",
    title="One change at a time",
    place=5,
    help="From the notebook's first run to its third, one setting after another, with many seeds.",
    group=NOTEBOOK,
    controls=DATA | {"route", "first", "by", "seed", "nseeds", "unit", "cost"},
    settings=NOTEBOOK_PRESETS["full_batch"],
    view=ViewSettings(seeds=50, unit="epochs"),
    is_full_batch=True,
    is_ready_early=False,
    compute=compute,
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
