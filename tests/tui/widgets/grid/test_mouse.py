"""The grid under the mouse."""

from tests.tui.standin import Photos
from tests.tui.widgets.grid.test_grid import on_screen

CELL = 16  # columns; a cell has three lines where there are no pictures


def test_a_click_moves_the_cursor_and_ends_the_selection():
    async def test(app, grid, pilot):
        grid.cursor.begin_selection()
        await pilot.click(grid, offset=(CELL * 2 + 3, 3))
        assert (grid.cursor.index, grid.cursor.selected()) == (8, [])
        await pilot.click(grid, offset=(98, 3))
        assert grid.cursor.index == 8

    on_screen(Photos(1000), test)


def test_a_click_with_shift_selects_up_to_there():
    async def test(app, grid, pilot):
        grid.cursor.go(1)
        await pilot.click(grid, offset=(CELL * 3, 0), shift=True)
        assert grid.cursor.selected() == [1, 2, 3]
        await pilot.click(grid, offset=(0, 0), shift=True)
        assert grid.cursor.selected() == [0, 1]

    on_screen(Photos(1000), test)


def test_dragging_selects_a_range():
    async def test(app, grid, pilot):
        await pilot.mouse_down(grid, offset=(CELL + 1, 0))
        await pilot.hover(grid, offset=(CELL + 5, 1))
        assert grid.cursor.selected() == []
        await pilot.hover(grid, offset=(CELL * 2 + 1, 3))
        await pilot.mouse_up(grid, offset=(CELL * 2 + 1, 3))
        assert grid.cursor.selected() == list(range(1, 9))
        await pilot.hover(grid, offset=(CELL * 4, 9))
        assert grid.cursor.selected() == list(range(1, 9))

    on_screen(Photos(1000), test)


def test_a_double_click_opens():
    async def test(app, grid, pilot):
        await pilot.double_click(grid, offset=(CELL + 2, 0))
        await pilot.pause()
        assert app.told == [0, 1, ("opened", 1)]

    on_screen(Photos(1000), test)


def test_a_click_beside_all_cells_does_nothing():
    async def test(app, grid, pilot):
        await pilot.double_click(grid, offset=(CELL * 5, 6))
        await pilot.pause()
        assert app.told == [0]

    on_screen(Photos(4), test)


def test_the_wheel_scrolls_by_a_row_and_leaves_the_cursor():
    async def test(app, grid, pilot):
        for _ in range(3):
            await pilot._post_mouse_events([MouseScrollDown], grid, offset=(5, 5))
        await pilot.pause()
        assert grid.seen.start == 18
        await pilot._post_mouse_events([MouseScrollUp], grid, offset=(5, 5))
        await pilot.pause()
        assert grid.seen.start == 12
        assert grid.cursor.index == 0
        grid.cursor.move(1, 0)
        assert 1 in grid.seen

    from textual.events import MouseScrollDown, MouseScrollUp

    on_screen(Photos(1000), test)
