"""Late answers of the terminal among keys."""

import pytest
from textual import constants, events
from textual.drivers import linux_driver

from phototagger.tui.textual_patches import guards, late
from phototagger.tui.textual_patches.late import LateAnswers, has_caps_lock, pass_over_late_answers

ANSWER = "\x1b_Gi=31;OK\x1b\\\x1bP>|XTerm(379)\x1b\\\x1b[6;18;9t\x1b[?64;1;2;4c"


@pytest.fixture(autouse=True)
def driver(monkeypatch):
    monkeypatch.setattr(linux_driver, "XTermParser", linux_driver.XTermParser)


def keys(*parts):
    pass_over_late_answers()
    parser = linux_driver.XTermParser()
    found = [event for part in parts for event in parser.feed(part)]
    return [event.key for event in found if isinstance(event, events.Key)]


def test_answers_are_no_keys_and_keys_around_them_are():
    assert keys(ANSWER) == []
    assert keys("a" + ANSWER + "b") == ["a", "b"]
    assert keys("\x1b[A" + ANSWER, "\x1b[6~") == ["up", "pagedown"]


@pytest.mark.parametrize("at", range(2, len(ANSWER)))
def test_an_answer_in_two_pieces_is_no_key(at):
    if ANSWER[at - 1] != "\x1b":  # a lone escape is the key, as far as anybody knows
        assert keys(ANSWER[:at], ANSWER[at:], "x") == ["x"]


def test_keys_with_alt_are_no_beginning_of_an_answer():
    answers = LateAnswers()
    assert answers.strip("\x1b_") == ""
    assert answers.strip("1") == "\x1b_1"
    assert answers.strip("q") == "q"


def test_what_was_read_before_belongs_to_the_answer():
    for at in range(2, len(ANSWER)):
        if ANSWER[at - 1] != "\x1b":
            answers = LateAnswers(ANSWER[:at].encode())
            assert answers.strip(ANSWER[at:] + "x") == "x"


def test_modes_are_reported_all_the_same():
    pass_over_late_answers()
    parser = linux_driver.XTermParser()
    assert list(parser.feed("\x1b[?2026;2$y"))
    assert list(parser.feed("")) == []


def test_what_was_read_before_belongs_to_the_first_screen_alone():
    pass_over_late_answers()
    assert pass_over_late_answers(b"\x1b_Gi=3")
    first, second = linux_driver.XTermParser(False), linux_driver.XTermParser(False)
    assert [event.key for event in first.feed("1;OK\x1b\\j")] == ["j"]
    assert [event.key for event in second.feed("1j")] == ["1", "j"]


def test_a_reader_that_is_not_known_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(guards, "READER", False)
    before = linux_driver.XTermParser
    assert not pass_over_late_answers(b"\x1b_Gi=3")
    assert linux_driver.XTermParser is before


@pytest.mark.parametrize("key", [*"uaDPX", "\r", "\n", "\t", "\x7f", " ", "1", "ß"])
def test_an_escape_byte_with_a_key_is_esc_and_that_key_is_dropped(key):
    assert keys(f"\x1b{key}x") == ["escape", "x"]
    assert keys(f"a\x1b{key}\x1b[Ab") == ["a", "escape", "up", "b"]


STARTERS = ("[", "O", "P", "_", "]", "[[", "")


@pytest.mark.parametrize("key", STARTERS)
def test_an_escape_byte_with_a_key_that_sequences_begin_with_is_esc_as_nothing_follows(
    monkeypatch, key
):
    now = [0.0]
    monkeypatch.setattr(late, "get_time", lambda: now[0])
    pass_over_late_answers()
    parser = linux_driver.XTermParser()
    assert [*parser.feed(f"\x1b{key}"), *parser.tick()] == []
    now[0] += constants.ESCAPE_DELAY
    assert [event.key for event in parser.tick()] == ["escape"]
    assert list(parser.tick()) == []
    assert [event.key for event in parser.feed("x")] == ["x"]


@pytest.mark.parametrize("key", STARTERS)
def test_it_is_esc_where_a_key_follows_with_which_nothing_begins(key):
    assert keys(f"\x1b{key}{'ö' if key else chr(27)}x")[0] == "escape"
    assert keys(f"\x1b{key}\x1b[A") == ["escape", "up"]


def test_esc_and_a_key_soon_after_it_are_esc_and_that_key_is_dropped():
    assert keys("\x1b", "u", "x") == ["escape", "x"]
    assert keys("\x1b", "[A") == ["up"]
    assert keys("\x1b[[A", "\x1b[I", "\x1b[Z") == ["f1", "shift+tab"]


def test_the_rest_of_an_answer_that_has_begun_is_waited_for(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(late, "get_time", lambda: now[0])
    pass_over_late_answers()
    parser = linux_driver.XTermParser()
    for begun, rest in (("\x1b_G", "i=31;OK\x1b\\"), ("\x1bP>", "|x\x1b\\"), ("\x1b[?", "62c")):
        assert list(parser.feed(begun)) == []
        now[0] += 60
        assert [*parser.tick(), *parser.feed(rest)] == []


def test_an_arrow_in_application_mode_is_no_escape():
    assert keys("\x1bOA\x1bOP") == ["up", "f1"]


def test_whether_caps_lock_is_on_is_known_where_the_terminal_tells_so():
    pass_over_late_answers()
    read = linux_driver.XTermParser().feed("\x1b[97;65;65ua\x1b[97;2;65u\x1b[97;66;97u")
    found = [(event.key, has_caps_lock(event)) for event in read]
    assert found == [("A", True), ("a", False), ("A", False), ("a", True)]
