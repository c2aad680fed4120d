"""The sidebar: every setting as a widget bound to the address, and the settings they make.

A control whose change leaves the other controls as they are is a fragment of its own: moving it
runs that fragment and the page, a third of the work of the whole script.
"""

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import repairs
from dashboard.presets import PRESETS
from minibatch_core import DataSettings, Settings, TrainSettings
from minibatch_core.figures import SCALES
from minibatch_core.settings import HYPERPARAMETERS, Setting, describe

__all__ = ["PAGE", "draw", "scale", "settings"]

PAGE = "page"
"""The fragment key under which every page draws what depends on the settings."""

DATA, TRAIN = describe(DataSettings), describe(TrainSettings)
SCALE = Setting(
    "scale", "Surface colours", "Perceptually uniform, or the notebook's.", str, choices=SCALES
)
BY_KEY = {setting.key: setting for setting in (*DATA.values(), *TRAIN.values(), SCALE)}
DEFAULTS: dict[str, Any] = {
    **{setting.key: getattr(DataSettings(), name) for name, setting in DATA.items()},
    **{setting.key: getattr(TrainSettings(), name) for name, setting in TRAIN.items()},
    SCALE.key: "viridis",
}
BOUND: dict[str, Any] = {"bind": "query-params", "persist_state": "session"}

NOT_FOR_ALL = frozenset[str]().union(*HYPERPARAMETERS.values())
"""The fields of TrainSettings that only some optimizers have."""

BOX = 96
"""Pixels: as wide as 10,000 needs, and too narrow for step buttons."""

# What a slider stops at; the box beside it takes every other value.
STOPS: dict[str, Iterable[float]] = {
    "n": (10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10_000),
    "noise": (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5),
    "bs": [
        *range(1, 11),
        *(12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500, 700),
        *(1000, 2000, 3000, 5000, 10_000),
    ],
    "lr": [float(f"{digit}e{power}") for power in range(-4, 2) for digit in (1, 1.5, 2, 3, 5, 7)],
    "ep": (1, 2, 3, 5, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000),
}


def draw() -> None:
    """Draw the sidebar."""
    repairs.make_pending()
    found = repairs.find_in_address(BY_KEY, DEFAULTS)
    st.menu_button("Presets", list(PRESETS), key="preset", on_click=_load_preset, width="stretch")
    training = st.container(gap="xsmall")
    with st.container(gap="xsmall"):
        _slider("n")
        _alone(_slider, "noise")
        _alone(_number, "dseed")
    with training:
        _alone(_slider, "bs")
        _alone(_slider, "lr")
        with _row():
            optimizer = _choice("opt")
            _alone(_choice, "shuf")
        with _row():
            _alone(_choice, "loss")
            _alone(_number, "seed", width=BOX)
        _alone(_slider, "ep")
    with st.expander("More"):
        _draw_more(optimizer)
    if found:
        repairs.make(found)


def _draw_more(optimizer: str) -> None:
    for name, default in HYPERPARAMETERS[optimizer].items():
        if TRAIN[name].kind is bool:
            _alone(_switch, TRAIN[name].key)
        else:
            placeholder = f"{default:g}, PyTorch's default"
            _alone(_number, TRAIN[name].key, placeholder=placeholder)
    _alone(_switch, "drop")
    for key in ("w0", "b0"):
        _alone(_number, key, placeholder="what nn.Linear draws")
    _alone(_number, "pre")
    _alone(_choice, SCALE.key)


def settings() -> Settings:
    """The settings that the sidebar shows; values that can't be together start the run over."""
    data, train = (
        {
            name: st.session_state.get(setting.key, DEFAULTS[setting.key])
            for name, setting in table.items()
        }
        for table in (DATA, TRAIN)
    )
    if found := repairs.find_in_values(data["n"], train):
        repairs.make(found)
    for name in NOT_FOR_ALL - HYPERPARAMETERS[train["optimizer"]].keys():
        train[name] = DEFAULTS[TRAIN[name].key]
    return Settings(DataSettings(**data), TrainSettings(**train))


def scale() -> str:
    """The chosen colour scale of the surfaces."""
    return st.session_state.get(SCALE.key, DEFAULTS[SCALE.key])


def _alone(draw_control: Callable[..., Any], key: str, **options: Any) -> None:
    """Draw a control as a fragment: a change of it runs itself and the page, nothing else."""
    fragment = st.fragment(draw_control, key=key)
    fragment(key, on_change=_rerun, args=([key, PAGE],), **options)


def _rerun(fragments: list[str]) -> None:
    st.rerun(fragments)


def _slider(key: str, on_change: Callable[..., None] | None = None, args: Any = ()) -> None:
    """A slider with stops for the usual values, and a box for any value; the box is bound."""
    setting = BY_KEY[key]
    with _row():
        track = st.container()
        value = _number(
            key, on_change=on_change, args=args, label_visibility="collapsed", width=BOX
        )
    stops = sorted({stop for stop in STOPS[key] if stop <= setting.maximum} | {value})
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


def _number(key: str, **options: Any) -> Any:
    setting = BY_KEY[key]
    whole = setting.kind is int
    return st.number_input(
        setting.label,
        min_value=setting.kind(setting.minimum),
        max_value=setting.kind(setting.maximum),
        value=DEFAULTS[key],
        step=1 if whole else None,
        format="%d" if whole else "%g",
        key=key,
        help=setting.help,
        **options,
        **BOUND,
    )


def _choice(key: str, **options: Any) -> Any:
    setting = BY_KEY[key]
    choices = setting.choices or {}
    return st.selectbox(
        setting.label,
        list(choices),
        index=list(choices).index(DEFAULTS[key]),
        format_func=choices.__getitem__,
        key=key,
        help=setting.help,
        **options,
        **BOUND,
    )


def _switch(key: str, **options: Any) -> bool:
    setting = BY_KEY[key]
    return st.toggle(setting.label, key=key, help=setting.help, **options, **BOUND)


def _row() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="bottom", wrap=False, gap="small")


def _load_preset() -> None:
    chosen = PRESETS[st.session_state["preset"]]
    for values, table in ((chosen.data, DATA), (chosen.train, TRAIN)):
        for name, setting in table.items():
            st.session_state[setting.key] = getattr(values, name)
