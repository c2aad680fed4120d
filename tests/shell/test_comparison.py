"""What is said of our numbers beside the notebook's is what the rows show."""

import pytest

from dashboard.shell.comparison import NOT_DRAWN, NOT_REACHED, Comparison


@pytest.mark.parametrize(
    ("ours", "says"),
    [
        (("1", "2"), "All of them are the notebook's"),
        (("1", "3"), "so some of the numbers differ."),
        (("0", "3"), "so the numbers differ."),
        (("1", NOT_REACHED), "some of the numbers are missing. The others are the notebook's"),
        (("0", NOT_DRAWN), "so some of the numbers differ, and some are missing."),
        ((NOT_DRAWN, NOT_DRAWN), "so none of the numbers is here."),
    ],
)
def test_the_rows_decide_what_is_said_of_them(ours: tuple[str, str], says: str) -> None:
    pairs = [("1", ours[0]), ("", ""), ("2", ours[1])]
    assert says in Comparison(("loss", "w", "b"), [("end", pairs)]).said
