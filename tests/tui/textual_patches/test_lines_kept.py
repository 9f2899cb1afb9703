"""What Textual keeps of widgets that are gone."""

import gc
from collections import Counter

from textual.screen import ModalScreen
from textual.widgets import Static

from phototagger.tui.textual_patches.app import PatchedApp
from tests.tui.standin import run


class Dialog(ModalScreen[None]):
    def compose(self):
        yield Static("one")
        yield Static("two")


def caches():
    gc.collect()
    return Counter(type(one).__name__ for one in gc.get_objects())["StylesCache"]


def test_dialogs_that_were_closed_leave_no_lines():
    async def go():
        app = PatchedApp()
        async with app.run_test() as pilot:
            found = []
            for _ in range(2):
                for _ in range(10):
                    await app.push_screen(Dialog())
                    await pilot.pause()
                    app.pop_screen()
                    await pilot.pause()
                found.append(caches())
            assert found[1] - found[0] < 5

    run(go())
