"""A lesson's file is read, and each mistake in it is named with its line and what to do."""

from pathlib import Path

import pytest

from dashboard.lessons.lesson import Choice, Lesson, Step
from dashboard.lessons.reading import MOST_BYTES, read_lesson
from dashboard.shell.lesson_files import settings_of

WHOLE = """\
---
title: Which way: up or down?
minutes: 8
page: in_order
address: bs=10&lr_in_order=2&step=middle
hide: opt, ep
place: 3
---
Look at the **pink** line.

A line of code:

```
## Not a step
until: not a field
```

## Predict
What comes?

- [ ] It stays. -> It does not,
  as the line tells.
- [x] It swings -> Yes, by {{swing}}.
then: bs=1
step: 12

## Try
Move *Batch size B*.
until: bs at most 5 and shuf changed
if: lr changed -> You changed lr.
if: bs above 10 -> That is more.
solution: bs=5&shuf=Once

## Observe
Where does w end?
measure: w

## Check
until: final loss below 0.2

## Explain
Why?
answer: Each epoch repeats, {{steps per epoch}} steps long.

## Notes
Ask: *why?*

- not a choice
"""


def read(tmp_path: Path, text: str | bytes) -> tuple[Lesson | None, list[tuple[int, str]]]:
    file = tmp_path / "mine.md"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    lesson, problems = read_lesson(file, settings_of())
    assert (lesson is None) == bool(problems)
    return lesson, [(each.line, each.says) for each in problems]


def test_a_lesson_is_read_whole(tmp_path: Path) -> None:
    lesson, problems = read(tmp_path, WHOLE)
    assert not problems
    assert lesson is not None
    assert (lesson.name, lesson.title, lesson.minutes) == ("mine", "Which way: up or down?", 8)
    assert (lesson.page, lesson.place) == ("in_order", 3)
    assert lesson.hides == {"opt", "ep"}
    assert lesson.opening == {"bs": 10, "lr": 2.0}
    assert lesson.notes == "Ask: *why?*\n\n- not a choice"
    kinds = ["read", "predict", "try", "observe", "check", "explain"]
    assert [step.kind for step in lesson.steps] == kinds
    first, asked, trial, read_off, _, why = lesson.steps
    assert first.text.startswith("Look at the **pink** line.")
    assert "## Not a step\nuntil: not a field" in first.text
    assert asked.choices == [
        Choice("It stays.", False, "It does not, as the line tells."),
        Choice("It swings", True, "Yes, by {{swing}}."),
    ]
    assert (asked.text, asked.then, asked.at) == ("What comes?", {"bs": 1}, 12)
    assert trial.text == "Move *Batch size B*."
    assert [(claim.name, claim.comparison, claim.value) for claim in trial.until] == [
        ("bs", "at most", 5),
        ("shuf", "changed", None),
    ]
    assert [wrong.says for wrong in trial.wrong] == ["You changed lr.", "That is more."]
    assert trial.solution == {"bs": 5, "shuf": "once"}
    assert read_off.measure == "w"
    assert why.answer == "Each epoch repeats, {{steps per epoch}} steps long."


@pytest.mark.parametrize(
    "spelled",
    [
        WHOLE.replace("\n", "\r\n").encode(),
        WHOLE.encode("utf-8-sig"),
        WHOLE.replace("  as the line", "\tas the line").encode(),
        WHOLE.replace("bs=10&", "https://here.example/in_order?bs_in_order=10&").encode(),
        WHOLE.replace("---\ntitle", "---   \n# a remark\n\ntitle").encode(),
        WHOLE.replace("## Try", "##   TRY  ").encode(),
        WHOLE.replace("->", "→").encode(),
    ],
    ids=[
        *("line ends of Windows", "byte order mark", "tabs", "whole address", "remarks"),
        *("letters", "arrows"),
    ],
)
def test_what_editors_do_to_a_file_changes_nothing(tmp_path: Path, spelled: bytes) -> None:
    assert read(tmp_path, spelled) == read(tmp_path, WHOLE)


HEAD = "---\ntitle: T\nminutes: 5\npage: playground\n---\n"
ASKED = "## Predict\n- [ ] a\n- [x] b\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "The first line should be '---'"),
        ("## Try\n", 1, "The first line should be '---'"),
        ("---\ntitle: T\n## Try\n", 3, "A second line '---' should end what begins in line 1"),
        (HEAD, 5, "There is no step"),
        (HEAD.replace("title: T\n", "") + "Text\n", 1, "There is no 'title'"),
        (HEAD.replace("title: T", "title:") + "Text\n", 2, "'title' has no value"),
        (HEAD.replace("title", "titel") + "Text\n", 2, "Did you mean 'title'?"),
        (HEAD.replace("title: T", "title: T\ntitle: U") + "Text\n", 3, "a second 'title'"),
        (HEAD.replace("title: T", "title T") + "Text\n", 2, "'title T' is not known here"),
        (HEAD.replace("5", "five") + "Text\n", 3, "whole number from 1 to 999, but got 'five'"),
        (HEAD.replace("5", "0") + "Text\n", 3, "whole number from 1 to 999, but got '0'"),
        (HEAD.replace("playground", "play") + "Text\n", 4, "There is no page 'play'. The pages"),
        (HEAD.replace("playground", "lessons") + "Text\n", 4, "There is no page 'lessons'"),
        (HEAD.replace("page:", "address: b=1\npage:") + "Text\n", 4, "no setting 'b'. It has"),
        (HEAD.replace("page:", "hide: bs, b\npage:") + "Text\n", 4, "no setting 'b'. It has"),
        (HEAD.replace("page:", "address: bs=0\npage:") + "Text\n", 4, "bs should be between 1"),
        (HEAD.replace("page:", "address: opt=Adm\npage:") + "Text\n", 4, "opt should be one of"),
        (HEAD + "## Foretell\n", 6, "'## foretell' is no step. Use one of '## Read'"),
        (HEAD + "## Predict\nWhat?\n", 6, "two choices or more"),
        (HEAD + "## Try\n- [ ] a\n", 7, "Only '## Predict' has choices"),
        (HEAD + "## Try\nuntill: bs is 1\n", 7, "Did you mean 'until'?"),
        (HEAD + "## Try\nwhere: bs is 1\n", 7, "begin the line with a capital letter"),
        (HEAD + "## Try\nuntil:\n", 7, "'until' has no value"),
        (HEAD + "## Try\nuntil: bs is 1\nuntil: bs is 2\n", 8, "a second 'until'"),
        (HEAD + "## Try\nuntil: batch is 1\n", 7, "begin with a setting of this page ("),
        (HEAD + "## Try\nuntil: bs equals 1\n", 7, "compare with one of: is not, is, at most"),
        (HEAD + "## Try\nuntil: bs at most\n", 7, "can't be checked"),
        (HEAD + "## Try\nuntil: bs at most x\n", 7, "bs should be a whole number"),
        (HEAD + "## Try\nuntil: bs changed 4\n", 7, "nothing follows 'changed'"),
        (HEAD + "## Try\nuntil: final loss changed\n", 7, "only a setting can be changed"),
        (HEAD + "## Try\nuntil: final loss below low\n", 7, "compared with a number"),
        (HEAD + "## Try\nuntil: diverges is maybe\n", 7, "diverges is 'yes' or 'no'"),
        (HEAD + "## Try\nif: bs is 1\n", 7, "'if' should be like"),
        (HEAD + "## Try\nsolution: bs\n", 7, "bs should be a whole number"),
        (HEAD + "## Try\nsolution: ?\n", 7, "should be like 'bs=10&lr=0.5'"),
        (HEAD + "## Try\nDo it.\n", 6, "'## Try' should have a line 'until: ...'"),
        (HEAD + "## Check\nDo it.\n", 6, "'## Check' should have a line 'until: ...'"),
        (HEAD + "## Observe\nRead it.\n", 6, "should have a line 'measure: ...'"),
        (HEAD + "## Observe\nmeasure: lossy\n", 7, "'lossy' can't be measured. What can be"),
        (HEAD + "## Explain\nWhy?\n", 6, "should have a line 'answer: ...'"),
        (HEAD + "It is {{loss of it}}.\n", 6, "{{loss of it}} is no number of the run"),
        (HEAD + ASKED + "draw: loss\n", 7, "Either draw or choose"),
        (HEAD + "## Predict\n- [x] a\n- [x] b\n", 6, "At most one can be right"),
        (HEAD + "## Predict\nIt ends at {{w}}.\ndraw: loss\n", 6, "{{w}} tells how the run ends"),
        (HEAD + "## Explain\nAnswer: mine\nanswer: mine\n", 7, "begin with 'answer: '"),
        (HEAD + "## Try\nif ep changed -> No\nuntil: played\n", 7, "begin with 'if: '"),
        (HEAD + ASKED + "then lr=5\n", 9, "begin with 'then: '"),
        (HEAD + ASKED + "step: -1\n", 9, "whole number from 0 to 200,000, but got '-1'"),
        (HEAD + "## Try\nstep: 5\nuntil: played\n", 7, "'step' is not known in '## Try'"),
        (HEAD + "## Try\nuntil: played is 1\n", 7, "or say 'played' alone"),
        (HEAD + "## Predict\ndraw: path\n", 7, "one of loss, surface, but got 'path'"),
        (HEAD + ASKED + "then: bs=x\n", 9, "bs should be a whole number"),
        (HEAD + "![a cat](cat.png)\n", 6, "There is no picture 'cat.png'"),
        (HEAD + "![](mine.md)\n", 6, "Say in [...] what the picture shows"),
        (HEAD + "![a cat](https://a.example/cat.png)\n", 6, "is elsewhere"),
        (HEAD + "![a cat](../cat.png)\n", 6, "is elsewhere"),
        (HEAD + "Look: ![a cat](cat.png)\n", 6, "A picture stands on a line of its own"),
        (HEAD + "Text\n## Notes\n![a](b.png)\n", 8, "The notes have no pictures"),
        (HEAD + "x" * MOST_BYTES, 1, "a lesson at most 100,000"),
        (HEAD.encode() + b"Gr\xfc\xdfe\n", 6, "Save the file as UTF-8"),
        (HEAD.encode("utf-16"), 1, "Save the file as UTF-8"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_to_do(
    tmp_path: Path, text: str | bytes, line: int, words: str
) -> None:
    _, problems = read(tmp_path, text)
    assert [number for number, says in problems if words in says] == [line], problems
    assert all(says.endswith((".", "?")) for _, says in problems), problems


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = HEAD.replace("5", "x") + "## Try\nuntil: bs is y\n## Check\n## Show\n"
    _, problems = read(tmp_path, text)
    assert [line for line, _ in problems] == [3, 7, 8, 9]


def test_text_before_the_first_heading_may_be_missing(tmp_path: Path) -> None:
    lesson, _ = read(tmp_path, HEAD + "\n\n## Read\nDo.\n")
    assert lesson is not None
    assert lesson.steps == [Step("read", "Do.", [], [], wrong=[])]
