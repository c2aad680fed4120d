"""sentences.js: the terms of a sentence are marked where they stand when its numbers are in it."""

import re

import pytest

from dashboard.charts.notes import NOTES
from minibatch_core.terms import marks
from tests.support.in_node import in_node

WRITTEN = """
    const { NOTES } = await load("notes.js")
    const numbers = new Proxy({}, { get: () => number })
    const alone = (note) => it.written([it.said(note, numbers)], new Set())
    return Object.fromEntries(Object.entries(NOTES).map(([name, note]) => [name, alone(note)]))
"""


@pytest.mark.parametrize("number", ["7", "1,234", "-0.0012"])
def test_terms_of_every_note_are_those_that_the_server_finds(number: str) -> None:
    found = in_node("sentences.js", WRITTEN, number=number)
    assert found.keys() == NOTES.keys()
    for name, template in NOTES.items():
        text = re.sub(r"\{\w+\}", number, template)
        terms = [
            {"name": each.term.name, "says": each.term.says, "start": each.start, "end": each.end}
            for each in marks(text)
        ]
        assert found[name] == {"text": text, "terms": terms}, name
