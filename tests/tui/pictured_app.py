"""The app of tests.tui.pictured."""

import os
import sys
import time
from pathlib import Path
from typing import ClassVar

from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Static

from phototagger.core.checklist import Look
from phototagger.tui.graphics.compositor import draw_past_textual
from phototagger.tui.graphics.painters import make_painter
from phototagger.tui.graphics.pictures import Pictures
from phototagger.tui.graphics.terminal import how_to_draw
from phototagger.tui.textual_patches.app import PatchedApp
from phototagger.tui.widgets.grid.grid import PhotoGrid
from phototagger.tui.widgets.preview import Preview
from tests.tui.standin import Photos

COUNT = int(os.environ.get("COUNT", "1000"))


class Dialog(ModalScreen[None]):
    CSS = """
    Dialog { align: center middle; }
    Dialog Static { width: 40; height: 8; border: round white; background: blue; }
    """
    BINDINGS: ClassVar = [("escape", "dismiss", "")]

    def compose(self):
        yield Static("a dialog")


class Screen(PatchedApp[None]):
    CSS = "PhotoGrid { width: 2fr; } Preview { width: 1fr; } #status { height: 1; }"
    BINDINGS: ClassVar = [
        ("right", "move(1, 0)", ""),
        ("left", "move(-1, 0)", ""),
        ("down", "move(0, 1)", ""),
        ("up", "move(0, -1)", ""),
        ("pagedown", "page(1)", ""),
        ("pageup", "page(-1)", ""),
        ("G", "end", ""),
        ("d", "dialog", ""),
        ("t", "say", ""),
        ("s", "aside", ""),
        ("m", "mark", ""),
        ("q", "quit", ""),
    ]

    def __init__(self, images, folder, terminal):
        super().__init__()
        how = how_to_draw(images, terminal, self.console.color_system, no_color=self.no_color)
        self.pictures = Pictures(self, make_painter(how, terminal, self.console.color_system))
        draw_past_textual(self, self.pictures, terminal)
        self.photos = Photos(COUNT, sorted(Path(folder).glob("*.jpg")))
        self.said = f"{how} {terminal}"
        self.pressed = ""

    def compose(self):
        with Horizontal():
            yield PhotoGrid(self.photos, self.pictures)
            yield Preview(self.photos, self.pictures)
        yield Static(self.said, id="status", markup=False)

    def on_mount(self):
        self.grid = self.query_one(PhotoGrid)
        self.grid.focus()

    def on_unmount(self):
        self.pictures.close()

    def on_key(self, event):
        self.pressed += event.character or event.key
        if os.environ.get("SHOW_KEYS"):
            self.query_one("#status", Static).update(f"keys[{self.pressed}]")

    def on_photo_grid_moved(self, message):
        self.query_one(Preview).show(message.position)

    def action_move(self, dx, dy):
        self.grid.cursor.move(dx, dy)

    def action_page(self, direction):
        self.grid.page(direction)

    def action_end(self):
        self.grid.cursor.end()

    def action_dialog(self):
        self.push_screen(Dialog())

    def action_say(self):
        self.notify("something to say\n" * 4, timeout=1)

    def action_aside(self):
        with self.suspend():
            sys.stdout.write("another program\n")
            sys.stdout.flush()
            time.sleep(1)

    def action_mark(self):
        position = self.grid.cursor.position
        looks = self.photos.looks
        looks[position] = Look(looks.get(position, Look.UNDECIDED) ^ 1)
        self.grid.reload([position])
