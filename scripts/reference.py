"""Write what is generated from what the code declares: `make docs`.

That is docs/pages.md, docs/settings.md, docs/laws.md, docs/terms.md, and modules of the browser. A
test compares the files with what this makes, so no page, setting, law or term is undocumented.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from dashboard.charts.notes import NOTES
from dashboard.server.assets import BROWSER
from dashboard.shell.controls import FOLLOWED, values_of
from dashboard.shell.page import TABLES
from dashboard.shell.registry import PAGES
from minibatch_core.settings.fields import Setting
from minibatch_core.terms import SYMBOLS, TERMS, marks
from minibatch_core.theory.laws import LAWS
from minibatch_core.words import plain
from scripts.formulas import losses_module, schedules_module
from scripts.optimizers import optimizers_module, updates_module

__all__ = ["REFERENCE"]

DOCS = Path(__file__).parent.parent / "docs"

NOTES_HEAD = """\
// @ts-check
// Written by `make docs` from dashboard/charts/notes.py; a change belongs there.

/**
 * A sentence with {places} for its numbers, and the terms that are explained in it.
 *
 * @typedef {{ text: string, terms: { name: string, says: string, words: string }[] }} Note
 */

/** @satisfies {Record<string, Note>} */
export const NOTES = {
"""

CONTROLS_HEAD = """\
// @ts-check
// Written by `make docs` from dashboard/shell/controls.py; a change belongs there.

/** @import { SentValues } from "./wire.js" */

/**
 * The settings of runs and the looks of pages at them, by their keys in an address.
 *
 * @type {Record<string, SentValues>}
 */
export const CONTROLS = {
"""

TITLES = {
    "data": "The data",
    "train": "Training",
    "surfaces": "Loss surfaces of minibatches",
    "sweep": "Sweeps",
    "view": "How it is drawn",
}


def pages_page() -> str:
    """Every page, with its address and what it shows."""
    rows = [
        (page.group, page.title, f"`/{'' if page.is_default else page.name}`", page.help)
        for page in PAGES.values()
    ]
    return f"# Pages\n\n{_table(('group', 'page', 'address', 'what it shows'), rows)}\n"


def settings_page() -> str:
    """Every setting, with its key in an address and the values that it can have."""
    parts = [
        "# Settings\n\nWhat can be set, as an address spells it. On another page than the "
        "Playground a key ends with\nthe page's name: `bs_in_order=10`. A choice is spelled by "
        "its label."
    ]
    for part, title in TITLES.items():
        rows = [_row(name, setting) for name, setting in TABLES[part].items()]
        head = ("key", "name in Python", "label", "values", "what it is")
        parts.append(f"## {title}\n\n{_table(head, rows)}")
    return "\n\n".join(parts) + "\n"


def laws_page() -> str:
    """Every law, with the condition under which it holds and its source."""
    rows = [
        (str(number), law.title, law.statement, law.condition, law.source)
        for number, law in LAWS.items()
    ]
    return (
        "# Laws\n\nN points, batch size B, gradients g of single points with mean G and covariance "
        "Sigma, H the\nHessian of the mean loss, lr the learning rate, n = ceil(N/B) steps an "
        "epoch. The labs show what each\npredicts beside what was measured.\n\n"
        + _table(("law", "name", "what it says", "when it holds", "source"), rows)
        + "\n"
    )


def terms_page() -> str:
    """Every term and symbol that is explained where it first stands on a page."""
    rows = [(term.name, term.says) for term in TERMS]
    symbols = [(f"`{term.name}`", term.says) for term in SYMBOLS]
    head, symbols_head = ("term", "what it means"), ("symbol", "what it means")
    return (
        "# Terms\n\nA term with dots below it is explained where it first stands on a page: point "
        "at it, tap it, or\ngo to it with the keyboard. A formula is explained as a whole.\n\n"
        f"{_table(head, rows)}\n\n## Symbols of formulas\n\n{_table(symbols_head, symbols)}\n"
    )


def notes_module() -> str:
    """The browser's module of what the notes of a run's charts say, and of the terms in it."""
    says = {
        name: {
            "text": text,
            "terms": [
                {"name": it.term.name, "says": it.term.says, "words": text[it.start : it.end]}
                for it in marks(text)
            ],
        }
        for name, text in NOTES.items()
    }
    lines = (f"  {name}: {json.dumps(note, ensure_ascii=False)},\n" for name, note in says.items())
    return f"{NOTES_HEAD}{''.join(lines)}}}\n"


def controls_module() -> str:
    """The browser's module of the settings that it follows."""
    lines = (f"  {key}: {json.dumps(values_of(key), ensure_ascii=False)},\n" for key in FOLLOWED)
    return f"{CONTROLS_HEAD}{''.join(lines)}}}\n"


REFERENCE = {
    DOCS / "pages.md": pages_page,
    DOCS / "settings.md": settings_page,
    DOCS / "laws.md": laws_page,
    DOCS / "terms.md": terms_page,
    BROWSER / "controls.js": controls_module,
    BROWSER / "losses.js": losses_module,
    BROWSER / "notes.js": notes_module,
    BROWSER / "optimizers.js": optimizers_module,
    BROWSER / "schedules.js": schedules_module,
    BROWSER / "updates.js": updates_module,
}


def _row(name: str, setting: Setting) -> Sequence[str]:
    return (f"`{setting.key}`", f"`{name}`", setting.label, _values(setting), setting.whole_help)


def _values(setting: Setting) -> str:
    if setting.choices is not None:
        return ", ".join(setting.choices.values())
    if setting.kind is bool:
        return "true, false"
    empty = "empty, or " if setting.optional else ""
    least, most = (_number(each) for each in (setting.minimum, setting.maximum))
    return f"{empty}{least} to {most}"


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else plain(value)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [
        head,
        ["---"] * len(head),
        *([cell.replace("|", "\\|") for cell in row] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    for path, text in REFERENCE.items():
        path.write_text(text(), encoding="utf-8")
        print(f"{path.name} is up to date")
