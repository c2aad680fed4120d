"""A page of the dashboard as one HTML file: its run, the player and its controls, and no server.

It holds the dashboard's own modules and styles and plotly.js, and asks the network for nothing.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.metadata import distribution
from typing import Any

import orjson
import streamlit as st

from dashboard.charts.live_chart import Board
from dashboard.charts.wire import SentControl, SentPage
from dashboard.figures.palette import RUNS
from dashboard.server import assets
from dashboard.server.inlined import import_map
from dashboard.server.undocumented import LETTERS
from dashboard.shell.chosen import value
from dashboard.shell.controls import OPTIONS, PARTS, SETTINGS, STOPS, own_words, values_of
from dashboard.shell.kept import titles
from dashboard.shell.names import differences
from dashboard.shell.page import Page
from dashboard.shell.pins import PARAMETER
from dashboard.shell.repairs import REPAIRS
from dashboard.shell.session import current_page, session
from dashboard.shell.sidebar import LAST, ROWS, UNDER_MORE
from minibatch_core import Settings
from minibatch_core.optimizers import HYPERPARAMETERS, OPTIMIZERS
from minibatch_core.settings.fields import Setting

__all__ = ["Place", "place", "to_web_page"]

ENTRY = "page.js"
"""The module that the page runs."""

STYLES = ("live_chart.css", "player.css", "terms.css", "keys.css", "page.css")


COLOURS = {
    "primary": "primaryColor",
    "background": "backgroundColor",
    "secondary-background": "secondaryBackgroundColor",
    "text": "textColor",
}
"""The colours of a theme: what styles call them, and what .streamlit/config.toml does."""

# Nothing but what the file itself holds: the browser sees to it.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:"
)

IN_A_SCRIPT = re.compile(r"<(?=!--|/?script)", re.IGNORECASE)
"""What would end a script in HTML, or hide its end."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the dashboard as a browser has it open.

    `others` are what its address says besides the settings of the run, `kept` the names and colours
    of the runs that are kept in its charts.
    """

    page: Page
    address: str
    others: Sequence[tuple[str, str]] = ()
    kept: Sequence[tuple[str, str]] = ()


def place(settings: Settings) -> Place:
    """The page that is being drawn, with these settings of its run."""
    page = current_page()
    others = [
        (page.key(key), SETTINGS[key].spell(value(key)))
        for key in sorted(page.controls - PARTS.keys())
        if value(key) != page.defaults[key]
    ]
    kept = []
    if page.is_default and (pins := st.query_params.get(PARAMETER)):
        others.append((PARAMETER, pins))
        runs = session().pins or []
        named = zip(runs, titles(runs, settings), RUNS, strict=False)
        kept = [(title, colour) for run, title, colour in named if differences(run, settings)]
    return Place(page, st.context.url or "", others, kept)


def to_web_page(settings: Settings, board: Board, where: Place) -> str:
    """The text of an HTML file that shows a board that plays the run of these settings."""
    title = f"Minibatch: {re.sub(r'^[0-9]+[.] ', '', where.page.title)}"
    styles = "\n".join((assets.BROWSER / name).read_text(encoding="utf-8") for name in STYLES)
    sent: SentPage = {
        "board": b64encode(board.payload).decode(),
        "dashboard": where.address,
        "others": where.others,
        "above": _controls(where.page, ROWS, UNDER_MORE),
        "more": [*_hyperparameters(where.page), *_controls(where.page, LAST)],
        "repairs": REPAIRS,
    }
    made = escape(_made(settings, where.page))
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<style>
{_letters()}{_theme("light")}
@media (prefers-color-scheme: dark) {{
{_theme("dark")}
}}
{styles}
</style>
<script type="importmap">{_json({"imports": import_map(ENTRY)})}</script>
</head>
<body>
<header class="page-head">
<button type="button" id="open" aria-controls="settings" aria-expanded="false">Settings</button>
<h1>{escape(title)}</h1>
</header>
<aside id="settings" class="page-settings" aria-label="Settings">
<button type="button" id="close">Close</button>
<div id="controls"></div>
<button type="button" id="first" hidden>The settings it came with</button>
</aside>
<main>
<p id="early" class="page-words">The scripts of this page train and draw its run; a long run takes
some seconds. If this sentence stays, they do not run here: save the file, and open it in Chrome,
Edge, Firefox or Safari, in a version from 2024 or later.</p>
<div class="page-summary">
<div id="summary"></div>
<button type="button" id="start" hidden>PyTorch's start</button>
<a id="dashboard" target="_blank" rel="noopener"{"" if where.address else " hidden"}>Open in the \
dashboard</a>
</div>
<p id="words" class="page-words" role="status" hidden></p>
{_legend(where.kept)}<div id="board"></div>
<footer>
<p>{made}</p>
<details><summary>Licences</summary>
<p>The charts are drawn with plotly.js. The letters are Source Sans by Adobe, under the SIL Open
Font License 1.1. The licence of plotly.js:</p>
<pre>{escape(_licence())}</pre>
</details>
</footer>
</main>
<script type="application/json" id="sent">{_json(sent)}</script>
<script>{_script(assets.plotly().read_text(encoding="utf-8"))}</script>
<script type="module">import "{ENTRY}"</script>
</body>
</html>
"""


def _controls(
    page: Page, rows: Sequence[tuple[str, ...]], but: Sequence[str] | set[str] = ()
) -> list[list[SentControl]]:
    """The controls of a page in rows, as its sidebar has them."""
    shown = [[key for key in row if key in page.controls and key not in but] for row in rows]
    of_runs = [[key for key in row if key in PARTS and _is_open(SETTINGS[key])] for row in shown]
    return [[_control(page, key) for key in row] for row in of_runs if row]


def _hyperparameters(page: Page) -> list[list[SentControl]]:
    """Those of all optimizers; the page shows those of the one that is chosen."""
    keys = [key for key, (_, name) in PARTS.items() if name in HYPERPARAMETERS]
    return [[_control(page, key)] for key in keys if key in page.controls]


def _is_open(setting: Setting) -> bool:
    return setting.choices is None or len(setting.choices) > 1


def _control(page: Page, key: str) -> SentControl:
    setting, (_, name) = SETTINGS[key], PARTS[key]
    own = {
        optimizer: own_words(name, optimizer, page.controls)
        for optimizer, record in OPTIMIZERS.items()
        if name in record.hyperparameters
    }
    return {
        **values_of(key),
        "key": page.key(key),
        "help": setting.help_beside(page.controls).replace("*", ""),
        "placeholder": OPTIONS.get(key, {}).get("placeholder", ""),
        "own": own,
        "stops": list(STOPS.get(key, ())),
        "default": page.defaults[key],
    }


def _made(settings: Settings, page: Page) -> str:
    """What the page was made of, in a sentence."""
    above = [each["key"] for row in _controls(page, ROWS, UNDER_MORE) for each in row]
    said = []
    for key, (part, name) in PARTS.items():
        setting, given = SETTINGS[key], getattr(getattr(settings, part), name)
        is_used = name not in HYPERPARAMETERS or name in settings.train.hyperparameters
        is_usual = given == getattr(getattr(Settings(), part), name)
        if page.key(key) in above or (key in page.controls and is_used and not is_usual):
            said.append(f"{setting.label} = {setting.spell(given)}")
    return (
        f"This page was taken from “{page.title}” of the dashboard, with {', '.join(said)}. "
        "All else had its default."
    )


def _legend(kept: Sequence[tuple[str, str]]) -> str:
    """Which of the kept runs has which colour."""
    if not kept:
        return ""
    said = " ".join(
        f'<span><b style="color: {colour}">╍╍</b> {escape(title)}</span>' for title, colour in kept
    )
    return f'<p class="page-kept">Kept runs, dashed, each with its own data and loss: {said}</p>\n'


def _theme(name: str) -> str:
    """The colours of a theme of the dashboard."""
    colours = {each: st.get_option(f"theme.{name}.{key}") for each, key in COLOURS.items()}
    said = "".join(f" --st-{each}-color: {colour};" for each, colour in colours.items())
    return f":root {{{said} }}"


def _letters() -> str:
    """The dashboard's typeface, where Streamlit has it."""
    if LETTERS is None:
        return ""
    held = b64encode(LETTERS.read_bytes()).decode()
    return (
        '@font-face { font-family: "Source Sans"; font-weight: 200 900; '
        f'src: url("data:font/woff2;base64,{held}") format("woff2"); }}\n'
    )


def _licence() -> str:
    return distribution("plotly").read_text("licenses/LICENSE.txt") or ""


def _json(given: Any) -> str:
    """JSON that can stand in a script."""
    return orjson.dumps(given).decode().replace("<", "\\u003c")


def _script(text: str) -> str:
    """A script that can stand in HTML: where it says so, it says it in strings."""
    return IN_A_SCRIPT.sub(r"\\x3C", text)
