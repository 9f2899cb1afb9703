"""What comes from outside neither acts on a terminal nor deceives the person before it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.printable import one_line, printable, printable_lines

any_text = st.text(st.characters(exclude_categories=()) | st.characters(categories=("Cs",)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/p/plain name.jpg", "/p/plain name.jpg"),
        ("/p/Größe 日本.jpg", "/p/Größe 日本.jpg"),
        ("/p/two\nlines.jpg", "/p/two\\x0alines.jpg"),
        ("/p/\x1b]0;x\x07.jpg", "/p/\\x1b]0;x\\x07.jpg"),
        ("\x9b31mred", "\\xc2\\x9b31mred"),
        ("\x9d0;title\x9c", "\\xc2\\x9d0;title\\xc2\\x9c"),
        ("tab\there", "tab\\x09here"),
        ("a\u2028b\x85c", "a\\xe2\\x80\\xa8b\\xc2\\x85c"),
        (b"/p/\xff.jpg", "/p/\\xff.jpg"),
        ("/p/\u202egpj.exe", "/p/\\xe2\\x80\\xaegpj.exe"),
        ("\u2066a\u2069", "\\xe2\\x81\\xa6a\\xe2\\x81\\xa9"),
        ("\u200e\u200f\u061c", "\\xe2\\x80\\x8e\\xe2\\x80\\x8f\\xd8\\x9c"),
        ("/p/\ud800.jpg", "/p/\\xed\\xa0\\x80.jpg"),
        ("ca\u200bt", "ca\\xe2\\x80\\x8bt"),
        ("ca\u200dt", "ca\\xe2\\x80\\x8dt"),
        ("\ufeffcat", "\\xef\\xbb\\xbfcat"),
        ("\u3164", "\\xe3\\x85\\xa4"),
        ("cat\U000e0063", "cat\\xf3\\xa0\\x81\\xa3"),
        ("\ufe0f", "\\xef\\xb8\\x8f"),
    ],
)  # fmt: skip
def test_what_moves_a_cursor_hides_or_turns_text_around_is_escaped(text, shown) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d🚀 ❤\ufe0f 🏳\ufe0f\u200d🌈 1\ufe0f\u20e3",
        "می\u200cخواهم",  # noqa: RUF001
        "क्\u200dष",
        "渡邉\U000e0100",
        "שלום سلام",
        "9.41.00\u202fAM\u3000\xa0",
    ],
)
def test_emoji_persian_variants_of_characters_and_blanks_of_all_kinds_stay(text) -> None:
    assert printable(text) == text


@given(any_text | st.binary())
def test_what_is_shown_can_be_printed_and_is_shown_the_same_again(text: str | bytes) -> None:
    shown = printable(text)
    assert shown.encode().decode() == shown
    kinds = {char: unicodedata.category(char) for char in shown}
    assert not {"Cc", "Cs", "Zl", "Zp"} & set(kinds.values())
    assert all(unicodedata.bidirectional(char) not in _BIDI for char in shown)
    assert printable(shown) == shown


_BIDI = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


def test_a_message_of_several_lines_becomes_one() -> None:
    assert one_line("Error(s) in loading:\n\tsize\x1b[1m differs\r\n") == (
        "Error(s) in loading: size\\x1b[1m differs"
    )


def test_lines_stay_lines_and_tabs_become_blanks() -> None:
    assert printable_lines("a\x1b\n\tb\x85") == "a\\x1b\n        b\\xc2\\x85"
