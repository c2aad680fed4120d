"""A lesson held without a browser: its steps, what is said to answers, the address, the list."""

from pathlib import Path
from urllib.parse import parse_qs

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.lessons.measures import MEASURES, measured
from dashboard.shell import lesson_files
from dashboard.shell.lesson_panel import answers_of
from minibatch_core.words import plain
from tests.support.opened import boards, go_to_page, open_page, session, settings_of, texts

LESSON = """\
---
title: Small steps
minutes: 3
page: playground
address: opt=SGD&lr=0.5
---
All of {{n}} points, <b>B</b> = {{bs}}: {{final loss}}.

## Predict
What will B = 1 do?
- [ ] Nothing -> The line says else.
- [x] It swings -> By {{swing}}.
then: bs=1

## Try
Move it.
until: bs is 2
if: bs above 2 -> Too many.
solution: bs=2

## Observe
What is w?
measure: w

## Check
Make it low.
until: final loss below 0.09 and opt is SGD
if: lr below 0.5 -> The learning rate is small.
solution: lr=2

## Explain
Why?
answer: It ends at {{final loss}}.
## Notes
Ask them.
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lesson_files, "FOLDER", tmp_path)
    (tmp_path / "small.md").write_text(LESSON, encoding="utf-8")
    return tmp_path


def click(test: AppTest, label: str) -> AppTest:
    (button,) = [each for each in test.button if each.label == label]
    assert not button.disabled
    button.click().run()
    assert not test.exception
    return test


def labels(test: AppTest) -> list[str]:
    return [each.label for each in test.button if not each.disabled]


def held(at: str = "small", **values: str) -> AppTest:
    """The lesson as an address opens it."""
    return open_page("playground", lesson=at, **values)


def place(test: AppTest) -> str:
    return said(test, "lesson")


def said(test: AppTest, key: str) -> str:
    text = test.query_params[key]
    return text if isinstance(text, str) else text[-1]


def now(test: AppTest, name: str) -> str:
    """A number of the run on screen, as it is written."""
    return MEASURES[name].write(measured(settings_of(boards(test)[0]), name) or 0.0)


def set_number(test: AppTest, key: str, value: float) -> AppTest:
    return test.number_input(key=key).set_value(value).run()


def test_it_opens_as_its_file_says_whatever_else_the_address_says() -> None:
    test = held(bs="7", lr="3")
    train = settings_of(boards(test)[0]).train
    assert (train.optimizer, train.lr, train.batch_size) == ("sgd", 0.5, 25)
    assert "**Small steps** · step 1 of 6" in texts(test)
    assert f"All of 100 points, <b>B</b> = 25: {now(test, 'final loss')}." in texts(test)
    assert place(test) == "small:1"
    assert "Back" not in labels(test)
    assert "See what a minibatch does" not in [each.value for each in test.subheader]
    click(test, "Next")
    assert place(test) == "small:2"
    click(test, "Back")
    assert place(test) == "small:1"


def test_an_answer_brings_what_was_asked_about() -> None:
    test = held("small:2")
    assert "This is what I expect" not in labels(test)
    assert "Skip" in labels(test)
    test.radio[0].set_value(0).run()
    click(test, "This is what I expect")
    assert settings_of(boards(test)[0]).train.batch_size == 1
    assert "✗ **It is not so.** The line says else." in texts(test)
    assert test.radio[0].disabled
    assert (place(test), said(test, "bs")) == ("small:2:,0", "1")
    assert "Next" in labels(test)


def test_a_right_answer_is_told_with_numbers_of_the_run() -> None:
    test = held("small:2")
    test.radio[0].set_value(1).run()
    click(test, "This is what I expect")
    assert f"✓ **Right.** By {now(test, 'swing')}." in texts(test)


CURVE = "~".join(str(0.3 - 0.01 * k) for k in range(17))


@pytest.mark.parametrize(
    ("chart", "drawn", "says"),
    [
        ("loss", CURVE, "Your line ends at 0.14, the run at **{final loss}**. So."),
        (
            "surface",
            "-1.5~2",
            "Your point is w = 2, b = -1.5. The run ends at **w = {w}, b = {b}**. So.",
        ),
    ],
)
def test_what_was_drawn_is_compared_with_the_run(
    folder: Path, chart: str, drawn: str, says: str
) -> None:
    begin, end = LESSON.index("- [ ] Nothing"), LESSON.index("then: bs=1")
    asked = f"{LESSON[:begin]}draw: {chart}\nanswer: So.\n{LESSON[end:]}"
    (folder / "small.md").write_text(asked, encoding="utf-8")
    assert foretold(held("small:2")) == [[]]
    test = held(f"small:2:,{drawn}")
    numbers = {name: now(test, name) for name in ("final loss", "w", "b")}
    assert says.format(**numbers) in texts(test)
    values = [float(each) for each in drawn.split("~")]
    assert foretold(test) == [values]
    its_run = {"opt": "SGD", "lr": "0.5", "bs": "1"}
    later = held(f"small:4:,{drawn}", **its_run)
    assert foretold(later) == [values]  # it stays over its run
    assert foretold(set_number(later, "bs", 2)) == []
    assert foretold(set_number(later, "bs", 1)) == [values]
    assert foretold(held(f"small:4:,{drawn}", **{**its_run, "bs": "2"})) == []
    assert foretold(held("small:4")) == []
    assert foretold(held("small:1")) == []
    for wrong in (f"{drawn}~1", "nan~1", "x"):
        assert place(held(f"small:2:,{wrong}")) == "small:1"
    progress = session(test).progress
    assert progress is not None
    assert f"> Drawn: {drawn}" in answers_of(lesson_files.lessons()["small"], progress.said)


def foretold(test: AppTest) -> list[list[float]]:
    """What is to be drawn, or was, as the browser is told."""
    sent = [orjson.loads(each.proto.json) for each in test.get("bidi_component") if each.proto.json]
    return [data[0]["drawn"] for data in sent if isinstance(data, list) and "drawn" in data[0]]


def test_what_is_done_is_seen_and_stays_done() -> None:
    test = held("small:3")
    assert "✓ **Done.**" not in texts(test)
    set_number(test, "bs", 3)
    assert "Too many." in texts(test)
    set_number(test, "bs", 2)
    assert "✓ **Done.**" in texts(test)
    assert place(test) == "small:3:,,x"
    set_number(test, "bs", 25)
    assert "✓ **Done.**" in texts(test)


def test_nobody_is_told_of_a_mistake_before_anything_was_moved(folder: Path) -> None:
    few = LESSON.replace("if: bs above 2 -> Too many.", "if: bs below 2 -> Too few.")
    (folder / "small.md").write_text(few, encoding="utf-8")
    test = held("small:3", opt="SGD", lr="0.5", bs="1")
    assert "Too few." not in texts(test)
    set_number(test, "lr", 0.4)
    assert "Too few." in texts(test)


@pytest.mark.parametrize(("share", "is_right"), [(1.0, True), (1.03, True), (0.9, False)])
def test_a_number_that_was_read_is_compared_with_the_run(share: float, is_right: bool) -> None:
    test = held("small:4")
    click(test, "Compare")
    assert "Type the number first." in texts(test)
    w = measured(settings_of(boards(test)[0]), "w")
    assert w is not None
    (box,) = [each for each in test.number_input if each.label == "What do you read?"]
    box.set_value(share * w).run()
    click(test, "Compare")
    verdict = "✓ **Right:**" if is_right else f"✗ You read {plain(share * w)}, but"
    assert f"{verdict} it is {now(test, 'w')}." in texts(test)
    assert "Type the number first." not in texts(test)


def test_a_run_is_checked_when_that_is_asked_and_a_known_mistake_has_its_own_words() -> None:
    test = held("small:5", lr="0.4", opt="SGD")
    assert not [text for text in texts(test) if text.startswith(("✓", "✗"))]
    click(test, "Check my run")
    assert "✗ The learning rate is small." in texts(test)
    set_number(test, "lr", 0.5)
    assert not [text for text in texts(test) if text.startswith("✗")]  # that was another run
    click(test, "Check my run")
    found = now(test, "final loss")
    assert f"✗ **Not yet.** *Final loss*: {found}; it should be below 0.09." in texts(test)
    set_number(test, "lr", 5.0)
    assert "✓ **Right.**" not in texts(test)
    click(test, "Check my run")
    assert "✓ **Right.**" in texts(test)
    assert place(test) == "small:5:,,,,x"


def test_the_own_words_come_before_ours_and_are_kept() -> None:
    test = held("small:6")
    assert not [text for text in texts(test) if text.startswith("**Ours:**")]
    click(test, "Compare with ours")
    assert "Write a sentence first." in texts(test)
    assert place(test) == "small:6"
    test.text_area[0].set_value(" Because, so: it is. ")
    click(test, "Compare with ours")
    assert f"**Ours:** It ends at {now(test, 'final loss')}." in texts(test)
    assert held(place(test)).text_area[0].value == "Because, so: it is."


def test_the_end_counts_predictions_and_the_address_brings_all_back() -> None:
    test = held("small:7:,0,x,9.0,x,So")
    assert "**Small steps** · the end" in texts(test)
    assert "You are through. Of 1 prediction, 0 came true." in texts(test)
    assert "Next" not in labels(test)
    progress = session(test).progress
    assert progress is not None
    text = answers_of(lesson_files.lessons()["small"], progress.said)
    for words in ("# Small steps", "> Nothing (it is not so)", "> Done.", "> 9.0", "> So"):
        assert words in text
    assert "> Skipped." in answers_of(lesson_files.lessons()["small"], {})
    click(test, "Close")
    assert "lesson" not in test.query_params
    assert session(test).progress is None
    assert "See what a minibatch does" in [each.value for each in test.subheader]


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("large", "There is no lesson 'large'. *Lessons*, above, lists all."),
        ("small:0", "The lesson begins anew: its place in the address can't be read."),
        ("small:8", "The lesson begins anew: its place in the address can't be read."),
        ("small:x", "The lesson begins anew: its place in the address can't be read."),
        ("small:2:,5", "The lesson begins anew: its place in the address can't be read."),
        ("small:2:,-1", "The lesson begins anew: its place in the address can't be read."),
        ("small:5:,,,nan", "The lesson begins anew: its place in the address can't be read."),
        ("small:5:,,,,,,x", "The lesson begins anew: its place in the address can't be read."),
    ],
)
def test_an_address_that_can_t_be_is_said(at: str, words: str) -> None:
    test = held(at, bs="7")
    assert words in [each.value for each in test.warning]
    assert settings_of(boards(test)[0]).train.batch_size == 7  # nothing of the settings is lost


def test_on_another_page_the_lesson_says_where_it_is() -> None:
    test = go_to_page(held("small:3"), "in_order")
    assert "**Small steps** is on the page *Playground*." in texts(test)
    assert place(test) == "small:3"
    click(test, "Go there")
    assert gone_to(test) == ["./?lesson=small%3A3"]


def gone_to(test: AppTest) -> list[str]:
    sent = [orjson.loads(each.proto.json) for each in test.get("bidi_component") if each.proto.json]
    return [data[0]["address"] for data in sent if isinstance(data, list) and "address" in data[0]]


def test_what_a_lesson_hides_is_seen_again_when_it_is_closed(folder: Path) -> None:
    asked = LESSON.replace("address", "hide: opt, shuf\naddress")
    (folder / "small.md").write_text(asked, encoding="utf-8")
    test = held("small:2")
    (style,) = styles(test)
    assert all(f".st-key-{key}" in style for key in ("opt", "shuf"))
    assert ".st-key-lr" not in style
    assert settings_of(boards(go_to_page(held("small:2"), "in_order"))[0])
    assert styles(go_to_page(held("small:2"), "in_order")) == []  # a lesson hides on its own page
    click(test, "Close")
    assert styles(test) == []


def styles(test: AppTest) -> list[str]:
    """What hides controls."""
    return [each.proto.body for each in test.get("html") if "display: none" in each.proto.body]


def test_the_list_begins_a_lesson_on_its_page_with_its_settings(folder: Path) -> None:
    (folder / "other.md").write_text(
        LESSON.replace("playground", "in_order").replace("Small", "Other"), encoding="utf-8"
    )
    test = open_page("lessons")
    begin = [each.label for each in test.button]
    assert begin == ["Begin", "Begin"]
    test.button(key="begin_other").click().run()
    assert not test.exception
    (address,) = gone_to(test)
    assert address.startswith("./in_order?")
    asked = parse_qs(address.partition("?")[2])
    assert (asked["lr_in_order"], asked["lesson"]) == (["0.5"], ["other:1"])


def test_a_file_that_can_t_be_read_is_named_and_the_others_are_held(folder: Path) -> None:
    (folder / "bad.md").write_text("---\ntitle: <script>\n---\n## Tri\n", encoding="utf-8")
    test = open_page("lessons")
    (warning,) = test.warning
    assert warning.value.startswith("The lesson in bad.md can't be held:\n\n- Line 1: There is no")
    assert "Line 4: '## tri' is no step." in warning.value
    assert [each.label for each in test.button] == ["Begin"]


def test_a_file_is_read_anew_when_it_changes_and_found_when_it_is_added(folder: Path) -> None:
    assert list(lesson_files.lessons()) == ["small"]
    (folder / "a.md").write_text(LESSON.replace("Small", "Big"), encoding="utf-8")
    assert list(lesson_files.lessons()) == ["a", "small"]  # by title, where no place is given
    (folder / "a.md").write_text("---", encoding="utf-8")
    assert list(lesson_files.lessons()) == ["small"]
    assert list(lesson_files.broken()) == ["a.md"]
    test = held("small:6")
    (folder / "small.md").write_text(LESSON[: LESSON.index("## Observe")], encoding="utf-8")
    test.run()
    assert "The file of this lesson was changed, so the lesson is closed." in [
        each.value for each in test.warning
    ]


def test_the_notes_are_sent_when_an_instructor_asks() -> None:
    test = open_page("lessons")
    assert "Ask them." not in texts(test)
    test.session_state["notes_small"] = True
    test.run()
    assert "Ask them." in texts(test)
    (answers,) = [text for text in texts(test) if text.startswith("**Answers")]
    assert "- Step 2: It swings" in answers
    assert "- Step 5: *Learning rate* 2" in answers
