"""The sidebar: every setting as a widget bound to the address, and the settings they make.

Each page has settings of its own, and so keys of its own: it opens with those of its place, and a
return to it finds them as they were left. A control whose change leaves the other controls as they
are is a fragment of its own: moving it runs that fragment and the page, a third of the work of the
whole script.
"""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.charts.live_chart import go_to
from dashboard.server.undocumented import is_run_of_fragments
from dashboard.shell import repairs
from dashboard.shell.page import PLACES, TABLES, Place, ViewSettings
from dashboard.shell.presets import PRESETS
from minibatch_core import (
    NOTEBOOK_PRESETS,
    DataSettings,
    Settings,
    SurfaceSettings,
    SweepSettings,
    TrainSettings,
)
from minibatch_core.optimizers import HYPERPARAMETERS, OPTIMIZERS
from minibatch_core.settings.fields import Setting

__all__ = [
    "PAGE",
    "change",
    "choose_point",
    "draw",
    "draw_optimizers",
    "draw_point",
    "open_in_playground",
    "settings",
    "start_at",
    "surfaces",
    "sweep",
    "view",
]

PAGE = "page"
"""The fragment key under which every page draws what depends on the settings."""

SETTINGS: Mapping[str, Setting] = {
    setting.key: setting for table in TABLES.values() for setting in table.values()
}
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

ROWS = (
    *(("sx",), ("sx0", "sx1", "sxn"), ("sy",), ("sy0", "sy1", "syn"), ("runs", "goal")),
    *(("nseeds", "unit"),),
    *(("bs",), ("lr",), ("alr",), ("mom",), ("sched",), ("opt", "shuf"), ("loss", "seed"), ("ep",)),
    *(("k",), ("repl",), ("div",), ("kseed",), ("look",), ("own",), ("obs",)),
    *(("n",), ("noise",), ("dseed",)),
)
"""The settings of the sidebar from top to bottom, those of a row side by side."""

LAST = (("sched",), ("drop",), ("w0",), ("b0",), ("pre",), ("scale",))
"""What stands under "More", below the optimizer's hyperparameters."""

OF_AN_OPTIMIZER = {"mom", "sched"}
"""What stands under "More" as well, where an optimizer can be chosen."""

CHANGES_OTHERS = {"n", "opt"}
"""The controls on whose value other controls depend."""

OPTIONS: dict[str, dict[str, Any]] = {
    "seed": {"width": BOX},
    **{name: {"placeholder": "usual"} for name in ("sx0", "sx1", "sy0", "sy1")},
    "goal": {"placeholder": "usual"},
    "w0": {"placeholder": "what nn.Linear draws"},
    "b0": {"placeholder": "what nn.Linear draws"},
}


def draw(place: Place) -> None:
    """Draw the sidebar of a place."""
    if st.session_state.get("place") != place.name:
        st.session_state["place"] = place.name
        st.session_state["notices"] = []
    repairs.make_pending()
    if not place.keys:  # no sidebar then
        return
    shown = {key: replace(SETTINGS[key], key=place.key(key)) for key in place.keys}
    if found := repairs.find_in_address(shown, place.defaults):
        _repair(found)
    if place.name == "playground":
        _draw_presets()
    else:
        label = "The lab's settings" if place.group == "Labs" else "The notebook's settings"
        text = "Give every control on this page the value that it opened with."
        st.button(label, help=text, on_click=_load_defaults, width="stretch")
    more = "opt" in place.keys
    with st.container(gap="xsmall"):
        _draw_rows(ROWS, place.keys - OF_AN_OPTIMIZER if more else place.keys)
    if more:
        with st.expander("More"):
            _draw_hyperparameters()
            _draw_rows(LAST, place.keys)


def _draw_presets() -> None:
    """The notebook's runs by the number of their section, and a menu with more."""
    with _row():
        for number, name in enumerate(list(PRESETS)[: len(NOTEBOOK_PRESETS)], 1):
            st.button(f"§{number}", help=name, on_click=_load_preset, args=(name,))
        st.menu_button("Presets", list(PRESETS), key="preset", on_click=_load_chosen_preset)


def _draw_rows(rows: Iterable[tuple[str, ...]], keys: Set[str]) -> None:
    for row in rows:
        names = [name for name in row if name in keys]
        if len(names) == 1:
            _draw_control(names[0])
        elif names:
            with _row():
                for name in names:
                    _draw_control(name)


def _draw_control(name: str) -> None:
    setting = SETTINGS[name]
    if name in STOPS:
        control: Callable[..., Any] = _slider
    elif setting.choices is not None:
        control = _choice
    else:
        control = _switch if setting.kind is bool else _number
    options = OPTIONS.get(name, {})
    if name in CHANGES_OTHERS:
        control(name, **options)
    else:
        _alone(control, name, **options)


def _draw_hyperparameters() -> None:
    optimizer = _value(_place(), "opt")
    for field, default in OPTIMIZERS[optimizer].hyperparameters.items():
        setting = TABLES["train"][field]
        if setting.kind is bool:
            _alone(_switch, setting.key)
        else:
            placeholder = f"{default:g}, PyTorch's default"
            _alone(_number, setting.key, placeholder=placeholder)


def draw_point() -> None:
    """The w and b of the sigmoid shown, to be drawn by the page itself."""
    with _row():
        for name in ("pw", "pb"):
            _number(name, placeholder="lowest")


def draw_optimizers() -> None:
    """Which optimizers race, to be drawn by the page itself."""
    setting, place = SETTINGS["opts"], _place()
    key = place.key("opts")
    _take_wanted(key)
    st.pills(
        setting.label,
        list(OPTIMIZERS),
        selection_mode="multi",
        default=place.defaults["opts"],
        format_func=OPTIMIZERS.labels.__getitem__,
        key=key,
        **BOUND,
    )


def settings() -> Settings:
    """The settings that the page shows; values that can't be together start the run over."""
    place, data, train = _place(), _values("data"), _values("train")
    if place.full_batch:
        train["batch_size"] = data["n"]
    order_batch_size = _value(place, "obs") if "obs" in place.keys else 1
    if found := repairs.find_in_values(data["n"], train, order_batch_size):
        _repair(found)
    for field in HYPERPARAMETERS - OPTIMIZERS[train["optimizer"]].hyperparameters.keys():
        train[field] = getattr(place.settings.train, field)
    return Settings(DataSettings(**data), TrainSettings(**train))


def surfaces() -> SurfaceSettings:
    """The minibatch surfaces that the page shows, on the grid of the chosen look."""
    return SurfaceSettings(**(_values("surfaces") | {"points": view().points}))


def sweep() -> SweepSettings:
    """What the page sweeps; raises ValueError if that can't be."""
    return SweepSettings(**_values("sweep"))


def view() -> ViewSettings:
    """How the page says that things are to be drawn."""
    return ViewSettings(**_values("view"))


def _place() -> Place:
    return PLACES[st.session_state.get("place", "playground")]


def _values(part: str) -> dict[str, Any]:
    place = _place()
    return {field: _value(place, setting.key) for field, setting in TABLES[part].items()}


def _value(place: Place, name: str) -> Any:
    default = place.defaults[name]
    return st.session_state.get(place.key(name), default) if name in place.keys else default


def change(name: str, value: Any) -> None:
    """Give a control of the sidebar another value, from a callback: it and the page run again."""
    _change({name: value})


def _change(values: Mapping[str, Any]) -> None:
    keys = {_place().key(name): value for name, value in values.items()}
    st.session_state.setdefault("wanted", {}).update(keys)
    _rerun([*keys, PAGE])


def _take_wanted(key: str) -> None:
    """Give a control the value that a callback wants it to have, in the run that draws it.

    Set in the callback, it would be lost to the address when that starts another run.
    """
    wanted = st.session_state.get("wanted", {})
    if key in wanted:
        st.session_state[key] = wanted.pop(key)


def start_at(w: float | None, b: float | None) -> None:
    """Start the run at a point, or where PyTorch does, from a callback of the page."""
    wanted = {"w0": w, "b0": b}
    for name, value in wanted.items():
        checked = SETTINGS[name].check(name, value)
        wanted[name] = None if checked is None else round(checked, 3)
    _change(wanted)


def choose_point(w: Any, b: Any) -> None:
    """Show the sigmoid of another point, from a callback of the page."""
    for name, value in (("pw", w), ("pb", b)):
        st.session_state[_place().key(name)] = round(SETTINGS[name].check(name, value), 4)


def _repair(found: Iterable[repairs.Repair]) -> None:
    place = _place()
    repairs.make([(place.key(name), value, notice) for name, value, notice in found])


def _alone(draw_control: Callable[..., Any], name: str, **options: Any) -> None:
    """Draw a control as a fragment: a change of it runs itself and the page, nothing else."""
    key = _place().key(name)
    fragment = st.fragment(draw_control, key=key)
    fragment(name, on_change=_rerun, args=([key, PAGE],), **options)


def _rerun(fragments: list[str]) -> None:
    """Run these fragments instead of the one whose control has changed.

    Where a change of another control has asked for the whole script, it runs as it is: stopped by
    a rerun of fragments it would have drawn nothing, and the browser would clear the page.
    """
    if is_run_of_fragments():
        st.rerun(fragments)


def _slider(name: str, on_change: Callable[..., None] | None = None, args: Any = ()) -> None:
    """A slider with stops for the usual values, and a box for any value; the box is bound."""
    setting, key = SETTINGS[name], _place().key(name)
    with _row():
        track = st.container()
        value = _number(
            name, on_change=on_change, args=args, label_visibility="collapsed", width=BOX
        )
    stops = sorted({stop for stop in STOPS[name] if stop <= setting.maximum} | {value})
    slider_key = f"{key}_slider"
    if st.session_state.get(slider_key) != value:
        st.session_state[slider_key] = value
    track.select_slider(
        setting.label,
        stops,
        key=slider_key,
        format_func="{:g}".format,
        help=setting.help,
        on_change=_follow_slider,
        args=(key, on_change, args),
    )


def _follow_slider(key: str, then: Callable[..., None] | None, args: Any) -> None:
    st.session_state[key] = st.session_state[f"{key}_slider"]
    if then is not None:
        then(*args)


def _number(name: str, **options: Any) -> Any:
    setting = SETTINGS[name]
    whole = setting.kind is int
    _take_wanted(_place().key(name))
    return st.number_input(
        setting.label,
        min_value=setting.kind(setting.minimum),
        max_value=setting.kind(setting.maximum),
        value=_place().defaults[name],
        step=1 if whole else None,
        format="%d" if whole else "%g",
        key=_place().key(name),
        help=setting.help,
        **options,
        **BOUND,
    )


def _choice(name: str, **options: Any) -> Any:
    setting = SETTINGS[name]
    choices = setting.choices or {}
    _take_wanted(_place().key(name))
    return st.selectbox(
        setting.label,
        list(choices),
        index=list(choices).index(_place().defaults[name]),
        format_func=choices.__getitem__,
        key=_place().key(name),
        help=setting.help,
        **options,
        **BOUND,
    )


def _switch(name: str, **options: Any) -> bool:
    setting, place = SETTINGS[name], _place()
    _take_wanted(place.key(name))
    return st.toggle(
        setting.label,
        place.defaults[name],
        key=place.key(name),
        help=setting.help,
        **options,
        **BOUND,
    )


def _row() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="bottom", wrap=False, gap="small")


def _load_defaults() -> None:
    place = _place()
    defaults = place.defaults
    for name in place.keys:
        st.session_state[place.key(name)] = defaults[name]


def open_in_playground(run: Settings) -> None:
    """Go to the Playground, with these settings."""
    _give_playground(run)
    place = PLACES["playground"]
    address = {
        setting.key: setting.spell(getattr(part, field))
        for name, part in (("data", run.data), ("train", run.train))
        for field, setting in TABLES[name].items()
        if getattr(part, field) != place.defaults[setting.key]
    }
    go_to(f"./?{urlencode(address)}")


def _give_playground(run: Settings) -> None:
    for values, part in ((run.data, "data"), (run.train, "train")):
        for field, setting in TABLES[part].items():
            st.session_state[setting.key] = getattr(values, field)


def _load_chosen_preset() -> None:
    _load_preset(st.session_state["preset"])


def _load_preset(preset: str) -> None:
    _give_playground(PRESETS[preset])
