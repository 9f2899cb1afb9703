"""The review ends in every way that there is; no decision that it showed is lost."""

import csv
import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from phototagger.store import WHOLE_PHOTO, Catalogue, decisions
from phototagger.store.photos.contents import paths_of
from tests.engine.conftest import LABELS, Library, calls
from tests.engine.pictures import library
from tests.tui.terminal_pty import CHECKOUT, Screen

__all__ = ["calls"]

PHOTOS = tuple(f"{number:02}.jpg" for number in range(60))
OFF = [b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?1006l", b"\x1b[?2004l"]
ON = [one[:-1] + {b"l": b"h", b"h": b"l"}[one[-1:]] for one in OFF]
DECIDED = {"✓", "\N{EN DASH}"}
SOON = 30.0  # seconds within which the program is gone, on a busy machine, too


class Tagged(Library):
    """Photos that were tagged, and the words that open their review."""

    def __init__(self, folder: Path, calls: object) -> None:
        super().__init__(folder, calls)
        shutil.rmtree(self.root)
        library(self.root, PHOTOS)
        self.run()
        (folder / "labels.txt").write_text("\n".join(LABELS))

    @property
    def words(self) -> list[str | Path]:
        places = ["--run-dir", self.folder / "runs", "--cache-dir", self.folder / "thumb_cache"]
        model = ["--model-name", "embedded", "--threshold", "0.2", "--topk", "2"]
        return ["review", self.root, *places, "--labels", self.folder / "labels.txt", *model]

    def opened(self, **more: object) -> Screen:
        return Screen(
            *self.words, "--images", "none", XDG_STATE_HOME=str(self.folder / "state"), **more
        )

    def decided(self) -> dict[str, set[str]]:
        """The approved labels of each photo that the catalogue holds a decision on."""
        catalogue = Catalogue(self.folder / "runs", writable=False)
        try:
            found: dict[str, set[str]] = {}
            for one in decisions(catalogue):
                (path,) = paths_of(catalogue, one.sha1)
                labels = found.setdefault(Path(os.fsdecode(path)).name, set())
                if one.approved and one.label != WHOLE_PHOTO:
                    labels.add(one.label)
            return found
        finally:
            catalogue.close()

    def is_free(self) -> bool:
        """Whether nobody holds the run_dir."""
        with (self.folder / "runs" / "lock").open("rb+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    @property
    def run_folder(self) -> Path:
        (found,) = [one for one in (self.folder / "runs").iterdir() if one.name[:2] == "20"]
        return found

    def approved_csv(self) -> dict[str, set[str]]:
        with (self.run_folder / "approved.csv").open() as file:
            rows = csv.DictReader(file)
            return {row["rel_path"]: set(row["approved_labels"].split("|")) for row in rows}


@pytest.fixture
def tagged(tmp_path, calls):
    return Tagged(tmp_path, calls)


@contextmanager
def review_of(tagged, **more):
    screen = tagged.opened(**more)
    try:
        screen.until(lambda shown: all(one in shown for one in ("▸", "undecided", "□")))
        yield screen
    finally:
        screen.close()


def acknowledged(screen) -> set[str]:
    """The photos whose mark says on the screen that they are decided."""
    words = screen.text().translate(dict.fromkeys(map(ord, "▸┃│╏┋"), " ")).split()
    return {name for mark, name in pairwise(words) if mark in DECIDED and name in PHOTOS}


def of_session(leader: int) -> list[str]:
    """What is left of the processes that a terminal's program started, itself included."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, session = place.joinpath("stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == leader and state != "Z":
            found.append(place.joinpath("cmdline").read_text())
    return found


def hang_up(screen) -> None:
    screen.hang_up()


def send(number: int):
    def end(screen) -> None:
        screen.process.send_signal(number)

    end.__name__ = signal.Signals(number).name
    return end


ENDS = [hang_up, send(signal.SIGHUP), send(signal.SIGTERM), send(signal.SIGKILL)]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_no_decision_that_was_shown_is_lost_however_it_ends(tagged, end):
    chance = random.Random(end.__name__)
    before: set[str] = set()
    for during in (False, True, True, True):
        with review_of(tagged) as screen:
            screen.press("n" if during else "")
            pressed = chance.randint(3, 12)
            for _ in range(pressed):
                screen.press("a")  # counts only where the photo's labels were on the screen
                time.sleep(chance.random() * 0.25)
            if not during:
                screen.until(lambda _: acknowledged(screen))
            end(screen)
            screen.process.wait(SOON)
            time.sleep(0.1)  # the reader takes what is left in the pipe
            shown, left = acknowledged(screen), of_session(screen.process.pid)
        decided = tagged.decided()
        assert shown <= set(decided), screen.text()
        assert len(decided) <= len(before) + pressed
        assert left == []
        assert tagged.is_free()
        before = set(decided)
    assert len(before) > 3


def test_what_the_status_line_says_was_approved_is_in_the_catalogue(tagged):
    with review_of(tagged) as screen:
        screen.press("1a")
        said = screen.until_says(f"{PHOTOS[0]}: ")
        screen.process.send_signal(signal.SIGKILL)
        screen.process.wait()
    line = next(one for one in said.splitlines() if f"{PHOTOS[0]}: " in one)
    labels = line.split(": ")[1].split(" · ")[0].split(", ")
    assert tagged.decided() == {PHOTOS[0]: set(labels) - {"no label"}}


@pytest.mark.parametrize("pressed", ["", "aaaaaaaaaaaa"])
def test_a_closed_terminal_ends_it_also_where_hang_ups_are_ignored(tagged, pressed):
    with review_of(tagged, nohup=True) as screen:
        screen.press(pressed)
        if not pressed:
            screen.process.send_signal(signal.SIGHUP)  # as nohup asks, this ends nothing
            time.sleep(0.5)
            assert screen.process.poll() is None
        screen.hang_up()
        assert screen.ended(SOON) == 130
        assert of_session(screen.process.pid) == []


def test_it_also_ends_while_its_terminal_takes_no_output(tagged):
    with review_of(tagged) as screen:
        screen.press("\x13")  # ctrl+s: nothing is written until ctrl+q, where it is not turned off
        screen.stop_reading()
        screen.press("jkjkjkjk?" * 60)
        time.sleep(1)
        screen.process.send_signal(signal.SIGTERM)
        assert screen.ended(SOON) == 130


def test_a_signal_restores_the_terminal_and_exits_130(tagged):
    with review_of(tagged) as screen:
        attributes = screen.before
        assert screen.attributes() != attributes
        screen.process.send_signal(signal.SIGTERM)
        assert screen.ended() == 130
        assert screen.attributes() == attributes
        time.sleep(0.1)
        restored(screen.output())


def restored(written: bytes) -> None:
    """The other screen, the cursor, the mouse and pasting are as they were."""
    for off, on in zip(OFF, ON, strict=True):
        assert written.rfind(off) > written.rfind(on) >= 0, off


def test_q_writes_the_tables_restores_the_terminal_and_names_the_run_folder(tagged):
    with review_of(tagged) as screen:
        for photo in PHOTOS[:2]:
            screen.press("a")
            screen.until_says(f"{photo}: ")
        screen.press("q")
        assert screen.ended(20) == 0
        assert screen.attributes() == screen.before
        time.sleep(0.1)
        restored(screen.output())
        last = screen.output().decode().rstrip().rpartition("\n")[2].rpartition("\r")[2]
    assert last == str(tagged.run_folder)
    decided = tagged.decided()
    approved = {name: labels for name, labels in decided.items() if labels}
    assert set(decided) == {PHOTOS[0], PHOTOS[1]}
    assert tagged.approved_csv() == approved
    with (tagged.run_folder / "results.csv").open() as file:
        results = {row["rel_path"]: row["approved_labels"] for row in csv.DictReader(file)}
    assert {name: set(said.split("|")) for name, said in results.items() if said} == approved
    table = pl.read_parquet(tagged.run_folder / "approvals.parquet")
    yes = table.filter(pl.col("decision") == "approved")
    assert set(zip(yes["rel_path"], yes["label"], strict=True)) == {
        (name, label) for name, labels in approved.items() for label in labels
    }
    assert set(table["who"]) == {"person"}


def test_after_a_kill_the_next_start_brings_the_tables_up_to_date(tagged):
    with review_of(tagged) as screen:
        screen.press("a")
        screen.until_says(f"{PHOTOS[0]}: ")
        screen.process.kill()
        screen.process.wait()
    assert tagged.approved_csv() == {}
    with review_of(tagged):
        end = time.monotonic() + 20
        while not tagged.approved_csv() and time.monotonic() < end:
            time.sleep(0.1)
        assert tagged.approved_csv() == tagged.decided()


def test_a_second_review_only_reads_and_says_who_holds_the_run_dir(tagged):
    with review_of(tagged) as first:
        with review_of(tagged) as second:
            assert "read-only" in second.status()
            second.press("a")
            said = second.until_says("wait for it, or end it")
            assert f"process {first.process.pid} on " in said
            assert tagged.decided() == {}
            assert acknowledged(second) == set()
            second.press("q")
            assert second.ended(10) == 0
        first.press("a")
        first.until_says(f"{PHOTOS[0]}: ")
        assert set(tagged.decided()) == {PHOTOS[0]}


def test_without_a_terminal_it_exits_2_and_names_batch(tagged):
    done = subprocess.run(
        [sys.executable, "-m", "phototagger", *tagged.words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert "needs a terminal (for stdin, stdout and stderr); without one: phototagger --batch" in (
        done.stderr
    )


def test_a_signal_ends_the_dialog_that_asks_for_a_folder_with_130(tmp_path):
    screen = Screen("review", tmp_path / "nowhere", XDG_STATE_HOME=str(tmp_path))
    try:
        screen.until_says("there is no such folder")
        screen.process.send_signal(signal.SIGTERM)
        assert screen.ended() == 130
        time.sleep(0.1)
        restored(screen.output())
        assert "stopped before the review began" in screen.text()
    finally:
        screen.close()


def test_a_review_that_breaks_restores_the_terminal_writes_a_report_and_loses_nothing(tagged):
    (tagged.folder / "sitecustomize.py").write_text(
        "from phototagger.tui.screens.review.photo_decisions import PhotoDecisions\n"
        "def copy(self):\n    raise ValueError('what nobody expected')\n"
        "PhotoDecisions._copy = copy\n"
    )
    where = os.pathsep.join([str(tagged.folder), str(CHECKOUT)])
    with review_of(tagged, PYTHONPATH=where) as screen:
        screen.press("a")
        screen.until(lambda _: acknowledged(screen) == {PHOTOS[0]})
        screen.press("y")
        assert screen.ended() == 1
        output = screen.output()
    assert all(one in output for one in OFF)
    assert b"the review broke (ValueError: what nobody expected)" in output
    assert b"Traceback" not in output
    report = (tagged.run_folder / "REPORT.md").read_text()
    assert "## Step that failed\n\nreview" in report
    assert "Traceback" in report
    assert set(tagged.decided()) == {PHOTOS[0]}
