"""The bytes of pictures: what a real terminal would be sent, read through a pty."""

import os
import re

import numpy as np
import pytest
from PIL import Image

from tests.tui.fake_terminal import KITTY, PLAIN, XTERM, Kept, Terminal, sixels

NEXT, UP, DOWN, RIGHT = b"\x1b[6~", b"\x1b[A", b"\x1b[B", b"\x1b[C"
PAGE = 16  # pictures in the grid of 120 x 40: 4 x 4
SHOWN = PAGE + 1  # and the large one


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sixty thumbnails that are as hard to compress as photos are."""
    folder = tmp_path_factory.mktemp("thumbnails")
    random = np.random.default_rng(0)
    for number in range(60):
        coarse = random.integers(0, 256, (24, 32, 3), np.uint8)
        image = Image.fromarray(coarse).resize((512, 384), Image.Resampling.BICUBIC)
        image.save(folder / f"{number:02}.jpg", quality=85)
    return folder


def test_a_kitty_picture_is_sent_once_and_placed_as_often_as_it_is_shown(folder):
    with Terminal("auto", folder, KITTY) as terminal:
        terminal.until(lambda one: len(Kept(one.written).placed) == SHOWN)
        for keys in (NEXT, b"\x1b[5~", NEXT, RIGHT, b"\x1b[D", b"m"):
            terminal.press(keys)
            assert len(Kept(terminal.written).placed) == SHOWN
        kept = Kept(terminal.written)
        assert len(kept.sent) == len(set(kept.sent))
        assert len(kept.sent) <= 2 * PAGE + 3
        written, _ = terminal.press(b"\x1b[5~")
        assert b"a=t" not in written
        assert len(written) < 20_000


def test_kitty_placements_go_with_a_dialog_and_at_the_end(folder):
    with Terminal("auto", folder, KITTY) as terminal:
        terminal.until(lambda one: len(Kept(one.written).placed) == SHOWN)
        terminal.press(b"d")
        assert not Kept(terminal.written).placed
        written, _ = terminal.press(b"\x1b")
        assert len(Kept(terminal.written).placed) == SHOWN
        assert b"a=t" not in written
        terminal.press(b"t")
        assert 0 < len(Kept(terminal.written).placed) < SHOWN
        terminal.until(lambda one: len(Kept(one.written).placed) == SHOWN)
        terminal.resize(80, 30)
        terminal.rest(0.6)
        small = Kept(terminal.written).placed
        assert small
        assert max(lines for _, lines in small.values()) < 29
        terminal.press(b"q")
        kept = Kept(terminal.written)
        assert not kept.images
        assert not kept.placed
        assert terminal.process.wait(10) == 0


def test_another_program_gets_a_terminal_without_pictures(folder):
    with Terminal("auto", folder, KITTY) as terminal:
        terminal.until(lambda one: len(Kept(one.written).placed) == SHOWN)
        os.write(terminal.main, b"s")
        terminal.until(lambda one: b"another program" in one.written)
        before = terminal.written[: terminal.written.index(b"another program")]
        assert not Kept(before).images
        terminal.until(lambda one: len(Kept(one.written).placed) == SHOWN)


def test_sixels_are_drawn_once_and_again_where_text_was_over_them(folder):
    with Terminal("auto", folder, XTERM) as terminal:
        terminal.until(lambda one: len(sixels(one.written)) >= SHOWN)
        terminal.rest()
        assert len(sixels(terminal.written)) == SHOWN
        for keys in (RIGHT, DOWN):
            written, _ = terminal.press(keys)
            assert len(sixels(written)) == 1  # the large picture
        written, _ = terminal.press(b"m")
        assert not sixels(written)
        assert len(written) < 700  # its bar over the height of the cell included
        written, _ = terminal.press(b"d")
        assert not sixels(written)
        written, _ = terminal.press(b"\x1b")
        assert len(sixels(written)) == SHOWN
        written, _ = terminal.press(NEXT)
        assert len(sixels(written)) == SHOWN
        for row, column, width, height in sixels(terminal.written):
            assert row + -(-height // 20) - 1 <= 39
            assert column + -(-width // 10) - 1 <= 120


def test_a_page_keeps_within_its_bytes(folder):
    for answer, most, large in ((KITTY, 15_000, 150_000), (XTERM, 31_000, 300_000)):
        with Terminal("auto", folder, answer) as terminal:
            terminal.rest(1.0)
            written, _ = terminal.press(NEXT)
            assert len(written) < most * PAGE + large


def test_halfcells_where_the_terminal_has_nothing_better_and_in_tmux(folder):
    for answer, environ in ((PLAIN, {}), (KITTY, {"TMUX": "/tmp/tmux"})):
        with Terminal("auto", folder, answer, COLORTERM="truecolor", **environ) as terminal:
            terminal.until(lambda one: "▀".encode() in one.written)
            terminal.rest()
            assert b"a=t" not in terminal.written
            assert b"\x1bP0;1;0q" not in terminal.written


@pytest.mark.parametrize("answer", [b"", b"\x1b_Gi=31", b"\x1b[?what", b"\xff\x00~~~"])
def test_no_answer_or_a_wrong_one_only_costs_the_wait(folder, answer):
    with Terminal("auto", folder, answer, LIMIT="0.3", SHOW_KEYS="1") as terminal:
        terminal.until(lambda one: b"IMG_" in one.written)
        terminal.press(b"q")
        assert terminal.process.wait(10) == 0


def test_a_late_answer_presses_no_keys(folder):
    with Terminal("none", folder, KITTY, delay=2.5, LIMIT="0.2", SHOW_KEYS="1") as terminal:
        terminal.until(lambda one: one.answered)
        written, _ = terminal.press(b"w")
        assert b"keys[w]" in written


def test_what_a_person_sets_is_done_whatever_the_terminal_says(folder):
    with Terminal("sixel", folder, b"", LIMIT="0.2") as terminal:
        terminal.until(lambda one: len(sixels(one.written)) >= SHOWN)
    with Terminal("kitty", folder, b"", LIMIT="0.2") as terminal:
        terminal.until(lambda one: len(Kept(one.written).placed) == SHOWN)


def test_on_a_slow_line_text_goes_first_and_pictures_come_in_portions(folder):
    with Terminal("auto", folder, XTERM, delay=0.3) as terminal:
        terminal.until(lambda one: len(sixels(one.written)) >= SHOWN)
        terminal.rest()
        written, _ = terminal.press(NEXT)
        assert len(sixels(written)) == SHOWN
        text = written[: written.index(b"\x1bP0;1;0q")]
        assert text.count(b"\x1b[?2026l") >= 1  # it was there, whole, before a picture came
        assert re.search(rb"\d\d", text)
        drawn = written.split(b"\x1b[?2026h\x1b7")
        assert max(len(one) for one in drawn) < 48 * 1024 + 100_000
        assert len(drawn) > 3
