"""What the server keeps of a visitor from one run to the next, beside the values of controls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import streamlit as st

from dashboard.charts.wire import SentCode
from dashboard.jobs.proof import Proof
from dashboard.jobs.sweeps import Sweep
from dashboard.shell.page import Page
from minibatch_core import Settings

__all__ = ["Progress", "Repair", "Session", "current_page", "session"]

NAME = "minibatch"


@dataclass(slots=True)
class Progress:
    """How far a visitor is in a lesson.

    - `name`: that of the lesson
    - `at`: the number of the present step, from 0; that of all steps when it is finished
    - `said`: answers by the number of their step: of a choice its number, of a number its text
    - `began`: the settings of the page when the step was first drawn, or those of them that the
      lesson had set, where the page is loaded anew
    - `checked`: those at which the run was last checked
    - `revealed`: the number of the step whose answer was shown to a hall
    - `deeds`: what was done in the present step that no setting tells
    - `drawn_over`: the settings of the run over which something was drawn, by its step's number
    """

    name: str
    at: int = 0
    said: dict[int, str] = field(default_factory=dict)
    began: Mapping[str, Any] | None = None
    checked: Mapping[str, Any] | None = None
    revealed: int | None = None
    deeds: set[str] = field(default_factory=set)
    drawn_over: dict[int, Mapping[str, Any]] = field(default_factory=dict)


class Repair(NamedTuple):
    """A value that a control is to have in place of one that can't be, and the word on it."""

    key: str
    value: Any
    notice: str


@dataclass(slots=True)
class Session:
    """A visitor's session.

    - `page`: the page that was drawn last
    - `has_arrived`: whether the last run of the whole script was the first of that page
    - `drawn_by`: the key of the fragment that has drawn a control, by that of the control
    - `wanted`: values that controls are to have in the run that draws them next, by key
    - `repairs`: made at the start of the next run
    - `notices`: of repairs that were made, shown as long as what is shown is `noticed_for`
    - `address_is_read`: whether the address was looked through for values that can't be
    - `to_open`: a run that the Playground is to open
    - `pins`: runs that are kept; None until the address was read for them
    - `progress`: how far the visitor is in a lesson
    - `lesson_is_read`: whether the address was looked through for a lesson
    - `lesson_problem`: what is wrong with a lesson in the address, in the run that has read it
    - `to_visit`: a page that is to be gone to, as its controls stand
    - `runs_whole`: whether a fragment has the whole script run, since it changed what others draw
    - `explained`: terms that the page has explained so far, in the run that draws it
    - `told`: what came of keeping a run, until the page has said it
    - `presents`: whether it is presented to a hall; None until the address was read for it
    - `opens_in_hall`: whether it was so when the session began
    - `code`: the QR code that was asked for last
    - `proof`, `sweep`: those that this visitor has started
    """

    page: Page | None = None
    has_arrived: bool = False
    drawn_by: dict[str, str] = field(default_factory=dict)
    wanted: dict[str, Any] = field(default_factory=dict)
    repairs: list[Repair] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    noticed_for: object = None
    address_is_read: bool = False
    to_open: Settings | None = None
    pins: list[Settings] | None = None
    progress: Progress | None = None
    lesson_is_read: bool = False
    lesson_problem: str = ""
    to_visit: str | None = None
    explained: set[str] = field(default_factory=set)
    told: str = ""
    runs_whole: bool = False
    presents: bool | None = None
    opens_in_hall: bool = False
    code: SentCode | None = None
    proof: Proof | None = None
    sweep: Sweep | None = None


def session() -> Session:
    """The session of the visitor whose script runs."""
    kept: Session = st.session_state.setdefault(NAME, Session())
    return kept


def current_page() -> Page:
    """The page that is being drawn."""
    page = session().page
    if page is None:
        raise RuntimeError("no page is drawn yet: dashboard.main.draw chooses one first")
    return page
