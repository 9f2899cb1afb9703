"""One photo large, under its path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.cells import cell_len
from textual.app import App

from phototagger.tui.graphics.blocks import Blocks, Box
from phototagger.tui.graphics.outlines import Outline
from phototagger.tui.graphics.pictures import Pictures
from phototagger.tui.widgets.preview import REST, Preview, Zoom, path_lines
from tests.tui.driving import until
from tests.tui.standin import Photos, run, seen, thumbnail


class Screen(App):
    def __init__(self, photos):
        super().__init__()
        self.pictures = Pictures(self, Blocks("halfcell"))
        self.photos = photos

    def compose(self):
        yield Preview(self.photos, self.pictures)

    def on_unmount(self):
        self.pictures.close()


def on_screen(photos, test, size=(30, 12)):
    async def go():
        app = Screen(photos)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await test(app, app.query_one(Preview), pilot)

    run(go())


def reds(app):
    """How many cells of each line are red."""
    return [
        sum(len(one.text) for one in strip if one.style.bgcolor and is_red(one.style.bgcolor))
        for strip in app.screen._compositor.render_strips()
    ]


def is_red(colour):
    return colour.triplet is not None and colour.triplet.red > 240 and colour.triplet.blue < 20


def test_the_picture_stands_below_the_path(tmp_path):
    photos = Photos(3, [thumbnail(tmp_path, 0, (512, 512), (255, 0, 0))])

    async def test(app, preview, pilot):
        assert "".join(seen(app, preview)).strip() == ""
        preview.show(1)
        await until(pilot, lambda: any(reds(app)))
        assert seen(app, preview)[0].rstrip() == "2024/summer/IMG_000001.jpg"
        assert reds(app) == [0] + [22] * 11
        preview.show(None)
        await pilot.pause()
        assert "".join(seen(app, preview)).strip() == ""
        assert preview.position is None

    on_screen(photos, test)


def test_a_photo_that_is_shown_gets_other_outlines_where_its_labels_are_called_otherwise(tmp_path):
    original = tmp_path / "photo.png"
    Image.new("RGB", (512, 512), (255, 0, 0)).save(original)
    photos = Photos(3, [thumbnail(tmp_path, 0, (512, 512), (255, 0, 0))])
    photos.files = lambda position: (str(original), str(photos.thumbnail(position)), False)
    outlines = []

    async def test(app, preview, pilot):
        preview.outlines_of = lambda _: outlines
        preview.show(1)
        preview.zoom_to(Zoom.FITTED)
        await until(pilot, lambda: any(reds(app)))
        whole = sum(reds(app))
        outlines.extend(Outline(label, 0, 0, 1, 1) for label in ("under", "over"))
        preview.show(1)
        await until(pilot, lambda: sum(reds(app)) < whole)

    on_screen(photos, test)


def test_the_picture_before_stays_until_the_next_one_is_there(tmp_path):
    red = thumbnail(tmp_path, 0, (512, 512), (255, 0, 0))
    photos = Photos(2, [red, thumbnail(tmp_path, 1, (512, 512), (0, 255, 0))])

    async def test(app, preview, pilot):
        preview.show(0)
        await until(pilot, lambda: any(reds(app)))
        app.pictures.want, want = lambda *_: None, app.pictures.want
        preview.show(1)
        await pilot.pause()
        assert seen(app, preview)[0].startswith("2024/summer/IMG_000001")
        assert any(reds(app))
        app.pictures.want = want
        preview.show(1)
        await until(pilot, lambda: not any(reds(app)))

    on_screen(photos, test)


def test_the_next_one_is_fetched_too(tmp_path):
    photos = Photos(2, [thumbnail(tmp_path), thumbnail(tmp_path, 1)])

    async def test(app, preview, pilot):
        preview.show(0, then=[1])
        path = str(photos.thumbnail(1))
        await until(pilot, lambda: app.pictures.request(path, Box(30, 11)))

    on_screen(photos, test)


def test_a_missing_thumbnail_is_said(tmp_path):
    async def test(app, preview, pilot):
        preview.show(0)
        await until(pilot, lambda: any("no picture" in line for line in seen(app, preview)))

    on_screen(Photos(1, [tmp_path / "none.jpg"]), test)


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (30, 2), (160, 48)])
def test_any_size_will_do(tmp_path, size):
    photos = Photos(1, [thumbnail(tmp_path)], names={0: "日本語" * 30 + ".jpg"})

    async def test(app, preview, pilot):
        preview.show(0)
        for new in (size, (60, 20), size):
            await pilot.resize_terminal(*new)
            await pilot.pause()
            assert len(seen(app, preview)) == size[1] or new != size

    on_screen(photos, test, size)


def test_a_long_path_takes_three_lines_and_is_cut_in_its_middle():
    assert path_lines("a/b.jpg", 10) == ["a/b.jpg"]
    assert path_lines("abcdefghijkl", 10) == ["abcdefghij", "kl"]
    lines = path_lines("/".join(map(str, range(100))) + ".jpg", 12)
    assert [len(line) for line in lines] == [12, 12, 12]
    assert "…" in lines[1]
    assert lines[2].endswith("99.jpg")
    assert path_lines("a\nb", 10) == ["a\\x0ab"]
    assert path_lines("abc", 0) == []


@given(st.text(max_size=200), st.integers(1, 40))
def test_no_line_of_a_path_is_too_wide(path, width):
    lines = path_lines(path, width)
    assert len(lines) <= 3
    assert all(cell_len(line) <= width for line in lines)


def test_while_a_key_is_held_down_the_path_follows_and_the_picture_waits(tmp_path):
    pictures = [
        thumbnail(tmp_path, number, (512, 512), (255 if number in {1, 5} else 0, 0, 0))
        for number in range(6)
    ]
    photos = Photos(6, pictures)

    async def test(app, preview, pilot):
        preview.show(1, [2])
        await until(pilot, lambda: any(reds(app)))
        for position in (2, 3, 4):
            preview.show(position, [position + 1])
            await pilot.pause(0.02)
            assert seen(app, preview)[0].rstrip() == f"2024/summer/IMG_00000{position}.jpg"
            assert any(reds(app))  # still the picture before
        await until(pilot, lambda: not any(reds(app)))
        await pilot.pause(REST)
        preview.show(5)
        await until(pilot, lambda: any(reds(app)))

    on_screen(photos, test)
