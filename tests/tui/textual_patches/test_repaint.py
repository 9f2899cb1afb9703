"""What is sent when a part of a line changes: of Textual's compositor, as it is installed."""

from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from phototagger.tui.textual_patches import guards
from phototagger.tui.textual_patches.repaint import Partial, PictureView, written
from tests.tui.standin import run


class Lines(PictureView):
    DEFAULT_CSS = "Lines { width: 40; height: 4; overflow: hidden; }"
    letter = "a"

    def render_line(self, y):
        return Strip([Segment(self.letter * 40)], 40)


class Over(Widget):
    DEFAULT_CSS = "Over { layer: over; width: 10; height: 1; background: red; }"


class Screen(App):
    CSS = "Screen { layers: under over; }"

    def __init__(self):
        super().__init__()
        self.sent = []
        self.cells = []

    def compose(self):
        yield Lines()
        yield Over()

    def _display(self, screen, renderable):
        self.cells = [] if renderable is None else list(written(renderable, screen.size.region))
        if isinstance(renderable, ChopsUpdate):
            self.sent.append(renderable.render_segments(Console(color_system=None)))
        super()._display(screen, renderable)


async def send(app, pilot, act):
    await pilot.pause()
    app.sent.clear()
    act(app.query_one(Lines))
    await pilot.pause()
    return "".join(app.sent)


def test_only_the_changed_end_of_a_line_is_sent():
    async def test():
        app = Screen()
        async with app.run_test(size=(60, 10)) as pilot:
            await send(app, pilot, lambda lines: lines.refresh(Region(30, 2, 5, 1)))
            sent = await send(app, pilot, lambda lines: lines.refresh(Region(30, 2, 5, 1)))
            assert "\x1b[30C" in sent
            assert sent.count("a") == 5
            sent = await send(app, pilot, lambda lines: lines.refresh(Region(0, 2, 5, 1)))
            assert sent.count("a") == 5
            sent = await send(
                app, pilot, lambda lines: lines.refresh(Region(4, 2, 2, 1), Region(9, 2, 1, 1))
            )
            assert sent.count("a") >= 3

    run(test())


def test_a_line_that_something_was_in_front_of_is_sent_whole():
    async def test():
        app = Screen()
        async with app.run_test(size=(60, 10)) as pilot:

            def act(lines):
                app.query_one(Over).display = False
                lines.refresh(Region(30, 0, 5, 1))

            await send(app, pilot, act)
            await pilot.pause()
            assert not any("C" in sent.replace("\x1b[", "")[:3] for sent in app.sent)
            lines = app.screen._compositor.render_strips()
            assert lines[0].text.startswith("a" * 40)

    run(test())


def test_a_change_behind_something_keeps_it_in_front():
    async def test():
        app = Screen()
        async with app.run_test(size=(60, 10)) as pilot:
            await send(app, pilot, lambda lines: lines.refresh(Region(20, 0, 5, 1)))
            sent = await send(app, pilot, lambda lines: lines.refresh(Region(20, 0, 5, 1)))
            assert 5 <= sent.count("a") <= 15
            sent = await send(app, pilot, lambda lines: lines.refresh(Region(2, 0, 5, 1)))
            assert sent.count("a") == 0

    run(test())


def test_a_partial_line_is_an_ordinary_one_to_everybody_else():
    strip = Partial([Segment("abcdefgh")], 8, 3)
    assert strip.text == "abcdefgh"
    assert strip.crop(2, 5).text == "cde"
    assert strip.crop(0, 3).text == "abc"
    assert [one.text for one in strip.divide([3, 8])] == ["abc", "defgh"]
    assert [one.text for one in strip.divide([8])] == ["abcdefgh"]
    assert strip.crop(0, 5).text == "\x1b[3Cde"
    assert strip.divide([5, 8])[0].crop(0, 5).text == "\x1b[3Cde"


def test_what_a_paint_writes_is_known_to_the_cell():
    async def test():
        app = Screen()
        async with app.run_test(size=(60, 10)) as pilot:
            await send(app, pilot, lambda lines: app.refresh())
            assert app.cells == [Region(0, 0, 60, 10)]
            await send(app, pilot, lambda lines: lines.refresh(Region(30, 2, 5, 1)))
            await send(app, pilot, lambda lines: lines.refresh(Region(30, 2, 5, 1)))
            assert app.cells == [Region(30, 2, 5, 1)]
            await send(app, pilot, lambda lines: lines.refresh(Region(0, 2, 5, 1)))
            assert app.cells == [Region(0, 2, 5, 1)]
            await send(app, pilot, lambda lines: lines.refresh(Region(2, 0, 2, 1)))
            assert all(one.y == 0 and one.width for one in app.cells)
            assert Region.from_union(app.cells).right <= 10

    run(test())


def test_lines_of_a_textual_that_is_not_known_are_sent_as_it_sends_them(monkeypatch):
    monkeypatch.setattr(guards, "LINES", False)

    async def test():
        app = Screen()
        async with app.run_test(size=(60, 10)) as pilot:
            await send(app, pilot, lambda lines: lines.refresh(Region(30, 2, 5, 1)))
            sent = await send(app, pilot, lambda lines: lines.refresh(Region(30, 2, 5, 1)))
            assert sent.count("a") == 35
            assert app.cells == [Region(0, 0, 60, 10)]

    run(test())
