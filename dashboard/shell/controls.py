"""Every setting as a widget that is bound to the address."""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.charts.wire import ControlKind, SentLooks, SentOwn, SentValues
from dashboard.shell.chosen import value
from dashboard.shell.fragments import PAGE, rerun
from dashboard.shell.page import TABLES
from dashboard.shell.session import current_page, session
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings.fields import Setting

__all__ = [
    "FOLLOWED",
    "PARTS",
    "SETTINGS",
    "draw_control",
    "draw_optimizers",
    "draw_point",
    "draw_size_of_pictures",
    "draw_together",
    "own_words",
    "row",
    "row_of_buttons",
    "values_of",
]

SETTINGS: Mapping[str, Setting] = {
    setting.key: setting for table in TABLES.values() for setting in table.values()
}
PARTS = {
    setting.key: (part, name)
    for part in ("data", "train")
    for name, setting in TABLES[part].items()
}
"""The settings of a run by their keys: the part that each is in, and its name there."""

FOLLOWED = PARTS | {
    {**TABLES["surfaces"], **TABLES["view"]}[name].key: ("looks", name)
    for name in SentLooks.__annotations__
}
"""The same of all that the browser follows: the looks of pages too."""

BOUND: dict[str, Any] = {"bind": "query-params", "persist_state": "session"}

BOX = 96
"""Pixels: as wide as 10,000 needs, and too narrow for step buttons."""

BATCH_SIZES = [
    *range(1, 11),
    *(12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500, 700),
    *(1000, 2000, 3000, 5000, 10_000),
]

# What a slider stops at; the box beside it takes every other value.
STOPS: dict[str, Iterable[float]] = {
    "n": (10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10_000),
    "noise": (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5),
    "bs": BATCH_SIZES,
    "obs": BATCH_SIZES,
    "lr": [float(f"{digit}e{power}") for power in range(-4, 2) for digit in (1, 1.5, 2, 3, 5, 7)],
    "ep": (1, 2, 3, 5, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000),
    "k": range(13),
}

CHANGES_OTHERS = {"n", "opt", "unit"}
"""The controls on whose value other controls depend."""

OPTIONS: dict[str, dict[str, Any]] = {
    **{name: {"placeholder": "usual"} for name in ("sx0", "sx1", "sy0", "sy1")},
    "goal": {"placeholder": "usual"},
    "w0": {"placeholder": "what nn.Linear draws"},
    "b0": {"placeholder": "what nn.Linear draws"},
}


def values_of(key: str) -> SentValues:
    """What a setting that the browser follows can be, as the browser is told."""
    setting, (part, name) = SETTINGS[key], FOLLOWED[key]
    is_number = setting.choices is None and setting.kind is not bool
    return {
        "part": part,
        "name": name,
        "label": setting.label,
        "kind": _kind(setting),
        "minimum": setting.minimum if is_number else None,
        "maximum": setting.maximum if is_number else None,
        "choices": setting.choices,
        "optional": setting.optional,
    }


def own_words(field: str, optimizer: str, others: Container[str]) -> SentOwn:
    """What is said of a hyperparameter of an optimizer, beside other controls, by their keys.

    >>> pairs = ("beta1", "adam"), ("momentum", "nesterov")
    >>> [own_words(*pair, others={"opt"})["placeholder"] for pair in pairs]
    ["0.9, PyTorch's default", '0.9, the usual value']
    """
    record = OPTIMIZERS[optimizer]
    origin = "the usual value" if field in record.usual else "PyTorch's default"
    return {
        "help": record.words.get(field, TABLES["train"][field].help_beside(others)),
        "placeholder": f"{record.hyperparameters[field]:g}, {origin}",
    }


def _kind(setting: Setting) -> ControlKind:
    if setting.choices is not None:
        return "choices" if setting.several else "choice"
    return "switch" if setting.kind is bool else "whole" if setting.kind is int else "number"


def draw_control(name: str, group: str | None = None, **options: Any) -> None:
    """Draw the control of a setting: a change of it runs itself, or its group, and the page.

    Where others depend on its value, a change of it runs the whole script.
    """
    setting = SETTINGS[name]
    if name in STOPS:
        control: Callable[..., Any] = _slider
    elif setting.choices is not None:
        control = _choice
    else:
        control = _switch if setting.kind is bool else _number
    options = OPTIONS.get(name, {}) | options
    if name in CHANGES_OTHERS:
        control(name, **options)
        return
    key = current_page().key(name)
    by = session().drawn_by[key] = group or key
    draw = control if group else st.fragment(control, key=key)
    draw(name, on_change=rerun, args=([by, PAGE],), **options)


def draw_together(draw_group: Callable[[str], None], name: str) -> None:
    """Draw controls as one group, of which `draw_group` is told.

    A first view is a tenth cheaper with one group of a dozen controls that are seldom moved.
    """
    key = current_page().key(name)
    st.fragment(draw_group, key=key)(key)


def draw_point() -> None:
    """The w and b of the point that is looked at, to be drawn by the page itself."""
    with row():
        for name in ("pw", "pb"):
            _number(name, placeholder="lowest")


def draw_size_of_pictures() -> None:
    """The batch size of the pictures, to be drawn by the page itself beside them."""
    _slider("obs")


def draw_optimizers() -> None:
    """Which optimizers race, to be drawn by the page itself."""
    setting, page = SETTINGS["opts"], current_page()
    key = page.key("opts")
    _take_wanted(key)
    st.pills(
        setting.label,
        list(OPTIMIZERS),
        selection_mode="multi",
        default=page.defaults["opts"],
        format_func=OPTIMIZERS.labels.__getitem__,
        key=key,
        **BOUND,
    )


def _take_wanted(key: str) -> None:
    """Give a control the value that a callback wants it to have, in the run that draws it.

    Set in the callback, it would be lost to the address when that starts another run.
    """
    wanted = session().wanted
    if key in wanted:
        st.session_state[key] = wanted.pop(key)


def _slider(name: str, on_change: Callable[..., None] | None = None, args: Any = ()) -> None:
    """A slider with stops for the usual values, and a box for any value; the box is bound.

    A value set by the state is sent in that run alone, and a browser that draws the slider only
    after the next run shows its default: so the default, too, is what the box says.
    """
    setting, key = SETTINGS[name], current_page().key(name)
    with row():
        track = st.container()
        chosen = _number(
            name, on_change=on_change, args=args, label_visibility="collapsed", width=BOX
        )
    most = _most(name)
    stops = sorted({stop for stop in STOPS[name] if stop < most} | {chosen, most})
    slider_key = f"{key}_slider"
    if st.session_state.get(slider_key) != chosen:
        st.session_state[slider_key] = chosen
    track.select_slider(
        setting.label,
        stops,
        value=chosen,
        key=slider_key,
        format_func="{:g}".format,
        help=setting.help_beside(current_page().controls),
        on_change=_follow_slider,
        args=(key, on_change, args),
    )


def _most(name: str) -> Any:
    """Where a slider ends; no minibatch has more points than the data."""
    return value("n") if name in ("bs", "obs") else SETTINGS[name].maximum


def _follow_slider(key: str, then: Callable[..., None] | None, args: Any) -> None:
    st.session_state[key] = st.session_state[f"{key}_slider"]
    if then is not None:
        then(*args)


def _number(name: str, **options: Any) -> Any:
    setting = SETTINGS[name]
    whole = setting.kind is int
    _take_wanted(current_page().key(name))
    return st.number_input(
        setting.label,
        min_value=setting.kind(setting.minimum),
        max_value=setting.kind(setting.maximum),
        value=current_page().defaults[name],
        step=1 if whole else None,
        format="%d" if whole else "%g",
        key=current_page().key(name),
        **{"help": setting.help_beside(current_page().controls)} | options,
        **BOUND,
    )


def _choice(name: str, **options: Any) -> Any:
    setting = SETTINGS[name]
    choices = setting.choices or {}
    _take_wanted(current_page().key(name))
    return st.selectbox(
        setting.label,
        list(choices),
        index=list(choices).index(current_page().defaults[name]),
        format_func=choices.__getitem__,
        key=current_page().key(name),
        help=setting.help_beside(current_page().controls),
        **options,
        **BOUND,
    )


def _switch(name: str, **options: Any) -> bool:
    setting, page = SETTINGS[name], current_page()
    _take_wanted(page.key(name))
    return st.toggle(
        setting.label,
        page.defaults[name],
        key=page.key(name),
        help=setting.help_beside(current_page().controls),
        **options,
        **BOUND,
    )


def row() -> DeltaGenerator:
    """Where controls stand side by side."""
    return st.container(horizontal=True, vertical_alignment="bottom", wrap=False, gap="small")


def row_of_buttons(text: str) -> DeltaGenerator:
    """Where buttons stand at the end of a line of text."""
    line = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    )
    line.markdown(text, width="content")
    return line.container(horizontal=True, width="content", gap="small")
