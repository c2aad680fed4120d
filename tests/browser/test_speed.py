"""speed.js: the steps of a film that a frame shows."""

from tests.support.in_node import in_node

PLAY = """
    let [owed, shown] = [0, []]
    for (const passed of frames) {
      const [steps, rest] = it.stepsOfFrame(owed + passed * speed, speed, isCalm)
      owed = rest
      shown.push(steps)
    }
    return shown
"""


def play(frames: list[float], speed: int, is_calm: bool = False) -> list[int]:
    """The steps of each of some frames, which last so many seconds."""
    shown: list[int] = in_node("speed.js", PLAY, frames=frames, speed=speed, isCalm=is_calm)
    return shown


def test_up_to_30_steps_a_second_no_frame_leaves_a_step_out() -> None:
    assert play([1 / 64] * 64, 16) == [0, 0, 0, 1] * 16
    assert set(play([0.5] * 20, 30)) == {1}


def test_after_a_slow_frame_the_film_does_not_race() -> None:
    assert play([5.0, 1 / 64, 1 / 64, 1 / 64, 1 / 64], 8) == [1, 1, 0, 0, 0]


def test_a_fast_film_shows_what_is_due() -> None:
    assert play([1 / 64] * 4, 1000) == [15, 16, 15, 16]


def test_where_motion_is_unwanted_there_are_two_pictures_a_second() -> None:
    assert play([1 / 64] * 64, 32, is_calm=True) == [*[0] * 31, 16] * 2
