"""What is sent to share a page, and controls that the address hides."""

import re
from urllib.parse import unquote

import pytest

from dashboard.shell.hidden import hidden
from dashboard.shell.registry import PAGES
from dashboard.shell.share import MOST, code_of
from tests.support.opened import end_of_run, open_page


def test_a_code_is_black_on_white_with_four_modules_of_white_around_it() -> None:
    code = code_of("https://minibatch.example/?bs=10")
    picture = unquote(code["picture"])
    size, ground = re.findall(r"viewBox='0 0 (\d+) \1'.*<path fill='#fff' d='([^']+)'", picture)[0]
    assert ground == f"M0 0h{size}v{size}h-{size}z"
    dark, rows = re.findall(r"stroke='([^']+)' d='([^']+)'", picture)[0]
    assert dark == "#000"
    assert rows.startswith("M4 4.5h7")  # the corner by which a phone finds it
    assert (code["address"], code["says"]) == ("https://minibatch.example/?bs=10", "")


def test_an_address_too_long_for_a_code_is_told_so() -> None:
    address = "https://minibatch.example/?pins=".ljust(MOST, "x")
    assert code_of(address)["picture"]
    code = code_of(address + "x")
    assert code["picture"] == ""
    assert code["says"] == (
        "This address has 2,954 letters, and a QR code holds 2,953 at most. "
        "With fewer kept runs it is shorter."
    )


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_sent_to_share_before_it_is_asked_for(name: str) -> None:
    test = open_page(name)
    assert not [
        each for each in test.get("bidi_component") if each.proto.component_name.endswith(".share")
    ]


def test_what_is_hidden_keeps_its_value() -> None:
    seen, test = open_page("playground", bs="10"), open_page("playground", bs="10", hide="bs,opt")
    assert end_of_run(test) == end_of_run(seen)
    assert test.number_input(key="bs").value == 10
    assert not test.warning
    assert test.query_params["hide"] == "bs,opt"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("speed", "'speed'"),
        ("bs,speed, ,,speed", "'speed'"),
        ("a,b", "'a' and 'b'"),
        ("a,b,c,d,e", "'a', 'b', 'c' and 2 more"),
        ("bs_in_order", "'bs_in_order'"),
        ("x" * 400, "xxx' and 340 more letters"),
        ("<b>opt</b>", "'<b>opt</b>'"),
        ("OPT", "'OPT'"),
    ],
)
def test_what_hides_no_control_is_said_and_nothing_is_lost(text: str, says: str) -> None:
    test = open_page("playground", lr="0.2", hide=text)
    (warning,) = test.warning
    assert warning.value.startswith("Ignored in the address: hide names ")
    assert says in warning.value
    assert warning.value.endswith("shuf, sort, src, unit, w0 and wd.")
    assert test.query_params["hide"] == text
    assert test.number_input(key="lr").value == 0.2


@pytest.mark.parametrize("text", ["", ",", " , "])
def test_an_empty_list_hides_nothing(text: str) -> None:
    assert not open_page("playground", hide=text).warning
    assert hidden(PAGES["playground"], [text]) == (set(), [])
