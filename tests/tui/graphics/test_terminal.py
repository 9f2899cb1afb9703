"""What a terminal's answers are taken for, and what follows from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.tui.graphics.terminal import (
    Answers,
    Around,
    Terminal,
    color_system,
    described,
    how_to_draw,
    parse,
    question,
)

KITTY = b"\x1b_Gi=31;OK\x1b\\\x1bP>|kitty(0.26.5)\x1b\\\x1b[6;20;10t\x1b[?62;c"
NOTHING = Answers(False, False, None, "", False)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (b"", NOTHING),
        (KITTY, Answers(True, False, (10, 20), "kitty(0.26.5)", True)),
        (
            b"\x1bP>|XTerm(379)\x1b\\\x1b[6;15;8t\x1b[?64;1;2;4;6c",
            Answers(False, True, (8, 15), "XTerm(379)", True),
        ),
        (b"\x1b_Gi=31;EINVAL:bad\x1b\\\x1b[?62c", Answers(False, False, None, "", True)),
        (b"\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c", Answers(False, False, None, "tmux 3.3a", True)),
        (b"\x1b[?4c", Answers(False, False, None, "", True)),
        (b"\x1b_Gi=31;OK\x1b\\\x1bP>|ki", Answers(True, False, None, "", False)),
        (b"\x1b_Gi=31;O", NOTHING),
        (b"\x1b[6;0;0t\x1b[6;99", NOTHING),
        (b"\x1b[6;99999;1t", NOTHING),
        (b"\xff\xfe~~ jkl \x1b[?what", NOTHING),
        (b"jj" + KITTY + b"k", Answers(True, False, (10, 20), "kitty(0.26.5)", True)),
    ],
)
def test_answers_are_read_in_whole_in_part_and_between_other_bytes(answer, found):
    assert parse(answer) == found


@given(st.binary(max_size=200))
def test_whatever_comes_is_read(answer):
    found = parse(answer + KITTY)
    assert found.is_whole
    parse(answer)


def test_every_beginning_of_an_answer_is_read():
    for end in range(len(KITTY)):
        assert not parse(KITTY[:end]).is_whole


def test_only_what_the_terminal_would_not_print_is_asked():
    assert question({"TERM": "linux"}) == question({"TERM": "dumb"}) == question({}) == b""
    assert question({"TERM": "xterm-256color"}).startswith(b"\x1b_G")
    assert question({"TERM": "xterm"}).endswith(b"\x1b[c")
    for environ in (
        {"TERM": "tmux-256color"},
        {"TERM": "xterm", "TMUX": "x"},
        {"TERM": "xterm", "TERM_PROGRAM": "Apple_Terminal"},
    ):
        assert b"_G" not in question(environ)
        assert b"\x1b[c" in question(environ)


def test_neither_tmux_nor_screen_shows_pictures_whatever_is_around_them():
    found = parse(KITTY + b"\x1b[?62;4c")
    for environ in ({"TMUX": "/tmp/x"}, {"TERM": "screen.xterm"}, {"TERM": "tmux-256color"}):
        inside = described(found, environ)
        assert (inside.kitty, inside.sixel, inside.truecolor) == (False, False, False)
    named = described(parse(b"\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2;4c"), {"TERM": "xterm"})
    assert not named.sixel


def test_the_colours_are_what_the_person_then_the_terminal_says():
    terminal = described(parse(KITTY), {"TERM": "xterm-kitty"})
    assert terminal.truecolor
    assert color_system({}, terminal) == "truecolor"
    assert color_system({"NO_COLOR": "1"}, terminal) is None
    assert color_system({"NO_COLOR": ""}, terminal) == "truecolor"
    assert color_system({"TEXTUAL_COLOR_SYSTEM": "256"}, terminal) is None
    assert color_system({}, Terminal()) is None
    for name in (b"XTerm(379)", b"WezTerm 2024", b"foot(1.13)", b"iTerm2 3.5"):
        assert described(parse(b"\x1bP>|%s\x1b\\" % name), {}).truecolor
    assert described(NOTHING, {"COLORTERM": "truecolor"}).truecolor
    assert not described(NOTHING, {"COLORTERM": "yes"}).truecolor


def test_sextants_are_for_terminals_that_draw_them_themselves_also_around_tmux():
    for name in (b"kitty(0.26.5)", b"WezTerm 2024", b"foot(1.13)", b"VTE(7600)", b"Konsole 23"):
        assert described(parse(b"\x1bP>|%s\x1b\\" % name), {}).sextants
    assert not described(parse(b"\x1bP>|XTerm(379)\x1b\\"), {}).sextants
    tmux = {"TERM": "tmux-256color", "TMUX": "/tmp/x"}
    asked = parse(b"\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c")
    assert described(asked, tmux, around=Around("kitty(0.26.5)")).sextants
    assert not described(asked, tmux, around=Around("XTerm(379)")).sextants
    assert not described(parse(KITTY), tmux).sextants


def test_tmux_draws_sixels_where_it_and_the_terminal_around_it_can():
    tmux = {"TERM": "tmux-256color", "TMUX": "/tmp/x"}
    built, not_built = (
        parse(b"\x1bP>|tmux 3.5a\x1b\\\x1b[6;15;8t\x1b[?1;2%sc" % more) for more in (b";4", b"")
    )
    for answers, around, how in (
        (built, Around("XTerm(379)", sixel=True), "sixel"),
        (built, Around("XTerm(379)"), "quadrant"),
        (not_built, Around("XTerm(379)", sixel=True), "quadrant"),
    ):
        inside = described(answers, tmux, around=around)
        assert how_to_draw("auto", inside, "256", no_color=False) == how


@pytest.mark.parametrize(
    ("around", "shown"),
    [
        (Around("kitty(0.41.1)", passes=True), True),
        (Around("kitty(0.28.0)", passes=True), True),
        (Around("ghostty 1.1.3", passes=True), True),
        (Around("kitty(0.41.1)", passes=False), False),
        (Around("kitty(0.26.5)", passes=True), False),
        (Around("WezTerm 20240203", passes=True), False),
        (Around("", passes=True), False),
    ],
)
def test_tmux_that_passes_pictures_on_to_a_terminal_of_placeholders_shows_them(around, shown):
    tmux = {"TERM": "tmux-256color", "TMUX": "/tmp/x"}
    inside = described(parse(b"\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c"), tmux, around=around)
    assert inside.kitty == shown
    assert inside.inside
    drawn = how_to_draw("auto", inside, "256", no_color=False)
    assert (drawn == "kitty") == shown


def test_what_is_missing_of_an_answer_may_still_come():
    assert not described(parse(KITTY), {}, begun=KITTY).begun
    cut = described(parse(KITTY[:9]), {}, cell=(9, 18), round_trip=2.0, begun=KITTY[:9])
    assert cut == Terminal(cell=(9, 18), round_trip=2.0, begun=KITTY[:9])
    assert cut.is_slow


@pytest.mark.parametrize(
    ("images", "terminal", "colours", "how"),
    [
        ("auto", Terminal(kitty=True, sixel=True, cell=(8, 16)), "truecolor", "kitty"),
        ("auto", Terminal(sixel=True, cell=(8, 16)), "truecolor", "sixel"),
        ("auto", Terminal(sixel=True), "256", "quadrant"),
        ("auto", Terminal(), "truecolor", "quadrant"),
        ("auto", Terminal(), "256", "quadrant"),
        ("auto", Terminal(sextants=True), "truecolor", "sextant"),
        ("auto", Terminal(sextants=True), "standard", "none"),
        ("sextant", Terminal(), "256", "sextant"),
        ("quadrant", Terminal(sextants=True), "truecolor", "quadrant"),
        ("auto", Terminal(), "standard", "none"),
        ("auto", Terminal(), None, "none"),
        ("sixel", Terminal(), None, "sixel"),
        ("kitty", Terminal(), "256", "kitty"),
        ("halfcell", Terminal(kitty=True), "standard", "halfcell"),
        ("none", Terminal(kitty=True), "truecolor", "none"),
    ],
)
def test_the_best_way_there_is_unless_the_person_names_one(images, terminal, colours, how):
    assert how_to_draw(images, terminal, colours, no_color=False) == how


def test_without_colours_there_are_no_blocks():
    assert how_to_draw("auto", Terminal(), "truecolor", no_color=True) == "none"
