"""A lesson's step above the charts of its page: what is asked, and what comes of the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from string import ascii_uppercase
from typing import Any

import streamlit as st

from dashboard.charts.component import mount
from dashboard.charts.wire import Foretellable, SentForetold, SentLed
from dashboard.lessons.conditions import PLAYED, Student, unmet, write
from dashboard.lessons.lesson import Drawing, Lesson, Step
from dashboard.lessons.measures import measured
from dashboard.lessons.reading import PLACE
from dashboard.shell import chosen
from dashboard.shell.controls import SETTINGS, row_of_buttons
from dashboard.shell.lesson_files import lessons, settings_of
from dashboard.shell.progress import (
    begin,
    drawn_of,
    end,
    follow_lesson,
    go_on_there,
    keep_in_address,
    reveal,
    say,
    say_drawn,
    shown_before,
    turn_to,
)
from dashboard.shell.registry import PAGES
from dashboard.shell.session import Progress, current_page, session
from minibatch_core.words import plain, plural, rounded

__all__ = ["answers_of", "show_lesson"]

DONE = "x"
"""The answer to a step that asks for a deed."""

ASKED = "asked"
"""The deed of somebody who wants to compare nothing."""

CLOSE = 0.05
"""A number that was read off is right within this share of it, ..."""

CLOSEST = 5e-4
"""... or within this."""

SHOW_OF_HANDS = (
    "Show of hands: with less than 35% right, give a hint and ask again. With 35 to 70%, let "
    "them discuss, and ask again. With more, explain."
)
"""What Peer Instruction does with the answers of a hall."""

EXPECTED = "This is what I expect"

MARKS: Mapping[Drawing, Foretellable] = {"loss": "losses", "surface": "surface"}
"""What the player draws on the charts on which one can draw."""

HOW: Mapping[Drawing, str] = {
    "loss": "Draw on the chart of the loss: drag over it from left to right.",
    "surface": "Click or tap on the surface of all the data.",
}

MARK = "background: rgb(217 119 6 / 25%); box-shadow: inset 0 -3px #d97706;"
"""How a control looks that a step is about."""

LONGEST = 500
"""Letters of a student's own words: the address holds them."""


def show_lesson() -> None:
    """Show the present step of the visitor's lesson, if there is one."""
    kept = session()
    if kept.runs_whole:
        st.rerun()
    progress = kept.progress
    follow_lesson()
    if kept.lesson_problem:
        st.warning(kept.lesson_problem)
    if progress is not None:
        lesson = lessons().get(progress.name)
        if lesson is None or progress.at > len(lesson.steps):
            end()
            st.warning("The file of this lesson was changed, so the lesson is closed.")
        else:
            with st.container(border=True, key="lesson", gap="xsmall"):
                _show(lesson, progress)
    keep_in_address()


def _show(lesson: Lesson, progress: Progress) -> None:
    page = PAGES[lesson.page]
    if page is not current_page():
        with row_of_buttons(f"**{lesson.title}** is on the page *{page.title}*."):
            st.button("Go there", type="primary", on_click=go_on_there)
            _show_close_button()
        return
    if progress.at == len(lesson.steps):
        _show_head(lesson, progress, is_done=True)
        _show_end(lesson, progress)
        return
    step, student = lesson.steps[progress.at], _student(lesson, progress)
    if step.kind == "try" and not unmet(step.until, student, settings_of()[lesson.page]):
        progress.said.setdefault(progress.at, DONE)
    answer = progress.said.get(progress.at)
    is_revealed = progress.revealed == progress.at
    is_done = answer is not None or is_revealed or step.kind == "read"
    _show_head(lesson, progress, is_done=is_done)
    _point_at(lesson, step, student)
    if step.text:
        st.markdown(_filled(step.text, student))
    for picture in step.pictures:
        st.image(picture.file, caption=picture.says)
    if session().presents and _is_for_hall(step):
        _show_to_hall(step, student, is_revealed)
    else:
        SHOW[step.kind](step, student, answer)
    _show_drawn(lesson, progress, student)
    _lead(step, is_done)


def _student(lesson: Lesson, progress: Progress) -> Student:
    values = {key: chosen.value(key) for key in settings_of()[lesson.page]}
    if progress.began is None:
        progress.began = values
    before = {**values, **progress.began}
    return Student(values, before, chosen.settings(), progress.deeds)


def _show_head(lesson: Lesson, progress: Progress, is_done: bool) -> None:
    last, at = len(lesson.steps), progress.at
    where = "the end" if at == last else f"step {at + 1} of {last}"
    with row_of_buttons(f"**{lesson.title}** · {where}"):
        st.button("Back", key="lesson_back", disabled=at == 0, on_click=turn_to, args=(at - 1,))
        if at < last:
            st.button(
                "Next" if is_done else "Skip",
                key="lesson_next",
                type="primary" if is_done else "secondary",
                on_click=turn_to,
                args=(at + 1,),
            )
        _show_close_button()


def _show_close_button() -> None:
    st.button("Close", help="*Lessons*, above, opens it again.", on_click=end)


def _point_at(lesson: Lesson, step: Step, student: Student) -> None:
    """Mark the controls that the step asks to change, and what opens them where they are not seen.

    Streamlit keeps a style that stands alone when its step is over: it stands beside something.
    """
    began = replace(student, values=student.before)
    keys = dict.fromkeys(
        claim.name for claim in step.until if claim.name in SETTINGS and not claim.holds(began)
    )
    page = PAGES[lesson.page]
    marked = [f".st-key-{page.key(key)}{part}" for key in keys for part in ("", "_slider")]
    if marked:
        marked.append('[data-testid="stExpandSidebarButton"]')
        selectors = f":is({', '.join(marked)})"
        st.html(f"<style>{selectors}, {selectors} input {{ {MARK} }}</style><i hidden></i>")


def _filled(text: str, student: Student) -> str:
    """A text with its numbers of the run, and its settings, in their places."""
    return PLACE.sub(lambda found: write(found[1], student.look(found[1]), SETTINGS), text)


def _is_for_hall(step: Step) -> bool:
    """Whether there is an answer to show, and nothing to do for it."""
    return step.kind in ("observe", "explain") or any(each.is_right for each in step.choices)


def _show_to_hall(step: Step, student: Student, is_revealed: bool) -> None:
    """A question that a hall answers aloud, or by a show of hands, and then the answer."""
    lettered = list(zip(ascii_uppercase, step.choices, strict=False))
    if lettered:
        st.markdown("  \n".join(f"**{letter}** {choice.text}" for letter, choice in lettered))
    if not is_revealed:
        label = "Show the answer"
        st.button(label, key="lesson_reveal", type="primary", on_click=reveal, args=(step.then,))
        if step.choices:
            st.markdown(f":small[{SHOW_OF_HANDS}]")
    elif step.kind == "observe":
        value = measured(student.settings, step.measure)
        said = "This run has no such number." if value is None else _written(step, value)
        st.markdown(f"**Answer:** {said}")
    elif step.kind == "explain":
        st.markdown(f"**Answer:** {_filled(step.answer, student)}")
    else:
        for letter, choice in lettered:
            if choice.is_right:
                st.markdown(f"**Answer: {letter}.** {_filled(choice.reply, student)}")


def _written(step: Step, value: float) -> str:
    return f"{write(step.measure, value, SETTINGS)}."


def _show_reading(step: Step, student: Student, answer: str | None) -> None:
    """There is nothing to do but to read."""


def _show_prediction(step: Step, student: Student, answer: str | None) -> None:
    if step.draw is None:
        _show_choices(step, student, answer)
    elif answer is None:
        st.markdown(f":small[{HOW[step.draw]}]")
    else:
        said = _beside(step.draw, drawn_of(answer) or [], student)
        st.markdown(f"{said} {_filled(step.answer, student)}")


def _beside(draw: Drawing, drawn: Sequence[float], student: Student) -> str:
    """What was drawn, in numbers, beside the run."""
    if draw == "loss":
        end = _filled("{{final loss}}", student)
        return f"Your line ends at {rounded(drawn[-1], 3)}, the run at **{end}**."
    ends = _filled("w = {{w}}, b = {{b}}", student)
    mine = f"w = {rounded(drawn[1], 3)}, b = {rounded(drawn[0], 3)}"
    return f"Your point is {mine}. The run ends at **{ends}**."


def _show_drawn(lesson: Lesson, progress: Progress, student: Student) -> None:
    """What was drawn last stays on its chart, over its run; what is asked for can be drawn."""
    asked = [k for k in range(progress.at + 1) if lesson.steps[k].draw is not None]
    if not asked:
        return
    step, answer = lesson.steps[asked[-1]], progress.said.get(asked[-1])
    if step.draw is None or (answer is None and asked[-1] < progress.at):
        return
    if answer is not None and _drawn_over(lesson, progress, asked[-1], student) != student.values:
        return
    data: SentForetold = {
        "mark": MARKS[step.draw],
        "drawn": [] if answer is None else drawn_of(answer) or [],
        "label": EXPECTED,
    }
    key = f"lesson_drawn_{lesson.name}_{asked[-1]}"
    mount("foretell", data, key=key, on_foretold_change=partial(_take_drawn, key, step))


def _lead(step: Step, is_done: bool) -> None:
    """Have the player stand where the step says, or tell when the run was played."""
    waits = not is_done and any(claim.name == PLAYED for claim in step.until)
    if step.at is None and not waits:
        return
    key = f"lesson_lead_{_number()}"
    data: SentLed = {"step": None if is_done else step.at, "waits": waits}
    mount("lead", data, key=key, on_played_change=partial(_take_played, key))


def _take_played(key: str) -> None:
    progress = session().progress
    if progress is not None and _from_browser(key, "played"):
        progress.deeds.add(PLAYED)


def _drawn_over(
    lesson: Lesson, progress: Progress, number: int, student: Student
) -> Mapping[str, Any]:
    """The settings of the run over which something was drawn in a step."""
    if number == progress.at:
        return progress.drawn_over.setdefault(number, student.values)
    shown = {**PAGES[lesson.page].defaults, **shown_before(lesson, number + 1)}
    opened = {key: shown[key] for key in student.values}
    return progress.drawn_over.get(number, opened)


def _from_browser(key: str, name: str) -> Any:
    """What a component of a step tells, which can come when the next step is there already."""
    return st.session_state.get(key, {}).get(name)


def _take_drawn(key: str, step: Step) -> None:
    values = _from_browser(key, "foretold")
    if values is not None:
        say_drawn(values, step.then)


def _show_choices(step: Step, student: Student, answer: str | None) -> None:
    picked = st.radio(
        "What do you expect?",
        range(len(step.choices)),
        index=None if answer is None else int(answer),
        format_func=lambda k: step.choices[k].text,
        disabled=answer is not None,
        key=f"lesson_choice_{_number()}",
    )
    if answer is None:
        st.button(
            EXPECTED,
            disabled=picked is None,
            type="primary",
            on_click=say,
            args=(str(picked), step.then),
        )
        return
    choice = step.choices[int(answer)]
    verdict = ""
    if any(each.is_right for each in step.choices):
        verdict = "✓ **Right.** " if choice.is_right else "✗ **It is not so.** "
    if verdict or choice.reply:
        st.markdown(f"{verdict}{_filled(choice.reply, student)}")


def _show_trial(step: Step, student: Student, answer: str | None) -> None:
    if answer is not None:
        st.markdown("✓ **Done.**")
        return
    if student.values == student.before:
        return
    for wrong in step.wrong:
        if all(claim.holds(student) for claim in wrong.claims):
            st.markdown(_filled(wrong.says, student))
            return


def _show_check(step: Step, student: Student, answer: str | None) -> None:
    if answer is not None:
        st.markdown("✓ **Right.**")
        return
    st.button("Check my run", type="primary", on_click=_check, args=(step, student))
    progress = session().progress
    if progress is None or progress.checked != student.values:
        return
    for wrong in step.wrong:
        if all(claim.holds(student) for claim in wrong.claims):
            st.markdown(f"✗ {_filled(wrong.says, student)}")
            return
    left = " ".join(unmet(step.until, student, SETTINGS))
    st.markdown(f"✗ **Not yet.** {left}")


def _check(step: Step, student: Student) -> None:
    progress = session().progress
    if progress is not None:
        progress.checked = student.values
        if not unmet(step.until, student, SETTINGS):
            progress.said[progress.at] = DONE


def _show_observation(step: Step, student: Student, answer: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = f"lesson_number_{_number()}"
        st.number_input(
            "What do you read?",
            value=None if answer is None else float(answer),
            format="%g",
            width=160,
            key=key,
        )
        st.button("Compare", on_click=_say_typed, args=(key,))
    if answer is None:
        _ask_for("Type the number first.")
        return
    value = measured(student.settings, step.measure)
    if value is None:
        st.markdown("✗ This run has no such number.")
        return
    is_right = abs(float(answer) - value) <= max(CLOSE * abs(value), CLOSEST)
    verdict = "✓ **Right:**" if is_right else f"✗ You read {plain(float(answer))}, but"
    st.markdown(f"{verdict} it is {_written(step, value)}")


def _show_explanation(step: Step, student: Student, answer: str | None) -> None:
    key = f"lesson_words_{_number()}"
    st.text_area(
        "In your own words",
        answer or "",
        max_chars=LONGEST,
        height=90,
        disabled=answer is not None,
        key=key,
    )
    if answer is None:
        st.button("Compare with ours", on_click=_say_typed, args=(key,))
        _ask_for("Write a sentence first.")
        return
    st.markdown(f"**Ours:** {_filled(step.answer, student)}")


def _say_typed(key: str) -> None:
    """Answer with what stands in a field: what was typed last comes with the button's press."""
    typed = st.session_state[key]
    text = typed.strip() if isinstance(typed, str) else "" if typed is None else repr(float(typed))
    progress = session().progress
    if text:
        say(text, {})
    elif progress is not None:
        progress.deeds.add(ASKED)


def _ask_for(what: str) -> None:
    progress = session().progress
    if progress is not None and ASKED in progress.deeds:
        st.markdown(what)


def _number() -> str:
    """What tells the widgets of one step from those of another."""
    progress = session().progress
    return "" if progress is None else f"{progress.name}_{progress.at}"


SHOW = {
    "read": _show_reading,
    "predict": _show_prediction,
    "try": _show_trial,
    "observe": _show_observation,
    "check": _show_check,
    "explain": _show_explanation,
}


def _show_end(lesson: Lesson, progress: Progress) -> None:
    right, made = _score(lesson, progress.said)
    said = ["You are through."]
    if made:
        said.append(f"Of {made} {plural('prediction', made)}, {right} came true.")
    st.markdown(" ".join(said))
    with st.container(horizontal=True, gap="small"):
        names = [*lessons()]
        for name in names[names.index(lesson.name) + 1 :][:1]:
            after = lessons()[name]
            label = f"Next lesson: {after.title}, {after.minutes:,} min"
            st.button(label, type="primary", on_click=begin, args=(name,))
        st.download_button(
            "Take my answers",
            answers_of(lesson, progress.said),
            f"{lesson.name}.md",
            "text/markdown",
            on_click="ignore",
        )


def _score(lesson: Lesson, said: Mapping[int, str]) -> tuple[int, int]:
    """How many predictions came true, of how many that were made and could."""
    made = [
        step.choices[int(said[k])].is_right
        for k, step in enumerate(lesson.steps)
        if k in said and any(each.is_right for each in step.choices)
    ]
    return sum(made), len(made)


def answers_of(lesson: Lesson, said: Mapping[int, str]) -> str:
    """A student's answers as a text to hand in."""
    parts = [f"# {lesson.title}"]
    for k, step in enumerate(lesson.steps):
        if step.kind != "read":
            parts += [
                f"## {k + 1}. {step.kind.capitalize()}",
                PLACE.sub("…", step.text),
                f"> {_told(step, said.get(k))}",
            ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _told(step: Step, answer: str | None) -> str:
    if answer is None:
        return "Skipped."
    if step.draw is not None:
        return f"Drawn: {answer}"
    if step.kind == "predict":
        choice = step.choices[int(answer)]
        verdict = ""
        if any(each.is_right for each in step.choices):
            verdict = " (right)" if choice.is_right else " (it is not so)"
        return f"{choice.text}{verdict}"
    return "Done." if step.kind in ("try", "check") else answer
