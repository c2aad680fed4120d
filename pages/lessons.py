"""The list of lessons, and what is wrong with a file of one."""

from collections.abc import Sequence

import streamlit as st

import dashboard  # noqa: F401  # whole, before its parts
from dashboard.lessons.lesson import Lesson, Problem, Step
from dashboard.shell.controls import SETTINGS, row_of_buttons
from dashboard.shell.lesson_files import broken, lessons
from dashboard.shell.page import Page
from dashboard.shell.progress import begin
from dashboard.shell.registry import PAGES
from dashboard.shell.session import session
from minibatch_core.words import listed, plural

IDEA = """
A lesson asks what you expect before you see it. Then you try it, and the lesson checks your own
run. It stands above the charts, and your place in it is in the address. At the end you can take
your answers away.
"""


def draw() -> None:
    st.subheader(PAGE.title, anchor=False)
    st.markdown(IDEA)
    for file, problems in broken().items():
        _show_problems(file, problems)
    found = lessons()
    if not found:
        st.info("There is no lesson. docs/lessons.md says how to write one.")
    for lesson in found.values():
        with st.container(border=True, gap="xsmall"):
            _show(lesson)


def _show(lesson: Lesson) -> None:
    progress = session().progress
    is_begun = progress is not None and progress.name == lesson.name
    page = PAGES[lesson.page].title
    steps = len(lesson.steps)
    with row_of_buttons(
        f"**{lesson.title}**  \n:small[{lesson.minutes} {plural('minute', lesson.minutes)}, "
        f"{steps} {plural('step', steps)}, on *{page}*]"
    ):
        if lesson.notes or any(_key_to(step) for step in lesson.steps):
            notes = st.popover("For the instructor", key=f"notes_{lesson.name}", on_change="rerun")
            if notes.open:  # else nothing of the answers is sent
                with notes:
                    _show_notes(lesson)
        st.button(
            "Begin again" if is_begun else "Begin",
            key=f"begin_{lesson.name}",
            type="primary",
            on_click=begin,
            args=(lesson.name,),
        )


def _show_notes(lesson: Lesson) -> None:
    if lesson.notes:
        st.markdown(lesson.notes)
    keys = [
        f"- Step {k}: {_key_to(step)}" for k, step in enumerate(lesson.steps, 1) if _key_to(step)
    ]
    if keys:
        st.markdown("\n".join(["**Answers**", "", *keys]))


def _key_to(step: Step) -> str:
    """What is right in a step, in a few words."""
    right = [choice.text for choice in step.choices if choice.is_right]
    if right:
        return " or ".join(right)
    settings = [
        f"*{SETTINGS[key].label}* {SETTINGS[key].say(v)}" for key, v in step.solution.items()
    ]
    return listed(settings) if settings else step.answer


def _show_problems(file: str, problems: Sequence[Problem]) -> None:
    said = "\n".join(f"- Line {each.line}: {each.says}" for each in problems)
    st.warning(f"The lesson in {file} can't be held:\n\n{said}")


PAGE = Page(
    name="lessons",
    title="Lessons",
    place=14,
    help="Lessons that ask, have you try, and look at your own run.",
    controls=frozenset(),
    draw=draw,
)


if __name__ == "__main__":  # Streamlit itself runs this file
    from dashboard.main import draw as draw_dashboard

    draw_dashboard()
