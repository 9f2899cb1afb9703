"""What is drawn past Textual, and when; a list is the terminal."""

import pytest
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import Static

from phototagger.tui.graphics import compositor as graphics
from phototagger.tui.graphics.compositor import Graphics, draw_past_textual
from phototagger.tui.graphics.kitty import Kitty
from phototagger.tui.graphics.painters import fitted_to, make_painter, make_pen
from phototagger.tui.graphics.pictures import Pictures
from phototagger.tui.graphics.placeholders import Placeholders
from phototagger.tui.graphics.sixel import Sixels
from phototagger.tui.graphics.terminal import Terminal
from phototagger.tui.textual_patches import guards
from phototagger.tui.textual_patches.app import PatchedApp
from phototagger.tui.textual_patches.differences import written
from phototagger.tui.widgets.grid.grid import PhotoGrid
from phototagger.tui.widgets.preview import Preview
from tests.tui.driving import screen_text, until
from tests.tui.fake_terminal import Kept, sixels, unwrapped
from tests.tui.standin import Photos, run, thumbnail

SIZE = (100, 30)
CELL = (10, 20)


class Dialog(ModalScreen[None]):
    def compose(self) -> ComposeResult:
        yield Static("a dialog")


class Screen(PatchedApp[None]):
    CSS = "PhotoGrid { width: 2fr; } Preview { width: 1fr; }"

    def __init__(self, photos, painter, slow=False, inside=False, answers=False):
        super().__init__()
        self.photos = photos
        self.pictures = Pictures(self, painter)
        draw_past_textual(self, self.pictures, Terminal())
        self.sent = []
        self.now = 100.0
        if self.graphics is not None:
            self.graphics = self.pictures.canvas = Graphics(
                self,
                make_pen(painter),
                slow=slow,
                inside=inside,
                pictures=self.pictures,
                write=self.sent.append,
                clock=lambda: self.now,
            )
        if answers:
            self.graphics.answered()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield PhotoGrid(self.photos, self.pictures)
            yield Preview(self.photos, self.pictures)

    def on_unmount(self):
        self.pictures.close()

    @property
    def bytes(self):
        return "".join(self.sent).encode()

    @property
    def placed(self):
        return Kept(self.bytes).placed


def on_screen(tmp_path, painter, test, count=100, **options):
    files = [
        thumbnail(tmp_path, number, size)
        for number, size in enumerate([(512, 384), (384, 512), (512, 200), (300, 300)] * 10)
    ]

    async def go():
        app = Screen(Photos(count, files), painter, **options)
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            await pilot.pause()
            await test(app, app.query_one(PhotoGrid), pilot)
        return app

    return run(go())


@pytest.fixture(params=["as it is", "without its private parts"])
def textual(request, monkeypatch):
    """Textual with all that the patches rely on, and without any of it."""
    if request.param != "as it is":
        for name in ("PAINTS", "CRASHES", "LAYOUT", "LINES", "READER"):
            monkeypatch.setattr(guards, name, False)


async def all_drawn(app, grid, pilot):
    """Wait until every picture is drawn and nothing more is sent, and forget what was."""
    await until(pilot, lambda: len(sixels(app.bytes)) >= len(grid.seen))
    while app.sent:
        app.sent.clear()
        await pilot.pause(0.1)


@pytest.mark.usefixtures("textual")
def test_what_is_on_the_screen_is_placed_and_goes_with_scrolling_and_a_dialog(tmp_path):
    async def test(app, grid, pilot):
        await until(pilot, lambda: len(app.placed) == len(grid.seen))
        shown = len(grid.seen)
        grid.scroll_rows(1)
        await until(pilot, lambda: len(Kept(app.bytes).sent) > shown)
        await until(pilot, lambda: len(app.placed) == len(grid.seen))
        app.push_screen(Dialog())
        await until(pilot, lambda: not app.placed)
        app.pop_screen()
        await until(pilot, lambda: len(app.placed) == len(grid.seen))
        assert len(set(Kept(app.bytes).sent)) == len(Kept(app.bytes).sent)

    app = on_screen(tmp_path, Kitty(CELL), test)
    assert not Kept(app.bytes).images


def preview_rows(app):
    """The lines of characters that stand for the large picture."""
    strips = app.query_one(Preview).render_lines(Region(0, 0, *app.query_one(Preview).size))
    segments = [one for strip in strips for one in strip if "\U0010eeee" in one.text]
    return [(one.text, one.style.color.number) for one in segments]


def test_inside_tmux_text_stands_for_pictures_that_are_sent_once(tmp_path):
    async def test(app, grid, pilot):
        preview = app.query_one(Preview)
        preview.show(0)
        await until(pilot, lambda: app.sent and "\U0010eeee" in screen_text(app))
        await until(pilot, lambda: len(unwrapped(app.bytes)) == len(grid.seen) + 1)
        shown = preview_rows(app)
        app.push_screen(Dialog())
        await pilot.pause(0.1)
        app.pop_screen()
        await until(pilot, lambda: preview_rows(app) == shown)
        preview.show(1)
        await until(pilot, lambda: len(unwrapped(app.bytes)) == len(grid.seen) + 2)
        await until(pilot, lambda: preview_rows(app) != shown)

    app = on_screen(tmp_path, Placeholders(CELL), test)
    assert all(keys[b"U"] == b"1" for keys in unwrapped(app.bytes))
    assert not Kept(app.bytes).sent, "only what is wrapped gets through tmux"


@pytest.mark.usefixtures("textual")
def test_the_large_picture_before_stays_until_the_next_one_is_there(tmp_path):
    async def test(app, grid, pilot):
        preview = app.query_one(Preview)
        preview.show(0)
        await until(pilot, lambda: len(app.placed) == len(grid.seen) + 1)
        before = app.placed
        app.pictures.want, want = lambda *_: None, app.pictures.want
        preview.show(1)
        await pilot.pause(0.1)
        assert app.placed == before
        app.pictures.want = want
        preview.show(1)
        await until(pilot, lambda: app.placed not in ({}, before))
        await until(pilot, lambda: len(app.placed) == len(grid.seen) + 1)
        preview.show(None)
        await until(pilot, lambda: len(app.placed) == len(grid.seen))

    on_screen(tmp_path, Kitty(CELL), test)


@pytest.mark.usefixtures("textual")
def test_a_picture_behind_something_else_is_not_drawn(tmp_path):
    async def test(app, grid, pilot):
        await until(pilot, lambda: len(app.placed) == len(grid.seen))
        app.notify("line\n" * 5, timeout=30)
        app.query_one(Preview).show(0)
        await until(pilot, lambda: len(app.placed) < len(grid.seen))
        app.clear_notifications()
        await until(pilot, lambda: len(app.placed) == len(grid.seen) + 1)

    on_screen(tmp_path, Kitty(CELL), test)


def test_sixels_are_drawn_again_only_where_text_was_written(tmp_path):
    async def test(app, grid, pilot):
        await all_drawn(app, grid, pilot)
        shown = len(grid.seen)
        grid.cursor.move(1, 0)
        grid.reload([0])
        await pilot.pause(0.1)
        assert not app.sent
        app.refresh()
        grid.refresh()
        await pilot.pause(0.1)
        assert not app.sent
        app.shown.forget()
        app.refresh()
        await until(pilot, lambda: len(sixels(app.bytes)) >= shown)
        app.sent.clear()
        app.push_screen(Dialog())
        await pilot.pause(0.1)
        assert not sixels(app.bytes)
        app.pop_screen()
        await until(pilot, lambda: len(sixels(app.bytes)) >= shown)

    on_screen(tmp_path, Sixels(CELL), test)


def test_what_text_left_of_a_sixel_goes_where_it_is_not_drawn_again(tmp_path, monkeypatch):
    monkeypatch.setattr(graphics, "SOON", 0.3)  # text comes twice within

    async def test(app, grid, pilot):
        preview = app.query_one(Preview)
        preview.show(0)
        await until(pilot, lambda: len(sixels(app.bytes)) == len(grid.seen) + 1)
        drawn = app.graphics._drawn
        region = next(at for at, one in drawn.items() if one.widget is preview)
        over, painted = [], app.graphics.painted

        def noted(update):
            over.extend(written(update, app.size.region))
            painted(update)

        monkeypatch.setattr(app.graphics, "painted", noted)
        row = Region(region.x, region.y, region.width, 1)
        app.shown.forget(row)
        preview.refresh(row.translate(-preview.region.offset))
        await until(pilot, lambda: row in over)
        preview.show(None)
        rest = [Region(region.x, y, region.width, 1) for y in region.line_range]
        await until(pilot, lambda: all(any(one in by for by in over) for one in rest))
        assert region not in drawn

    on_screen(tmp_path, Sixels(CELL), test)


@pytest.mark.parametrize("inside", [False, True])
def test_sixels_are_drawn_again_when_tmux_has_shown_another_window(tmp_path, inside):
    async def test(app, grid, pilot):
        await all_drawn(app, grid, pilot)
        app.post_message(events.AppFocus())
        if inside:
            await until(pilot, lambda: len(sixels(app.bytes)) >= len(grid.seen))
        await pilot.pause(0.1)
        assert len(sixels(app.bytes)) == (len(grid.seen) if inside else 0)

    on_screen(tmp_path, Sixels(CELL, inside=inside), test, inside=inside)


class Small(ModalScreen[None]):
    """A dialog over the first photos that lets everything else be seen."""

    CSS = "Small { background: transparent; } Small Static { width: 8; height: 2; }"

    def compose(self) -> ComposeResult:
        yield Static("a dialog")


def test_pictures_beside_a_dialog_stay_and_only_those_below_it_are_drawn_again(tmp_path):
    async def test(app, grid, pilot):
        await all_drawn(app, grid, pilot)
        app.push_screen(Small())
        await pilot.pause(0.2)
        assert not app.sent
        app.pop_screen()
        await until(pilot, lambda: sixels(app.bytes))
        await pilot.pause(0.1)
        assert len(sixels(app.bytes)) == 1

    on_screen(tmp_path, Sixels(CELL), test)


def test_in_kitty_only_the_pictures_below_a_dialog_are_taken_away_and_none_is_sent_again(tmp_path):
    async def test(app, grid, pilot):
        await until(pilot, lambda: len(app.placed) == len(grid.seen))
        shown, sent = dict(app.placed), len(Kept(app.bytes).sent)
        app.push_screen(Small())
        await until(pilot, lambda: len(app.placed) == len(shown) - 1)
        app.pop_screen()
        await until(pilot, lambda: app.placed == shown)
        assert len(Kept(app.bytes).sent) == sent

    on_screen(tmp_path, Kitty(CELL), test)


def test_pictures_follow_the_answers_of_the_terminal_and_text_waits_behind_one_portion(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("phototagger.tui.graphics.flow.FIRST", 1)
    monkeypatch.setattr("phototagger.tui.graphics.flow.LEAST", 1)

    async def test(app, grid, pilot):
        for count in range(1, len(grid.seen) + 1):
            await until(pilot, lambda count=count: len(sixels(app.bytes)) == count)
            await pilot.pause(0.1)
            assert len(sixels(app.bytes)) == count
            assert app.bytes.count(b"\x1b[?2026$p") == count
            regions = [one.region for one in grid._drawing.placed()]
            assert not any(app.graphics.drawn_at(grid, one) for one in regions)
            app.now += 1e6
            app.graphics.answered()
        assert {app.graphics.drawn_at(grid, one) for one in regions} == {app.now}
        assert app.graphics.drawn_at(app.query_one(Preview), regions[0]) is None

    on_screen(tmp_path, Sixels(CELL), test, answers=True)


def test_on_a_slow_line_pictures_wait_until_the_keys_rest(tmp_path, monkeypatch):
    monkeypatch.setattr(graphics, "REST", 0.02)

    async def test(app, grid, pilot):
        await all_drawn(app, grid, pilot)
        app.graphics.key_pressed()
        grid.page(1)
        await pilot.pause(0.3)
        assert not app.sent
        app.now += 1
        await until(pilot, lambda: len(sixels(app.bytes)) == len(grid.seen))

    on_screen(tmp_path, Sixels(CELL), test, slow=True)


@pytest.mark.usefixtures("textual")
def test_nothing_is_drawn_while_another_program_has_the_terminal(tmp_path):
    async def test(app, grid, pilot):
        await until(pilot, lambda: len(app.placed) == len(grid.seen))
        app.graphics.stop()
        assert not Kept(app.bytes).images
        sent = len(app.sent)
        grid.page(1)
        await pilot.pause(0.2)
        assert len(app.sent) == sent
        app.graphics.resume()
        await until(pilot, lambda: len(app.placed) == len(grid.seen))

    on_screen(tmp_path, Kitty(CELL), test)


def test_letters_of_another_size_have_the_pictures_encoded_anew(tmp_path, monkeypatch):
    async def test(app, grid, pilot):
        await all_drawn(app, grid, pilot)
        monkeypatch.setattr(graphics, "_cell", lambda: (6, 12))
        await pilot.resize_terminal(101, 30)
        await until(pilot, lambda: len(sixels(app.bytes)) >= len(grid.seen))
        assert app.pictures.painter.cell == (6, 12)
        for _, _, width, height in sixels(app.bytes)[-len(grid.seen) :]:
            assert width <= 15 * 6
            assert height <= 8 * 12

    on_screen(tmp_path, Sixels(CELL), test)


@pytest.mark.parametrize(
    ("how", "terminal", "name"),
    [
        ("kitty", Terminal(), "kitty"),
        ("kitty", Terminal(inside=True), "kitty inside tmux"),
        ("sixel", Terminal(), "sixel"),
        ("halfcell", Terminal(), "halfcell 256"),
    ],
)
def test_each_way_has_its_painter(how, terminal, name):
    assert make_painter(how, terminal, "256").name == name


def test_pens_are_for_pictures_that_textual_does_not_draw():
    slow = make_painter("sixel", Terminal(round_trip=0.2, cell=(9, 18)), None)
    assert (slow.cell, slow.colours) == ((9, 18), 32)
    assert make_painter("none", Terminal(), "truecolor") is None
    halfcell = make_painter("halfcell", Terminal(), "truecolor")
    assert make_pen(halfcell) is None
    assert make_pen(None) is None
    assert fitted_to(halfcell, CELL) is None
    assert fitted_to(slow, CELL).colours == 32
    assert fitted_to(Kitty(None), CELL).cell == CELL
    assert fitted_to(Placeholders(None), CELL).cell == CELL
