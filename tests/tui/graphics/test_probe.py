"""Asking a terminal that answers, is silent, or is gone."""

import os
import pty
import termios
import threading
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from phototagger.tui.graphics import probe
from phototagger.tui.graphics.probe import ask, cell_size, read_rest
from tests.tui.fake_terminal import KITTY

ENVIRON = {"TERM": "xterm-256color"}


@pytest.fixture
def both():
    main, child = pty.openpty()
    yield main, child
    for one in (main, child):
        os.close(one)


def answering(main, *parts):
    def answer():
        asked = b""
        while b"\x1b[c" not in asked:
            asked += os.read(main, 1024)
        for delay, part in parts:
            time.sleep(delay)
            os.write(main, part)

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


def test_an_answer_in_pieces_is_put_together_and_the_terminal_left_as_it_was(both):
    main, child = both
    before = termios.tcgetattr(child)
    thread = answering(main, (0, KITTY[:5]), (0.02, KITTY[5:20]), (0.02, KITTY[20:]))
    terminal = ask(child, child, ENVIRON)
    thread.join()
    assert (terminal.kitty, terminal.cell, terminal.begun) == (True, (10, 20), b"")
    assert 0.04 <= terminal.round_trip < 1
    assert termios.tcgetattr(child) == before


def test_silence_costs_the_limit_and_what_was_begun_is_kept(both):
    main, child = both
    thread = answering(main, (0, KITTY[:7]))
    began = time.monotonic()
    terminal = ask(child, child, ENVIRON, limit=0.1)
    thread.join()
    assert 0.1 <= time.monotonic() - began < 1
    assert (terminal.kitty, terminal.begun) == (False, KITTY[:7])


def test_the_rest_of_an_answer_is_read_before_anybody_else_can(both, monkeypatch):
    main, child = both
    monkeypatch.setattr(probe, "_terminal", lambda: nullcontext(both[::-1]))
    os.write(main, KITTY[7:])
    read_rest(KITTY[:7], limit=5)
    os.write(main, b"q")
    with probe._raw(child):
        assert os.read(child, 100) == b"q"


def test_what_does_not_understand_is_not_asked(both):
    began = time.monotonic()
    terminal = ask(both[1], both[1], {"TERM": "dumb"})
    assert not terminal.begun
    assert time.monotonic() - began < 0.1


def test_a_file_is_no_terminal(tmp_path):
    with Path(tmp_path, "file").open("w+b") as file:
        terminal = ask(file.fileno(), file.fileno(), ENVIRON, limit=0.1)
        assert not terminal.kitty
        assert cell_size(file.fileno()) is None


def test_the_system_knows_the_cells_of_some_terminals(both):
    assert cell_size(both[1]) is None
    termios.tcsetwinsize(both[1], (24, 80))
    assert cell_size(both[1]) is None


TMUX = {**ENVIRON, "TMUX": "/tmp/tmux-0/default,1,0"}


@pytest.mark.parametrize(
    ("script", "shows"),
    [
        ('echo "$*" > asked; echo "kitty(0.26.5)|off"', ["sextants"]),
        ("echo 'kitty(0.41.1)|on'", ["sextants", "kitty"]),
        ("echo 'kitty(0.41.1)|2'", ["sextants", "kitty"]),
        ("echo 'kitty(0.41.1)|'", ["sextants"]),
        ("echo 'XTerm(379)|1'", []),
        ("echo 'XTerm(379)|off|256,RGB,sixel,title'", ["sixel"]),
        ("echo 'foot(1.13)|off|sixel'", ["sextants", "sixel"]),
        ("exec sleep 60", []),
        ("echo 'no server running' >&2; exit 1", []),
        ("printf '\\377\\233'", []),
    ],
)
def test_tmux_is_asked_which_terminal_is_around_it(both, tmp_path, monkeypatch, script, shows):
    tmux = tmp_path / "tmux"
    tmux.write_text(f"#!/bin/sh\n{script}\n")
    tmux.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.chdir(tmp_path)
    main, child = both
    thread = answering(main, (0, b"\x1bP>|tmux 3.5a\x1b\\\x1b[6;15;8t\x1b[?1;2;4c"))
    found = ask(child, child, TMUX)
    thread.join()
    assert [one for one in ("sextants", "kitty", "sixel") if getattr(found, one)] == shows
    if (tmp_path / "asked").exists():
        asked = (tmp_path / "asked").read_text()
        assert (
            asked
            == "display-message -p #{client_termtype}|#{allow-passthrough}|#{client_termfeatures}\n"
        )


def test_without_tmux_nothing_is_known_of_what_is_around_it(both, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    main, child = both
    thread = answering(main, (0, b"\x1b[?1;2c"))
    assert not ask(child, child, TMUX).sextants
    thread.join()
