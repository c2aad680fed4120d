"""The sidebar: every setting as a widget bound to the address, and the settings they make."""

from collections.abc import Iterable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.presets import PRESETS
from dashboard.repairs import Repairs
from minibatch_core import DataSettings, Settings, TrainSettings
from minibatch_core.figures import SCALES
from minibatch_core.settings import HYPERPARAMETERS, Setting, describe, max_epochs

__all__ = ["draw", "scale", "settings"]

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

BOX = 96
"""Pixels: as wide as 10,000 needs, and too narrow for step buttons."""

# What a slider stops at; the box beside it takes every other value.
STOPS: dict[str, Iterable[float]] = {
    "n": (10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10_000),
    "noise": (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5),
    "bs": (*range(1, 11), 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500)
    + (700, 1000, 2000, 3000, 5000, 10_000),
    "lr": [float(f"{digit}e{power}") for power in range(-4, 2) for digit in (1, 1.5, 2, 3, 5, 7)],
    "ep": (1, 2, 3, 5, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000),
}


def settings() -> Settings:
    """The settings that the sidebar shows."""
    return st.session_state["settings"]


def scale() -> str:
    """The chosen colour scale of the surfaces."""
    return st.session_state[SCALE.key]


def draw() -> None:
    """Draw the sidebar and remember what it says."""
    repairs = Repairs(BY_KEY, DEFAULTS)
    st.menu_button("Presets", list(PRESETS), key="preset", on_click=_load_preset, width="stretch")
    training, points = st.container(gap="xsmall"), st.container(gap="xsmall")
    more = st.expander("More")
    with points:
        n, noise = _slider("n"), _slider("noise")
        data = {"n": n, "noise": noise, "seed": _number(DATA["seed"])}
    with training:
        train = _draw_training(n, more, repairs)
    if not repairs.needed:
        st.session_state["settings"] = Settings(DataSettings(**data), TrainSettings(**train))
    repairs.make((st.session_state.get("settings"), scale()))


def _draw_training(n: int, more: DeltaGenerator, repairs: Repairs) -> dict[str, Any]:
    with more:
        drop_last = st.toggle(**_common(TRAIN["drop_last"]), **BOUND)
    batch_size = _slider("bs", n)
    repairs.cap(TRAIN["batch_size"], batch_size, n, f"all of N = {n:,}")
    lr = _slider("lr")
    with _row():
        optimizer, shuffle = _choice(TRAIN["optimizer"]), _choice(TRAIN["shuffle"])
    with _row():
        loss, seed = _choice(TRAIN["loss"]), _number(TRAIN["seed"], width=BOX)
    most = max_epochs(n, min(batch_size, n), drop_last)
    epochs = _slider("ep", most)
    repairs.cap(TRAIN["epochs"], epochs, most, f"the most for N = {n:,} and B = {batch_size:,}")
    with more:
        rest = _draw_more(optimizer, repairs)
    return {
        "batch_size": batch_size,
        "lr": lr,
        "optimizer": optimizer,
        "loss": loss,
        "shuffle": shuffle,
        "seed": seed,
        "epochs": epochs,
        "drop_last": drop_last,
        **rest,
    }


def _draw_more(optimizer: str, repairs: Repairs) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, default in HYPERPARAMETERS[optimizer].items():
        if TRAIN[name].kind is bool:
            values[name] = st.toggle(**_common(TRAIN[name]), **BOUND)
        else:
            values[name] = _number(TRAIN[name], placeholder=f"{default:g}, PyTorch's default")
    if optimizer == "nesterov" and values["momentum"] == 0.0:
        repairs.set(
            "mom", None, "Nesterov needs a momentum above 0; it has PyTorch's default again."
        )
    for name in ("init_w", "init_b", "randn_before_model"):
        values[name] = _number(TRAIN[name], placeholder="what nn.Linear draws")
    _choice(SCALE)
    return values


def _slider(key: str, most: float | None = None) -> Any:
    """A slider with stops for the usual values, and a box for any value; the box is bound."""
    setting = BY_KEY[key]
    with _row():
        track = st.container()
        value = _number(setting, label_visibility="collapsed", width=BOX)
    ceiling = setting.maximum if most is None else most
    stops = sorted({stop for stop in STOPS[key] if stop <= ceiling} | {value})
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
        args=(key, slider_key),
    )
    return value


def _row() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="bottom", wrap=False, gap="small")


def _follow_slider(key: str, slider_key: str) -> None:
    st.session_state[key] = st.session_state[slider_key]


def _number(setting: Setting, **options: Any) -> Any:
    whole = setting.kind is int
    return st.number_input(
        **_common(setting),
        min_value=setting.kind(setting.minimum),
        max_value=setting.kind(setting.maximum),
        value=DEFAULTS[setting.key],
        step=1 if whole else None,
        format="%d" if whole else "%g",
        **options,
        **BOUND,
    )


def _choice(setting: Setting) -> Any:
    choices = setting.choices or {}
    return st.selectbox(
        **_common(setting),
        options=list(choices),
        index=list(choices).index(DEFAULTS[setting.key]),
        format_func=choices.__getitem__,
        **BOUND,
    )


def _common(setting: Setting) -> dict[str, Any]:
    return {"label": setting.label, "key": setting.key, "help": setting.help}


def _load_preset() -> None:
    chosen = PRESETS[st.session_state["preset"]]
    for values, table in ((chosen.data, DATA), (chosen.train, TRAIN)):
        for name, setting in table.items():
            st.session_state[setting.key] = getattr(values, name)
