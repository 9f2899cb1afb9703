"""The review behind a pty: what it writes, and what it takes for keys."""

import re
import shlex

import pytest

from tests.engine.conftest import calls
from tests.faults.test_review_ends import PHOTOS, Tagged, review_of
from tests.tui.terminal_pty import PHOTOTAGGER, Screen

__all__ = ["calls"]

RIGHT = "\x1b[C"
CURSOR = "▸".encode()
ANSWERS = "\x1bP>|bench(1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;22c"


@pytest.fixture
def tagged(tmp_path, calls):
    return Tagged(tmp_path, calls)


def test_a_move_of_the_cursor_is_at_most_300_bytes(tagged):
    with review_of(tagged, size=(160, 48)) as screen:
        screen.settle(0.3)
        moves = []
        for _ in range(8):
            before = screen.press(RIGHT)
            screen.wait_for(CURSOR, since=before)
            moves.append(len(screen.output(before)))
            screen.until_says("▸")
        assert 20 < min(moves) <= 300
        screen.until(lambda shown: PHOTOS[8] in shown.splitlines()[0][-40:])


def test_a_dialog_that_opens_or_closes_sends_what_it_covers_and_ctrl_l_sends_everything(tagged):
    with review_of(tagged, size=(160, 48)) as screen:
        screen.settle(0.5)
        sent = {}
        for name, key in {"opens": "f", "closes": "\x1b", "again": "\x0c"}.items():
            before, shown = screen.press(key), screen.text()
            screen.settle(0.4, since=before)
            sent[name] = len(screen.output(before))
            if name == "again":
                assert screen.text() == shown
        assert sent["opens"] < 3_000
        assert sent["closes"] < 3_000
        assert sent["again"] > 4_000
        screen.since = before
        assert "all photos" in screen.text()


def test_on_a_slow_line_text_is_there_in_a_second_and_pictures_hold_no_key_up(tagged):
    """Bytes are counted, not seconds: of 30 kB each at most."""
    words = [*tagged.words, "--images", "sixel"]
    state = str(tagged.folder / "state")
    screen = Screen(*words, size=(100, 30), rate=60_000, delay=0.1, XDG_STATE_HOME=state)
    try:
        screen.wait_for(PHOTOS[0].encode())
        assert len(screen.output()) < 20_000
        screen.wait_for(b"\x1bP0;1;0q")  # pictures come
        before = screen.press(RIGHT)
        screen.wait_for(CURSOR, since=before)
        assert len(screen.output(before)) < 48_000
        screen.settle(1.0, seconds=60)
        pictures = screen.output().split(b"\x1b[?2026$p")
        assert len(pictures) > 2
        before = screen.press("?")
        screen.settle(0.5, since=before)
        before = screen.press("\x1b")
        screen.settle(0.5, since=before, seconds=60)
        text = re.sub(rb"\x1bP.*?\x1b\\", b"", screen.output(before), flags=re.DOTALL)
        assert len(text) < 15_000
        screen.press("q")
        assert screen.ended(10) == 0
    finally:
        screen.close()


def test_answers_of_the_terminal_that_come_late_are_no_keys(tagged):
    with review_of(tagged) as screen:
        before = screen.text()
        for piece in (ANSWERS, ANSWERS[:7], ANSWERS[7:40], ANSWERS[40:]):
            screen.press(piece)
            screen.settle(0.2, since=len(screen.came), seconds=0.4)
        assert screen.text() == before
        screen.press("j")
        screen.until(lambda shown: f"▸  {PHOTOS[0]}" not in shown)
        screen.press("q")
        assert screen.ended() == 0
    assert tagged.decided() == {}


@pytest.mark.parametrize("dialog", [False, True])
def test_ctrl_z_leaves_the_shell_its_terminal_and_fg_paints_all_of_it_again(tagged, dialog):
    command = [*map(str, [*PHOTOTAGGER, *tagged.words]), "--images", "none"]
    state = str(tagged.folder / "state")
    shell = Screen(program=["bash", "--norc", "--noprofile", "-i"], PS1="$ ", XDG_STATE_HOME=state)
    try:
        shell.press(f"{shlex.join(command)}\n")
        shell.until_says(PHOTOS[0])
        shell.press("a")
        shell.until_says("59 undecided")
        if dialog:
            shell.press("?")
            shell.until_says("help")
        before = shell.press("\x1a")
        shell.wait_for(b"\x1b[?1049l", since=before)
        shell.wait_for(b"Stopped", since=before)
        shell.since = shell.press("fg\n")
        shell.until_says("59 undecided")
        if dialog:
            assert "esc" in shell.text()
            shell.press("\x1b")
        whole = (f"▸· {PHOTOS[1]}", PHOTOS[0], "all photos", "will be approved", "□", "quit")
        shell.until(lambda shown: all(part in shown for part in whole), seconds=10)
        before = shell.press("aq")
        shell.wait_for(b"\x1b[?1049l", since=before)
        shell.wait_for(b"$ ", since=before)
        before = shell.press("echo code $?\n")
        shell.wait_for(b"code 0", since=before)
    finally:
        shell.close()
    assert set(tagged.decided()) == set(PHOTOS[:2])


@pytest.mark.parametrize("key", ["u", "D", "a", "\r", "\t", "\x7f", "1", *"[OP_]"])
def test_an_escape_byte_read_with_a_key_leaves_letter_keys_and_does_nothing_else(tagged, key):
    with review_of(tagged) as screen:
        screen.press(";")
        screen.until_says("LETTER KEYS")
        screen.press(f"\x1b{key}")
        screen.until(lambda shown: "LETTER KEYS" not in shown)
        screen.press("j")
        screen.until(lambda shown: f"▸  {PHOTOS[0]}" not in shown)
        screen.press("q")
        assert screen.ended() == 0
    assert tagged.decided() == {}


def test_letters_with_caps_lock_check_labels_where_the_terminal_tells_of_it(tagged):
    with review_of(tagged) as screen:
        screen.press(";")
        shown = screen.until(lambda shown: "□" in shown and "LETTER KEYS" in shown)
        letter, label = re.search(r"([a-z]) □ (\w+) ", shown).groups()
        screen.press(f"\x1b[{ord(letter)};65;{ord(letter.upper())}u")
        screen.until_says(f"{letter} ■ {label}")
        screen.press("qq")
        assert screen.ended() == 0
    assert tagged.decided() == {}


def test_what_is_typed_at_once_with_the_key_that_opens_the_field_is_in_the_field(tagged):
    with review_of(tagged) as screen:
        screen.press("#cat")
        screen.until(lambda shown: "┃cat " in shown, seconds=5)
        screen.press("\x1b")
        screen.until(lambda shown: "find a label" not in shown)
        screen.press("#beach\t")
        screen.until_says("59 undecided")
        screen.press("q")
        assert screen.ended() == 0
    (labels,) = tagged.decided().values()
    assert "beach" in labels
