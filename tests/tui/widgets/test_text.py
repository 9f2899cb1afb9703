from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from phototagger.tui.widgets.text import listed, padded, shorten


def test_the_middle_goes_and_an_extension_can_stay():
    assert shorten("IMG_20210503_100000.jpg", 14, tail=7) == "IMG_20…000.jpg"
    assert shorten("short.jpg", 14) == "short.jpg"
    assert shorten("a long sentence", 10, tail=0) == "a long se…"


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Mn", "Cf"])), st.integers(-2, 40))
def test_text_never_takes_more_cells_than_there_are(text, width):
    assert cell_len(shorten(text, width)) <= max(width, 0)
    assert cell_len(padded(text, width)) == max(width, 0)


def test_as_many_keywords_as_fit_and_how_many_more_there_are():
    assert listed("¶ ", [], 20) == ""
    assert listed("¶ ", ["rome"], 20) == "¶ rome"
    assert listed("¶ ", ["rome", "snow"], 20) == "¶ rome, snow"
    assert listed("¶ ", ["rome", "snow", "colosseum at night"], 16) == "¶ rome, snow +1"
    assert listed("¶ ", ["rome", "colosseum at night", "sea"], 28) == "¶ rome, colosseu…at night +1"
    assert listed("¶ ", [f"word {n}" for n in range(5000)], 30) == "¶ word 0, word 1 +4,998"
    assert listed("¶ ", ["a > b"], 20, lambda label: label[-1]) == "¶ b"


def test_it_never_is_too_wide():
    words = ["寿司" * 9, "x" * 300, "a\x1b[31mb", "[b]c[/b]", "\u202ed", "e"] * 40
    for width in range(3, 60):
        for start in range(6):
            assert cell_len(listed("¶ ", words[start:], width)) <= max(width, 8), width
