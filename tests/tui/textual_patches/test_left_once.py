"""A screen that is left already is left by nothing more."""

from textual.screen import ModalScreen

from phototagger.tui.textual_patches.app import PatchedApp
from tests.tui.standin import run


def test_only_the_screen_on_top_is_left_and_only_once():
    async def go():
        app, told = PatchedApp(), []
        async with app.run_test() as pilot:
            lower, upper = ModalScreen[int](), ModalScreen[int]()
            await app.push_screen(lower, told.append)
            await app.push_screen(upper, told.append)
            lower.dismiss(1)
            upper.dismiss(2)
            upper.dismiss(3)
            await pilot.pause()
            assert (app.screen, told) == (lower, [2])
            lower.dismiss(4)
            lower.dismiss(5)
            await pilot.pause()
            assert told == [2, 4]
            assert len(app.screen_stack) == 1

    run(go())
