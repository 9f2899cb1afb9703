from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from phototagger.tui.widgets.text import padded, shorten


def test_the_middle_goes_and_an_extension_can_stay():
    assert shorten("IMG_20210503_100000.jpg", 14, tail=7) == "IMG_20…000.jpg"
    assert shorten("short.jpg", 14) == "short.jpg"
    assert shorten("a long sentence", 10, tail=0) == "a long se…"


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Mn", "Cf"])), st.integers(-2, 40))
def test_text_never_takes_more_cells_than_there_are(text, width):
    assert cell_len(shorten(text, width)) <= max(width, 0)
    assert cell_len(padded(text, width)) == max(width, 0)
