"""The keywords that a photo or its sidecar has already: seen in the checklist, taken by `E`."""

import re
import threading

import pytest

from phototagger.engine.decisions import keywords
from phototagger.tui.screens.review import focused_photo
from tests.sidecar_files import needs_exiftool, sidecar_text
from tests.tui.reviewing import at_review, followed

SIZES = [(80, 24), (120, 40)]


def beside(library, name, *words):
    """Give a photo a sidecar of somebody else's."""
    path = library.root / name
    path.with_name(path.name + ".xmp").write_text(sidecar_text(words))


def rows(user):
    """The rows of the labels, without what the sign for a keyword says."""
    return re.findall(r"..[■□].*", user.screen)


@pytest.mark.parametrize("size", SIZES)
def test_labels_that_the_file_has_are_marked_and_other_keywords_stand_below(ran, size):
    async def act(user):
        name = user.here
        label = user.ui.photo.checks.lines[0].label
        assert "¶" not in user.screen
        beside(ran, name, label.title(), "Rome", "gelato")
        await user.press("right", "left")
        marked = [line for line in user.screen.splitlines() if label in line and "¶" in line]
        assert len(marked) == 1
        assert "¶ rome, gelato" in user.screen
        assert user.approved(name) == set()
        assert user.kept(name) is None

    at_review(ran, act, size)


def test_nothing_moves_when_they_come_in_and_letter_keys_stay(ran):
    async def act(user):
        await user.press(";")
        label = user.ui.photo.checks.lines[1].label
        before, keys = rows(user), dict(user.ui.letters._board.keys.labels)
        beside(ran, user.here, label, "Rome")
        user.ui.keywords.follow()
        await user.rest()
        assert user.ui.letters._board.keys.labels == keys
        assert [row.replace(" ¶ ", "   ") for row in rows(user)] == before
        assert "¶ rome · " in user.screen

    at_review(ran, act)


def test_e_checks_the_keywords_of_the_sidecar_and_approving_keeps_them(ran):
    async def act(user):
        name = user.here
        beside(ran, name, "Rome", "snow")
        await user.press("c", "E")
        assert "checked, as the file says: rome, snow; approving keeps them" in user.screen
        assert user.approved(name) == set()
        await user.press("a")
        assert user.approved(name) >= {"rome", "snow"}

    at_review(ran, act)


def test_a_photo_without_keywords_says_so(ran):
    async def act(user):
        await user.press("E")
        assert "no keyword in the photo or its sidecar" in user.screen

    at_review(ran, act)


@needs_exiftool
def test_what_phototagger_wrote_itself_is_not_marked(ran):
    async def act(user):
        name = user.here
        await user.press("a", "w", "enter", "escape", "g")
        while user.here != name:
            await user.press("left")
        assert (ran.root / f"{name}.xmp").exists()
        assert "¶" not in user.screen

    at_review(ran, act)


class SlowReader:
    """Reads as the review does, but waits first; tells which photos were read, and on what."""

    def __init__(self, monkeypatch):
        self.go_on = threading.Event()
        self.read, self.threads = [], set()
        self.real = keywords.labels_in
        monkeypatch.setattr(keywords, "labels_in", self)

    def __call__(self, opened, photo):
        self.read.append(photo.name)
        self.threads.add(threading.current_thread())
        assert self.go_on.wait(20)
        return self.real(opened, photo)


def test_a_disk_that_does_not_answer_holds_up_nothing_and_one_photo_is_read_at_a_time(
    ran, monkeypatch
):
    reader = SlowReader(monkeypatch)

    async def act(user):
        for _ in range(5):
            await user.pilot.press("right")
            await followed(user.pilot)
        last = user.here.rpartition("/")[2]
        assert len(reader.read) == 1
        reader.go_on.set()
        await user.rest()
        assert reader.read[1:] == [last]
        assert threading.main_thread() not in reader.threads

    at_review(ran, act, rests=False)


def test_a_key_that_is_held_down_reads_no_photo_that_it_passes(ran, monkeypatch):
    monkeypatch.setattr(focused_photo, "BESIDE", 1.0)

    async def act(user):
        reader = SlowReader(monkeypatch)
        reader.go_on.set()
        await user.pilot.press(*["right"] * 4)
        assert user.ui.photo.following is not None
        assert reader.read == []
        await user.rest()
        assert reader.read == [user.here.rpartition("/")[2]]

    at_review(ran, act)


def test_e_on_a_photo_that_was_left_meanwhile_takes_nothing(ran, monkeypatch):
    async def act(user):
        name = user.here
        beside(ran, name, "Rome")
        reader = SlowReader(monkeypatch)
        await user.pilot.press("E")
        await user.pilot.press("right")
        await followed(user.pilot)
        reader.go_on.set()
        await user.rest()
        assert "not taken: the cursor is on another photo now" in user.screen
        assert user.kept(name) is None
        assert user.kept(user.here) is None

    at_review(ran, act)


ODD = {
    "damaged": lambda path: path.write_text("<not xmp"),
    "a folder": lambda path: path.mkdir(),
    "a link to nothing": lambda path: path.symlink_to("nowhere.xmp"),
    "markup, joiners and control characters": lambda path: path.write_text(
        sidecar_text(["[b]bold[/b]", "a\u202eb", "x&#27;[31m", "\u0301", "tab\there", "|", " "])
    ),
    "thousands": lambda path: path.write_text(sidecar_text([f"word {n}" for n in range(5000)])),
    "one without an end": lambda path: path.write_text(sidecar_text(["x" * 60_000, "rome"])),
}


@pytest.mark.parametrize("size", SIZES)
def test_whatever_lies_beside_a_photo_the_screen_stays_whole(ran, size):
    async def act(user):
        footer = user.screen.splitlines()[-1]
        for case, make in ODD.items():
            path = ran.root / user.here
            make(path.with_name(path.name + ".xmp"))
            await user.press("E", "u", "right", "left")
            lines = user.screen.splitlines()
            assert lines[-1] == footer, case
            assert not any(ord(char) < 32 or char == "\u202e" for char in "".join(lines)), case
            if case == "thousands":
                assert "¶ word 0, " in user.screen
                assert "+4,9" in user.screen
            if case == "one without an end":
                assert "¶ rome" in user.screen
            await user.press("right")

    at_review(ran, act, size)


def test_a_photo_that_is_gone_is_no_trouble(ran):
    async def act(user):
        (ran.root / user.here).unlink()
        await user.press("right", "left", "E")
        assert "no keyword in the photo or its sidecar" in user.screen

    at_review(ran, act)
