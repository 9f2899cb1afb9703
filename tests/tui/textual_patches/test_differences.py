"""What is sent of a paint: of Textual's compositor, as it is installed, seen by a terminal."""

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import set_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from phototagger.tui.textual_patches import guards
from phototagger.tui.textual_patches.app import PatchedApp
from phototagger.tui.textual_patches.differences import (
    Differences,
    ShownCells,
    erases_in_colour,
    written,
)
from tests.tui.standin import run

WIDTH, HEIGHT = 40, 4
SIZE = Size(WIDTH, HEIGHT)
CONSOLE = Console(color_system="truecolor")
STYLES = [
    None,
    Style.parse("red on blue"),
    Style.parse("bold #102030 on #000000"),
    Style.parse("#405060 on #000000"),
    Style.parse("underline reverse #405060"),
    Style.parse("color(200) on color(17)"),
    Style(meta={"@click": "something"}) + Style.parse("#405060 on #000000"),
]
letters = st.text(st.sampled_from("ab ╭─■é日🙂"), min_size=1, max_size=12)
pieces = st.lists(st.tuples(letters | st.just(" " * 30), st.sampled_from(STYLES)), max_size=8)


def strip_of(parts, width):
    strip = Strip([Segment(text, style) for text, style in parts])
    return strip.adjust_cell_length(width)


lines = pieces.map(lambda parts: strip_of(parts, WIDTH))
whole = st.lists(lines, min_size=HEIGHT, max_size=HEIGHT).map(
    lambda found: LayoutUpdate([[one] for one in found], SIZE.region)
)


@st.composite
def parts(draw):
    """A paint of a part of a line."""
    y, x = draw(st.integers(0, HEIGHT - 1)), draw(st.integers(0, WIDTH - 2))
    stop = draw(st.integers(x + 1, WIDTH))
    strip = strip_of(draw(pieces), stop - x)
    chops = [{} for _ in range(HEIGHT)]
    chops[y] = {0: None, x: strip} if x else {x: strip}
    ends = [[] for _ in range(HEIGHT)]
    ends[y] = [x, stop] if x else [stop]
    return ChopsUpdate(chops, [(y, x, draw(st.integers(x + 1, stop)))], ends)


class Seen:
    """A terminal that is sent differences, and one that is sent everything."""

    def __init__(self, erases):
        self.shown = ShownCells(erases=erases)
        self.screens = [pyte.Screen(*SIZE), pyte.Screen(*SIZE)]
        self.sent = 0

    def paint(self, update):
        found = self.shown.differences(update, CONSOLE, SIZE)
        for screen, sent in zip(self.screens, (found, update), strict=True):
            text = sent.render_segments(CONSOLE)
            pyte.Stream(screen).feed(text.replace("\n", "\r\n") if sent is update else text)
            if sent is found:
                self.sent += len(text)
        return found

    def cells(self, screen):
        return [[screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


@settings(max_examples=300, deadline=None)
@given(st.lists(whole | parts(), min_size=1, max_size=6), st.booleans())
def test_a_terminal_that_is_sent_differences_shows_what_one_that_is_sent_all_shows(paints, erases):
    seen = Seen(erases)
    seen.paint(LayoutUpdate([[strip_of([], WIDTH)] for _ in range(HEIGHT)], SIZE.region))
    for update in paints:
        seen.paint(update)
        first, second = map(seen.cells, seen.screens)
        # Half of a character that was written over is a blank in one, and nothing in the other.
        assert [[one._replace(data=one.data or " ") for one in line] for line in first] == [
            [one._replace(data=one.data or " ") for one in line] for line in second
        ]


SIGNS = {
    "joined": "👩\u200d🚀",
    "family": "👨\u200d👩\u200d👧\u200d👦",
    "flag": "🇩🇪",
    "half a flag": "🇩",
    "tone": "👍🏽",
    "heart": "❤\ufe0f",
    "digit": "1\ufe0f\u20e3",
}


@pytest.mark.parametrize("sign", SIGNS.values(), ids=SIGNS)
@pytest.mark.parametrize("drawn", ["narrow", "wide", "by its parts"])
def test_what_stands_after_a_sign_is_in_its_column_however_wide_a_terminal_draws_it(
    sign, drawn, monkeypatch
):
    parts = [one for one in sign if one not in "\u200d\ufe0f\u20e3"]
    cells = {"narrow": 1, "wide": 2, "by its parts": 2 * len(parts)}[drawn]
    width, draw = pyte.screens.wcwidth, pyte.Screen.draw

    def drawn_so(screen, data):
        """Draw the sign's first character so wide, and the others over it."""
        for one in data:
            draw(screen, "日" * (cells // 2) if one == sign[0] and cells > 1 else one)

    monkeypatch.setattr(
        pyte.screens, "wcwidth", lambda one: (one == sign[0]) if one in sign else width(one)
    )
    monkeypatch.setattr(pyte.Screen, "draw", drawn_so)
    shown, screen = ShownCells(), pyte.Screen(*SIZE)
    for name in (sign, f"{sign}x", f"xx{sign}", "y" * 8, sign):
        row = set_cell_size(f"label {name}", 14) + "|" * 20
        update = LayoutUpdate([[strip_of([(row, None)], WIDTH)]], Region(0, 0, WIDTH, 1))
        sent = shown.differences(update, CONSOLE, SIZE).render_segments(CONSOLE)
        pyte.Stream(screen).feed(sent)
        line = "".join([screen.buffer[0][x].data or "~" for x in range(WIDTH)])
        assert line.startswith("label ")
        assert line.endswith(f"{'|' * 20}{' ' * 6}")
        assert "x" in name or name[0] == "y" or "y" not in line


def test_what_is_there_already_is_not_sent():
    seen, text = Seen(erases=True), [("a" * 20, STYLES[1]), ("b" * 20, STYLES[3])]
    update = LayoutUpdate([[strip_of(text, WIDTH)] for _ in range(HEIGHT)], SIZE.region)
    seen.paint(update)
    sent = seen.sent
    assert seen.paint(update).stretches == []
    assert seen.sent == sent
    seen.shown.forget(Region(3, 1, 5, 1))
    assert written(seen.paint(update), SIZE.region) == [Region(3, 1, 5, 1)]
    seen.shown.forget()
    assert len(written(seen.paint(update), SIZE.region)) == HEIGHT


def test_blanks_are_erased_only_where_that_gives_them_their_colour():
    blank = LayoutUpdate([[strip_of([(" " * 40, STYLES[3])], 40)]], Region(0, 0, 40, 1))
    sent = Seen(erases=True).shown.differences(blank, CONSOLE, SIZE).render_segments(CONSOLE)
    assert "\x1b[40X" in sent
    assert "  " not in sent
    sent = Seen(erases=False).shown.differences(blank, CONSOLE, SIZE).render_segments(CONSOLE)
    assert " " * 40 in sent
    assert erases_in_colour({"TERM": "xterm-256color"})
    assert not erases_in_colour({"TERM": "xterm", "TMUX": "/tmp/tmux-0/default,1,0"})
    assert not erases_in_colour({"TERM": "screen"})
    assert not erases_in_colour({})


class Lines(ScrollView):
    DEFAULT_CSS = "Lines { width: 40; height: 4; overflow: hidden; }"
    letter = "a"

    def render_line(self, y):
        return Strip([Segment(self.letter * 40)], 40)


class Over(Widget):
    DEFAULT_CSS = "Over { layer: over; width: 10; height: 1; background: red; }"


class Screen(PatchedApp[None]):
    CSS = "Screen { layers: under over; }"

    def __init__(self):
        super().__init__()
        self.cells = []

    def compose(self):
        yield Lines()
        yield Over()

    def _different(self, update):
        found = super()._different(update)
        self.cells += [] if found is None else written(found, self.size.region)
        self.last = found
        return found


async def send(app, pilot, act):
    await pilot.pause()
    app.cells.clear()
    act(app.query_one(Lines))
    await pilot.pause()
    return app.cells


def painted(test):
    async def go():
        app = Screen()
        async with app.run_test(size=(60, 10)) as pilot:
            await test(app, pilot)

    run(go())


def test_a_repaint_sends_what_changed():
    async def test(app, pilot):
        assert await send(app, pilot, lambda lines: lines.refresh()) == []
        assert await send(app, pilot, lambda _: app.refresh()) == []

        def change(lines):
            lines.letter = "b"
            lines.refresh(Region(30, 2, 5, 1))

        assert await send(app, pilot, change) == [Region(0, 2, 35, 1)]
        assert isinstance(app.last, Differences)

    painted(test)


def test_what_was_behind_something_is_sent_when_that_goes():
    async def test(app, pilot):
        def act(_):
            app.query_one(Over).display = False

        assert await send(app, pilot, act) == [Region(0, 0, 10, 1)]

    painted(test)


def test_a_change_behind_something_is_not_sent():
    async def test(app, pilot):
        def change(lines):
            lines.letter = "b"
            lines.refresh(Region(2, 0, 5, 1))

        assert await send(app, pilot, change) == []

    painted(test)


@pytest.mark.parametrize("name", ["LINES", "PAINTS"])
def test_a_textual_that_is_not_known_paints_as_it_does(monkeypatch, name):
    monkeypatch.setattr(guards, name, False)

    async def test(app, pilot):
        cells = await send(app, pilot, lambda lines: lines.refresh())
        assert cells in ([], [Region(0, 0, 60, 10)])
        assert not any(isinstance(one, Differences) for one in vars(app).values())

    painted(test)
