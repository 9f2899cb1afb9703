"""The grid on a screen: what is drawn, read and sent."""

import numpy as np
import pytest
from rich.console import Console
from textual.geometry import Region

from phototagger.core.checklist import Look
from phototagger.tui.graphics.blocks import Blocks
from phototagger.tui.graphics.kitty import Kitty
from phototagger.tui.graphics.pictures import Pictures
from phototagger.tui.textual_patches.app import PatchedApp
from phototagger.tui.widgets.grid.grid import PhotoGrid
from tests.tui.standin import Photos, run, seen, thumbnail


class Screen(PatchedApp):
    def __init__(self, photos, painter=None, **options):
        super().__init__()
        self.photos = photos
        self.pictures = Pictures(self, painter)
        self.options = options
        self.told = []

    def compose(self):
        yield PhotoGrid(self.photos, self.pictures, **self.options)

    def on_photo_grid_moved(self, message):
        self.told.append(message.position)

    def on_photo_grid_photo_opened(self, message):
        self.told.append(("opened", message.position))

    def on_unmount(self):
        self.pictures.close()


def on_screen(photos, test, size=(100, 30), painter=None, **options):
    async def go():
        app = Screen(photos, painter, **options)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await test(app, app.query_one(PhotoGrid), pilot)

    run(go())


async def drawn(app, pilot):
    """Wait until all pictures that are wanted are there."""
    await pilot.pause()
    while app.pictures._workers or app.pictures._armed:
        await pilot.pause(0.02)
    await pilot.pause()


def test_captions_and_chips_of_the_visible_photos_are_drawn():
    photos = Photos(100_000, names={1: "a\tb.jpg", 2: "日本語.jpg"})
    photos.looks.update(enumerate([Look.UNDECIDED, Look.APPROVED, Look.NONE, Look.FAILED]))
    photos.labels[1] = ("golden retriever",)

    async def test(app, grid, pilot):
        lines = seen(app, grid)
        cells = [
            "▸· IMG_…000.jpg ",
            "┃✓ a\\x09b.jpg   ",
            "│\u2013 日本語.jpg   ",
            " ! IMG_…003.jpg ",
        ]
        assert lines[0].startswith("".join(cells))
        assert lines[1].startswith(" beach, dog,    ┃✓golden retri… │✓beach, ✓dog,  !beach,")
        assert lines[2].startswith(" sea            ┃               │✓sea           !")
        assert photos.asked == [list(range(60))]

    on_screen(photos, test)


def test_only_what_is_seen_is_read_and_only_once():
    photos = Photos(100_000)

    async def test(app, grid, pilot):
        grid.cursor.go(50_000)
        await pilot.pause()
        grid.cursor.move(1, 0)
        grid.cursor.move(0, -1)
        await pilot.pause()
        assert len(photos.asked) == 2
        assert 50_000 in photos.asked[1]
        assert len(photos.asked[1]) <= 60
        grid.scroll_rows(1)
        await pilot.pause()
        assert len(photos.asked[2]) == 6

    on_screen(photos, test)


def test_moving_by_rows_pages_and_to_both_ends():
    async def test(app, grid, pilot):
        await pilot.pause()
        grid.cursor.move(1, 0)
        grid.cursor.move(0, 1)
        assert (grid.cursor.index, grid.cursor.position) == (7, 7)
        grid.page(1)
        await pilot.pause()
        assert grid.cursor.index == 67
        assert grid.seen.start == 60
        grid.page(-1)
        await pilot.pause()
        assert (grid.cursor.index, grid.seen.start) == (7, 0)
        grid.cursor.end()
        await pilot.pause()
        assert grid.cursor.index == 999
        assert grid.seen == range(942, 1000)
        grid.cursor.move(1, 0)
        grid.page(1)
        assert grid.cursor.index == 999
        grid.cursor.home()
        await pilot.pause()
        assert (grid.cursor.index, grid.seen.start) == (0, 0)

    on_screen(Photos(1000), test)


def test_moved_is_told_once_for_each_rest():
    async def test(app, grid, pilot):
        assert app.told == [0]
        grid.cursor.go(5)
        grid.cursor.go(5)
        await pilot.pause()
        assert app.told == [0, 5]

    on_screen(Photos(1000), test)


def test_a_cursor_move_paints_two_captions_and_nothing_else(tmp_path):
    photos = Photos(1000, [thumbnail(tmp_path)])

    async def test(app, grid, pilot):
        layout = grid._drawing.layout
        painted, refresh = [], grid.refresh
        grid.refresh = lambda *regions, **more: (painted.extend(regions), refresh(*regions, **more))
        grid.cursor.move(0, 1)
        rows = layout.box.rows
        assert painted == [
            Region(0, rows, layout.width, 1),
            Region(0, layout.height + rows, layout.width, 1),
        ]
        painted.clear()
        grid.cursor.move(1, 0)
        assert [region.x for region in painted] == [0, layout.width]
        assert {region.y for region in painted} == {layout.height + rows}

    on_screen(photos, test, size=(100, 40), painter=Blocks("halfcell"))


WORDS = ("antelope", "bear", "cheetah", "donkey", "elephant", "flamingo", "giraffe", "hyena")


def cell_text(app, grid, index):
    """The lines of a cell on the screen, without its bar."""
    layout, lines = grid._drawing.layout, seen(app, grid)
    x, y = layout.corner(index, grid.top)
    return [line[x + 1 : x + layout.width].strip() for line in lines[y : y + layout.height]]


def said(lines):
    """The labels on some lines, and the number of those that are not."""
    words = " ".join(lines).replace(",", "").split()
    more = [int(one[1:]) for one in words if one.startswith("+")]
    return [one for one in WORDS if one in words], sum(more)


@pytest.mark.parametrize("columns", [3, 4])
@pytest.mark.parametrize("painter", [Blocks("halfcell"), Kitty((8, 16))])
def test_the_cell_under_the_cursor_says_as_many_labels_as_its_picture_leaves_room_for(
    tmp_path, columns, painter
):
    photos = Photos(12, [thumbnail(tmp_path, size=(512, 256))], columns=columns)
    photos.labels = dict.fromkeys(range(1, 12), WORDS)

    async def test(app, grid, pilot):
        await drawn(app, pilot)
        usual = cell_text(app, grid, 1)
        before, hidden = said(usual)
        assert (len(before) + hidden, hidden > 0) == (len(WORDS), True)
        grid.cursor.go(1)
        await pilot.pause()
        now = cell_text(app, grid, 1)
        after, left = said(now)
        assert len(after) > len(before)
        assert len(after) + left == len(WORDS)
        lifted = [" ".join(one) for one in (usual, now)]
        pictures = ["".join(char for char in one if char in "▀▄█") for one in lifted]
        assert pictures[0] == pictures[1]
        grid.cursor.go(2)
        await pilot.pause()
        assert cell_text(app, grid, 1) == usual

    on_screen(photos, test, (100, 40), painter)


def test_the_cell_under_the_cursor_covers_no_picture(tmp_path):
    photos = Photos(12, [thumbnail(tmp_path, size=(256, 512))], columns=4)
    photos.labels = dict.fromkeys(range(12), WORDS)

    async def test(app, grid, pilot):
        await drawn(app, pilot)
        here, beside = (cell_text(app, grid, index) for index in (0, 1))
        assert said(here[-2:]) == said(beside[-2:])
        assert here[-3] == "· IMG_000000.jpg"

    on_screen(photos, test, (100, 40), Blocks("halfcell"))


class Sent(Screen):
    """Adds up what would be sent to a terminal in true colour."""

    sent = 0

    def _different(self, update):
        found = super()._different(update)
        if found is not None:
            self.sent += len(found.render_segments(Console(color_system="truecolor")).encode())
        return found


@pytest.mark.parametrize("start", [0, 3, 5])
@pytest.mark.parametrize(("dx", "dy"), [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_a_cursor_move_sends_at_most_300_bytes(tmp_path, start, dx, dy):
    async def go():
        app = Sent(Photos(1000, [thumbnail(tmp_path)]), Blocks("halfcell"))
        async with app.run_test(size=(160, 40)) as pilot:
            grid = app.query_one(PhotoGrid)
            grid.cursor.go(6 + start)
            await pilot.pause()
            await drawn(app, pilot)
            app.sent = 0
            grid.cursor.move(dx, dy)
            await pilot.pause()
            assert 20 < app.sent <= 300

    run(go())


def test_scrolling_stops_at_whole_rows(tmp_path):
    async def test(app, grid, pilot):
        height = grid._drawing.layout.height
        grid.scroll_to(y=height * 3 + 2, animate=False)
        assert grid.scroll_y == height * 3
        grid.scroll_to(y=10**9, animate=False)
        assert grid.scroll_y % height == 0
        assert grid.seen.stop == 1000

    on_screen(Photos(1000, [thumbnail(tmp_path)]), test, (100, 41), Blocks("halfcell"))


def test_pictures_come_after_the_text(tmp_path):
    photos = Photos(50, [thumbnail(tmp_path, colour=(255, 0, 0)), tmp_path / "none.jpg"])

    async def test(app, grid, pilot):
        for _ in range(100):
            await pilot.pause(0.02)
            lines = seen(app, grid)
            if "no picture" in "".join(lines):
                break
        strips = app.screen._compositor.render_strips()
        reds = [one for one in strips[3] if one.style and one.style.bgcolor]
        assert any(one.style.bgcolor.triplet.red > 250 for one in reds)
        assert any("no picture" in line for line in lines)
        caption = next(line for line in lines if "IMG_" in line)
        assert caption.startswith("▸· IMG_000000.jpg")

    on_screen(photos, test, (100, 30), Blocks("halfcell"))


def test_the_next_and_the_previous_page_are_fetched_after_what_is_seen(tmp_path):
    photos = Photos(1000, [thumbnail(tmp_path)])

    async def test(app, grid, pilot):
        asked = []
        app.pictures.want = lambda wish, now, then=(): asked.append((list(now), list(then)))
        grid.cursor.go(500)
        await pilot.pause()
        now, then = asked[-1]
        page = grid._drawing.layout.page
        assert len(now) == page
        assert len(then) == 2 * page

    on_screen(photos, test, (100, 40), Blocks("halfcell"))


def test_a_selection_is_what_lies_between():
    photos = Photos(100)
    photos.view = np.arange(99, -1, -1, dtype=np.int32)

    async def test(app, grid, pilot):
        assert grid.cursor.selected() == []
        grid.cursor.go(2)
        grid.cursor.begin_selection()
        grid.cursor.move(2, 0)
        assert grid.cursor.selected() == [97, 96, 95]
        await pilot.pause()
        line = seen(app, grid)[0]
        assert [line[place * 16] for place in range(6)] == [" ", " ", "+", "+", "▸", " "]
        grid.cursor.end_selection()
        assert grid.cursor.selected() == []
        await pilot.pause()
        assert "+" not in seen(app, grid)[0]

    on_screen(photos, test)


def test_reload_of_some_reads_these_only():
    photos = Photos(1000)

    async def test(app, grid, pilot):
        photos.asked.clear()
        photos.looks[1] = Look.APPROVED
        photos.labels[1] = ("owl",)
        grid.reload([1, 900])
        await pilot.pause()
        assert photos.asked == [[1]]
        lines = seen(app, grid)
        assert lines[0][17] == "✓"
        assert lines[1][16:].startswith("┃✓owl  ")

    on_screen(photos, test)


def test_reload_of_the_view_keeps_the_cursor_on_its_photo():
    photos = Photos(1000)

    async def test(app, grid, pilot):
        grid.cursor.go(40)
        photos.view = np.arange(0, 1000, 2, dtype=np.int32)
        grid.reload()
        await pilot.pause()
        assert (grid.cursor.index, grid.cursor.position) == (20, 40)
        photos.view = np.array([1, 3, 5], np.int32)
        grid.reload()
        await pilot.pause()
        assert (grid.cursor.index, grid.cursor.position) == (2, 5)
        photos.view = np.zeros(0, np.int32)
        grid.reload()
        await pilot.pause()
        assert (grid.cursor.position, grid.cursor.index, grid.cursor.selected()) == (None, 0, [])
        assert app.told[-1] is None
        cursor = grid.cursor
        for act in (cursor.home, cursor.end, lambda: cursor.move(1, 1), lambda: grid.page(1)):
            act()
        photos.view = np.arange(1000, dtype=np.int32)
        grid.reload()
        await pilot.pause()
        assert app.told[-1] == 0

    on_screen(photos, test)


def test_a_smaller_view_is_not_scrolled_past_its_end():
    photos = Photos(1000)

    async def test(app, grid, pilot):
        grid.cursor.go(200)
        grid.scroll_rows(1)
        photos.view = np.arange(150, 210, dtype=np.int32)
        grid.reload()
        await pilot.pause()
        assert (grid.cursor.position, grid.seen) == (200, range(60))
        photos.view = np.arange(0, 270, dtype=np.int32)
        grid.reload()
        await pilot.pause()
        grid.cursor.end()
        photos.view = np.arange(200, 270, dtype=np.int32)
        grid.reload()
        await pilot.pause()
        assert grid.seen.stop == 70
        assert "▸" in "".join(seen(app, grid))
        assert grid.vertical_scrollbar.window_virtual_size == 30 + 2 * 3

    on_screen(photos, test)


def test_reload_keeps_a_selection_whose_beginning_is_still_there():
    photos = Photos(1000)

    async def test(app, grid, pilot):
        grid.cursor.go(4)
        grid.cursor.begin_selection()
        grid.cursor.move(4, 0)
        photos.view = np.arange(0, 1000, 2, dtype=np.int32)
        grid.reload()
        assert grid.cursor.selected() == [4, 6, 8]
        photos.view = np.arange(6, 1000, dtype=np.int32)
        grid.reload()
        assert (grid.cursor.position, grid.cursor.selected()) == (8, [])

    on_screen(photos, test)


def test_an_empty_view_says_why():
    async def test(app, grid, pilot):
        assert "Nothing is undecided." in seen(app, grid)[14]
        grid.empty_text = "No photos."
        await pilot.pause()
        assert seen(app, grid)[14].strip() == "No photos."

    on_screen(Photos(0), test, empty_text="Nothing is undecided.")


def test_unapproved_changes_have_a_sign():
    async def test(app, grid, pilot):
        assert seen(app, grid)[0][:18] == "▸· IMG_…000.jpg ╏✎"

    photos = Photos(10)
    photos.looks[1] = Look.DRAFT
    on_screen(photos, test)


@pytest.mark.parametrize("size", [(60, 20), (20, 6), (250, 70), (17, 3)])
def test_it_is_drawn_at_any_size_and_after_resizing(tmp_path, size):
    photos = Photos(1000, [thumbnail(tmp_path)])

    async def test(app, grid, pilot):
        grid.cursor.go(500)
        for new in (size, (120, 40), size):
            await pilot.resize_terminal(*new)
            await pilot.pause()
            assert grid.cursor.index == 500
            assert 500 in grid.seen
            assert any("▸" in line for line in seen(app, grid))
            assert {len(strip.text) for strip in grid.render_lines(grid.region.reset_offset)}

    on_screen(photos, test, size, Blocks("halfcell"))


def test_a_hundred_thousand_photos_make_no_objects():
    photos = Photos(100_000)

    async def test(app, grid, pilot):
        for index in range(0, 100_000, 9_999):
            grid.cursor.go(index)
            await pilot.pause()
        assert len(grid._drawing._cells) <= 60
        assert sum(map(len, photos.asked)) <= 11 * 60

    on_screen(photos, test)
