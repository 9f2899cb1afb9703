"""Text can be read: the contrast of every text with its background, in dark and light.

By the Web Content Accessibility Guidelines 2.2 (1.4.3): the ratio of relative luminances, at least
4.5 : 1 for text.
"""

import asyncio
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color
from rich.style import Style

from phototagger.tui.app import ReviewApp
from phototagger.tui.rebinding import rebound
from phototagger.tui.widgets.colours import LEAST, contrast, faint, readable
from tests.engine.process.processes import process
from tests.review.conftest import reviewing
from tests.tui.reviewing import User, at_review, followed

__all__ = ["process"]

FRAMES = range(0x2500, 0x25A0)  # lines around and between what is said, scrollbars
SCREENS = {
    "photos": ["a", "c", "1", "a", "2", "l", "v", "l"],
    "labels": ["2", "a", "h", "tab", "j"],
    "folders": ["tab", "tab", "j"],
    "letter keys": [";", "d"],
    "finding": ["#", "s"],
    "an error": ["N", "]", "]", "]"],
    "help": ["?"],
    "filter": ["f"],
    "settings": ["o", "j"],
    "run": ["r"],
    "searching": ["/", *"name:z"],
    "found": ["/", *"name:sea", "enter"],
    "a question": ["A"],
    "information": ["i"],
    "read-only": [],
}


def texts(app):
    """Every text of the front screen with its two colours: of a dialog, what is in its box."""
    boxes = app.screen.query(".dialog--box")
    region = boxes.first().region if boxes else app.screen.region
    strips = app.screen._compositor.render_strips()
    for strip in strips[region.y : region.bottom]:
        for text, style, _ in strip.crop(region.x, region.right):
            if not text.strip() or all(ord(one) in FRAMES for one in text if one != " "):
                continue
            yield text.strip(), style.color.triplet, style.bgcolor.triplet


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
@pytest.mark.parametrize("screen", SCREENS)
def test_every_text_stands_out_from_its_background(ran, process, monkeypatch, theme, screen):
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_THEME", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    low = {}

    async def look(review):
        with patch("rich.console.Console.color_system", "truecolor"):
            app = ReviewApp(review, rebound({}))
        app.theme = theme
        async with app.run_test(size=(120, 36)) as pilot:
            user = User(app, pilot)
            await user.rest()
            await user.press(*SCREENS[screen])
            await followed(pilot)
            found = list(texts(app))
            assert len(found) > 5
            for text, front, back in found:
                if contrast(front, back) < LEAST:
                    low[text] = round(contrast(front, back), 2)
        app.close_engine()

    with reviewing(ran, images="none", settle=0) as review:
        if screen == "read-only":
            with reviewing(ran, images="none", settle=0) as second:
                asyncio.run(look(second))
        else:
            asyncio.run(look(review))
    assert low == {}


COLOURS = st.tuples(*[st.integers(0, 255)] * 3)


def test_contrast_is_that_of_the_guidelines():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
    assert contrast((10, 20, 30), (10, 20, 30)) == 1


@given(COLOURS, COLOURS, st.booleans())
def test_any_text_can_be_read_on_any_background(front, back, reverse):
    style = Style(color=Color.from_rgb(*front), bgcolor=Color.from_rgb(*back), reverse=reverse)
    for made in (readable(style), faint(style)):
        assert made.bgcolor == style.bgcolor
        assert contrast(made.color.triplet, made.bgcolor.triplet) >= LEAST


def test_colours_of_the_terminal_stay_as_they_are():
    style = Style(color="red", bgcolor="default")
    assert readable(style) == style
    assert faint(style) == style + Style(dim=True)


@pytest.mark.parametrize("keys", [("tab",), ("tab", "tab"), ("f",), ("#", "s")])
def test_without_colours_the_cursor_of_a_list_is_in_reverse_video(ran, monkeypatch, keys):
    monkeypatch.setenv("NO_COLOR", "1")

    async def act(user):
        await user.press(*keys)
        strips = user.app.screen._compositor.render_strips()[:-1]  # the footer names keys
        cursors = [style for strip in strips for text, style, _ in strip if text.startswith(">")]
        assert sum(bool(style.reverse) for style in cursors) == 1

    at_review(ran, act)
