"""A second review shows what the first one decides, and takes over when that has ended."""

import json
import signal
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import pytest

from tests.faults.test_review_ends import PHOTOS, calls, review_of, tagged
from tests.tui.terminal_pty import Screen

__all__ = ["calls", "tagged"]

ALL = len(PHOTOS)


@contextmanager
def second_of(tagged):
    with review_of(tagged) as screen:
        screen.until_says("read-only")
        yield screen


def take_over_of(screen) -> None:
    screen.until_says("you decide now: the other phototagger")
    assert "read-only" not in screen.text()


def decides(screen, tagged, before: int) -> None:
    """The first key says that it counts from now on; the next one counts."""
    if before:
        screen.press("n")
        screen.until_says(f"▸· {PHOTOS[before]}")
        screen.settle(0.3)  # its labels are beside it then
    screen.press("a")
    screen.until_says("this key did nothing; press it again")
    assert len(tagged.decided()) == before
    screen.press("a")
    screen.until_says(f"{ALL - before - 1} undecided")
    assert len(tagged.decided()) == before + 1


def quits(screen) -> None:
    screen.press("q")


def is_killed(screen) -> None:
    screen.process.send_signal(signal.SIGKILL)


def loses_its_terminal(screen) -> None:
    screen.hang_up()


def approves(screen: Screen, undecided: int, count: int) -> None:
    """Approve photos, each once its labels are on the screen."""
    for left in range(undecided - 1, undecided - count - 1, -1):
        screen.press("a")
        screen.until_says(f"{left} undecided")


@pytest.mark.parametrize("ends", [quits, is_killed, loses_its_terminal])
def test_the_second_review_decides_once_the_first_has_ended(tagged, ends):
    with review_of(tagged) as first, second_of(tagged) as second:
        assert f"process {first.process.pid} on " in second.text()
        approves(first, ALL, 3)
        second.until_says(f"{ALL - 3} undecided")  # also what was decided meanwhile
        second.press("a")
        second.until_says("wait for it, or end it")
        assert len(tagged.decided()) == 3
        ends(first)
        take_over_of(second)
        assert f"(process {first.process.pid} on " in second.text()
        decides(second, tagged, 3)
        second.press("u")
        second.until_says(f"{ALL - 3} undecided")
        second.press("q")
        second.ended(30)
    assert len(tagged.decided()) == 3
    assert len(tagged.approved_csv()) <= 3  # it wrote the tables when it ended
    assert tagged.is_free()


def test_it_takes_over_under_an_open_dialog_which_stays(tagged):
    with review_of(tagged) as first, second_of(tagged) as second:
        second.press("#cat")
        second.until_says("find a label")
        approves(first, ALL, 2)
        quits(first)
        take_over_of(second)
        assert "find a label" in second.text()
        second.press("\r")  # checks a label: the first deciding key
        second.until_says("this key did nothing; press it again")
        assert len(tagged.decided()) == 2
        second.press("n")
        second.until_says(f"▸· {PHOTOS[2]}")
        second.settle(0.3)
        approves(second, ALL - 2, 2)
        assert len(tagged.decided()) == 4


def test_it_says_so_over_the_label_list_and_its_pages_too(tagged):
    with review_of(tagged) as first, second_of(tagged) as second:
        second.press("L")
        second.until_says("LABEL LIST")
        second.press("\r")
        second.until_says("PAGES")
        quits(first)
        take_over_of(second)
        assert "PAGES" in second.text()


def test_of_two_that_wait_one_takes_over_and_the_other_names_it(tagged):
    with ExitStack() as opened:
        first = opened.enter_context(review_of(tagged))
        others = [opened.enter_context(second_of(tagged)) for _ in range(2)]
        is_killed(first)
        first.process.wait()
        end = time.monotonic() + 30
        while not (takers := [one for one in others if "read-only" not in one.text()]):
            assert time.monotonic() < end
            time.sleep(0.1)
        (taker,) = takers
        (waits,) = [one for one in others if one is not taker]
        waits.until(lambda shown: "read-only" in shown)
        waits.press("a")
        waits.until_says(f"process {taker.process.pid} on ")
        decides(taker, tagged, 0)
        waits.until_says(f"{ALL - 1} undecided")
        quits(taker)
        take_over_of(waits)
        decides(waits, tagged, 1)


def test_it_takes_over_from_a_run_without_a_screen(tagged):
    words = [str(one) for one in tagged.words[1:]]
    run = Screen("run", "--root", *words, XDG_STATE_HOME=str(tagged.folder / "state"))
    try:
        run.until_says("run_dir: ")
        run.process.send_signal(signal.SIGSTOP)
        with second_of(tagged) as second:
            assert f"process {run.process.pid} on " in second.text()
            run.process.send_signal(signal.SIGCONT)
            assert run.process.wait(60) == 0
            take_over_of(second)
            decides(second, tagged, 0)
    finally:
        run.close()


def test_the_lock_of_another_host_is_waited_for_and_never_broken(tagged):
    lock = tagged.folder / "runs" / "lock"
    held = json.dumps({"host": "far-box", "pid": 4711, "start": "2026-01-02T03:04:05+00:00"})
    lock.write_text(held)
    begun = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).astimezone()
    with second_of(tagged) as second:
        second.until_says(f"process 4711 on far-box since {begun:%Y-%m-%d %H:%M}")
        time.sleep(2.5)  # two looks
        second.press("a")
        second.until_says("if that one has ended, use --force-unlock")
        assert lock.read_text() == held
        assert tagged.decided() == {}
        lock.write_text("")  # as its holder leaves it
        take_over_of(second)
        decides(second, tagged, 0)


def test_nothing_is_taken_over_where_the_run_dir_was_removed(tagged):
    runs, away = tagged.folder / "runs", tagged.folder / "away"
    with review_of(tagged) as first, second_of(tagged) as second:
        first.press("a")
        first.until_says(f"{ALL - 1} undecided")
        runs.rename(away)
        first.press("a")
        first.until_says("was deleted")
        second.until_says("was deleted")
        is_killed(first)
        time.sleep(2.5)  # two looks
        assert not runs.exists()
        away.rename(runs)
        take_over_of(second)
        decides(second, tagged, 1)
