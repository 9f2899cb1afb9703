"""Pictures inside tmux: characters stand for cells, and what is sent is wrapped."""

import os
import pty
import shutil
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pytest
from PIL import Image
from rich.cells import cell_len
from textual.geometry import Region

from phototagger.tui.graphics.blocks import Box
from phototagger.tui.graphics.pens import PlaceholderPen, passed_on
from phototagger.tui.graphics.placeholders import NUMBERS, Placeholders
from tests.tui.fake_terminal import unwrapped

CELL = (9, 18)
RED, BLUE = (Image.new("RGB", (64, 48), colour) for colour in ("red", "blue"))
PLACE = Region(0, 0, 10, 5)


def test_every_cell_of_a_picture_has_a_character_that_says_its_row_and_column():
    painted = Placeholders(CELL).encode(RED, Box(30, 12))
    assert len(painted.rows) == painted.lines
    for (segment,) in painted.rows:
        assert cell_len(segment.text) == painted.columns
        bases = [one for one in segment.text if not unicodedata.combining(one)]
        assert bases == ["\U0010eeee"] * painted.columns
    texts = [segment.text for (segment,) in painted.rows]
    assert len(set(texts)) == painted.lines
    cells = [texts[0][at : at + 4] for at in range(0, len(texts[0]), 4)]
    assert len(set(cells)) == painted.columns


def test_the_largest_picture_has_characters_of_one_cell_each():
    painted = Placeholders((2, 4)).encode(Image.new("RGB", (900, 400)), Box(250, 120))
    assert {cell_len(segment.text) for (segment,) in painted.rows} == {painted.columns}


def test_the_same_picture_has_the_same_number_and_no_other_one_has():
    painter = Placeholders(CELL, NUMBERS - 1)
    first, other = painter.encode(RED, Box(8, 4)), painter.encode(BLUE, Box(8, 4))
    assert painter.encode(RED, Box(8, 4)) == first
    assert first.number != other.number
    wider = painter.fitted_to((10, 20)).encode(RED, Box(8, 4))
    assert wider.number not in (first.number, other.number)


@pytest.mark.parametrize("start", [0, 239, 240, NUMBERS - 1])
def test_a_number_is_said_by_a_colour_of_256_that_tmux_leaves_alone(start):
    painted = Placeholders(CELL, start).encode(RED, Box(8, 4))
    ((segment,), *_) = painted.rows
    colour = segment.style.color.number
    assert 16 <= colour < 256
    assert painted.number & 0xFFFFFF == colour
    assert painted.number < 2**32


def test_a_picture_is_sent_once_and_freed_at_the_end():
    painter, pen = Placeholders(CELL), PlaceholderPen(CELL)
    painted = painter.encode(RED, Box(8, 4))
    assert pen.cost(painted) == len(painted.data)
    [keys] = unwrapped(pen.draw(painted, PLACE).encode())
    assert keys[b"i"] == b"%d" % painted.number
    assert (keys[b"c"], keys[b"r"]) == (b"%d" % painted.columns, b"%d" % painted.lines)
    assert pen.cost(painted) == 0
    assert pen.draw(painted, PLACE) == pen.erase(painted, PLACE) == ""
    assert f"a=d,d=I,i={painted.number}" in pen.clear()
    assert pen.draw(painted, PLACE)


def test_what_is_passed_on_is_wrapped():
    assert passed_on("\x1b_Ga\x1b\\") == "\x1bPtmux;\x1b\x1b_Ga\x1b\x1b\\\x1b\\"


def test_making_it_asks_the_terminal_nothing():
    code = (
        "import sys; from phototagger.tui.graphics.placeholders import Placeholders; "
        "kept = sys.__stdout__; Placeholders((9, 18)); assert sys.__stdout__ is kept; print('made')"
    )
    main, child = pty.openpty()
    root = str(Path(__file__).parents[3])
    subprocess.run(
        [sys.executable, "-c", code], stdin=child, stdout=child, check=True, cwd=root, timeout=60
    )
    assert os.read(main, 4096) == b"made\r\n"
    os.close(main)
    os.close(child)


@pytest.mark.skipif(not shutil.which("tmux"), reason="needs tmux")
def test_a_real_tmux_hands_the_picture_to_the_terminal_around_it(tmp_path):
    painted = Placeholders(CELL).encode(RED, Box(8, 4))
    sent = PlaceholderPen(CELL).draw(painted, PLACE)
    (tmp_path / "picture").write_bytes(sent.encode())
    (tmp_path / "conf").write_text("set -g allow-passthrough on\n")
    main, child = pty.openpty()
    command = f"sleep 0.5; cat {tmp_path}/picture; sleep 30"
    socket = str(tmp_path / "socket")
    tmux = subprocess.Popen(
        ["tmux", "-S", socket, "-f", str(tmp_path / "conf"), "new", command],
        stdin=child, stdout=child, stderr=child, env={**os.environ, "TERM": "xterm-256color"},
        start_new_session=True,
    )  # fmt: skip
    try:
        written, until = b"", time.monotonic() + 20
        while b"a=T" not in written and time.monotonic() < until:
            written += os.read(main, 65536)
        assert b"\x1b_Ga=T,U=1" in written
    finally:
        subprocess.run(["tmux", "-S", socket, "kill-server"], check=False, capture_output=True)
        tmux.wait(10)
        os.close(main)
        os.close(child)
