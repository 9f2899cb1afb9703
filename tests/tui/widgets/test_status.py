import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from phototagger.tui.widgets.status import Status, StatusLine, duration, line_of
from tests.tui.driving import Stage, drive, screen_text

FULL = Status(
    undecided=1234,
    pace=43.4,
    seconds=1720,
    threshold=0.25,
    filter="undecided",
    order="most uncertain first",
    engine="embedding 1,200 of 4,000",
)


def test_a_wide_line_says_everything():
    assert line_of(FULL, "", 160) == (
        "1,234 undecided · 43 photos/min · 28 min left · threshold 0.25 · undecided · "
        "most uncertain first · embedding 1,200 of 4,000"
    )


def test_a_narrow_line_keeps_what_matters():
    assert line_of(FULL, "", 60) == "1,234 undecided · threshold 0.25 · embedding 1,200 of 4,000"
    assert line_of(FULL, "", 20) == "1,234 undecided"


def test_on_80_columns_the_next_step_goes_before_the_threshold():
    first = "a approves, 1-9 check, # finds a label, ? helps"
    now = Status(undecided=1234, threshold=0.25, next=first)
    assert line_of(now, "", 78) == f"1,234 undecided · {first}"
    assert line_of(now, "", 60) == "1,234 undecided · threshold 0.25"


def test_a_message_stays_whole_as_long_as_anything_else_can_go():
    said = "approved: dog, beach, sunset and 2 more on 3 photos"
    assert line_of(FULL, said, 60) == said
    assert line_of(FULL, said, 90).startswith(f"{said} · 1,234 undecided")


def test_read_only_is_always_said_and_its_holder_where_it_fits():
    held = Status(undecided=5, read_only="phototagger 4711 on box holds the run_dir")
    assert "read-only: phototagger 4711 on box holds" in line_of(held, "", 80)
    assert line_of(held, "", 40) == "5 undecided · read-only"
    assert line_of(held, "nothing was decided", 60).startswith("nothing was decided · ")
    assert "read-only" in line_of(held, "nothing was decided", 60)


@given(st.text(st.characters(categories=["L", "P", "N"]), max_size=200), st.integers(0, 200))
def test_the_line_is_never_wider_than_the_screen(message, width):
    assert cell_len(line_of(FULL, message, width)) <= width


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (61, "1 min"), (3700, "1 h 01 min"), (180000, "2 d 2 h")],
)
def test_a_time_is_said_as_a_person_says_it(seconds, said):
    assert duration(seconds) == said


def test_a_message_goes_by_itself():
    line = StatusLine()
    seen = []

    async def act(pilot):
        line.put(FULL)
        line.say("first")
        line.say("approved [3 photos]", seconds=0.2)
        await pilot.pause()
        seen.append(screen_text(pilot.app))
        await pilot.pause(0.4)
        seen.append(screen_text(pilot.app))

    drive(Stage(line), act)
    assert "approved [3 photos]" in seen[0]
    assert "approved" not in seen[1]


def test_an_error_is_set_off_without_colour():
    line = StatusLine()

    async def act(pilot):
        line.say("the disk is full", error=True, seconds=0.1)
        await pilot.pause()
        assert line.styles.text_style.reverse
        await pilot.pause(0.4)
        assert not line.styles.text_style.reverse

    drive(Stage(line), act)
