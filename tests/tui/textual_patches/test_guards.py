"""Which patches this Textual can take, and the apps without any of them."""

from importlib.metadata import version

import pytest
from textual.app import App

from phototagger.tui.graphics.blocks import Blocks
from phototagger.tui.graphics.kitty import Kitty
from phototagger.tui.graphics.painters import make_painter
from phototagger.tui.graphics.terminal import Terminal
from phototagger.tui.textual_patches import guards
from phototagger.tui.textual_patches.app import PatchedApp
from tests.tui.standin import run

EVERY = ("PAINTS", "CRASHES", "LAYOUT", "LINES", "READER")


def test_every_patch_is_on_with_the_versions_that_were_tested():
    assert guards.is_tested(version("textual"))
    assert {name: getattr(guards, name) for name in EVERY} == dict.fromkeys(EVERY, True)


def test_the_order_of_paints_is_known_of_no_other_version():
    assert guards.is_tested("8.2.0")
    assert not guards.is_tested("8.3.0")
    assert not guards.is_tested("9.0")


def test_what_is_gone_or_takes_something_else_is_not_there():
    assert guards.takes(App, "_display", "self", "screen", "renderable")
    assert not guards.takes(App, "_display", "self", "renderable")
    assert not guards.takes(App, "_shown", "self")
    assert not guards.takes(None, "_display")


@pytest.mark.parametrize("how", ["kitty", "sixel", "halfcell"])
def test_where_no_paint_is_told_sixels_are_blocks(how, monkeypatch):
    monkeypatch.setattr(guards, "PAINTS", False)
    kind = Kitty if how == "kitty" else Blocks
    assert isinstance(make_painter(how, Terminal(), "truecolor"), kind)


class Breaks(PatchedApp[None]):
    def on_mount(self):
        self.call_later(self.fall)

    def fall(self):
        raise ValueError("what nobody expected")


async def broken(app):
    with pytest.raises(ValueError, match="nobody expected"):
        async with app.run_test() as pilot:
            await pilot.pause()


def test_what_broke_an_app_is_kept_and_nothing_printed(capsys):
    app = Breaks()
    run(broken(app))
    assert repr(app.broke) == "ValueError('what nobody expected')"
    assert capsys.readouterr() == ("", "")


def test_an_app_that_cannot_keep_what_broke_it_still_says_that_something_did(monkeypatch, capsys):
    monkeypatch.setattr(guards, "CRASHES", False)
    app = Breaks()
    run(broken(app))
    assert isinstance(app.broke, RuntimeError)
    assert "ValueError: what nobody expected" in capsys.readouterr().err


def test_an_app_that_ends_as_it_should_did_not_break(monkeypatch):
    monkeypatch.setattr(guards, "CRASHES", False)

    async def ends(app):
        async with app.run_test():
            app.exit(None)

    app = PatchedApp()
    run(ends(app))
    assert app.broke is None
