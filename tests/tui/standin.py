"""A review without a store, a loop without a screen, and what reads strips."""

import asyncio
from pathlib import Path

import numpy as np
from PIL import Image

from phototagger.core.checklist import Cell, Look
from phototagger.settings.model import Settings


class Photos:
    """So many photos that look alike; ``asked`` holds the positions of each reading of cells."""

    def __init__(self, count, thumbnails=(), columns=6, names=None):
        self.settings = Settings(columns=columns)
        self.looks = {}
        self.view = np.arange(count, dtype=np.int32)
        self.thumbnails = [Path(one) for one in thumbnails] or [Path("/no/thumbnail.jpg")]
        self.names = names or {}
        self.labels = {}
        self.unread = set()
        self.asked = []

    def name(self, position):
        return self.names.get(position, f"IMG_{position:06}.jpg")

    def rel_path(self, position):
        return f"2024/summer/{self.name(position)}"

    def thumbnail(self, position):
        return self.thumbnails[position % len(self.thumbnails)]

    def files(self, position):
        original = f"/photos/{self.rel_path(position)}"
        return original, str(self.thumbnail(position)), position in self.unread

    def standing_for(self, position):
        return position

    def cells(self, positions):
        self.asked.append(list(positions))
        return [
            Cell(self.looks.get(one, Look.UNDECIDED), self.labels.get(one, ("beach", "dog", "sea")))
            for one in positions
        ]


class Loop:
    """Runs callbacks at once, timers when told to."""

    def __init__(self):
        self.later = []
        self.timers = []

    def call_later(self, callback):
        self.later.append(callback)

    def set_timer(self, delay, callback):
        self.timers.append((delay, callback))

    def run(self):
        while self.later or self.timers:
            callbacks = [*self.later, *(callback for _, callback in self.timers)]
            self.later, self.timers = [], []
            for callback in callbacks:
                callback()


def thumbnail(folder, number=0, size=(512, 384), colour=None):
    path = Path(folder, f"{number:02}.jpg")
    colour = colour or ((number * 50) % 256, 80, 160)
    Image.new("RGB", size, colour).save(path, "JPEG")
    return path


def seen(app, widget):
    """The text of a widget's lines, as they are on the screen."""
    region = widget.region
    lines = app.screen._compositor.render_strips()[region.y : region.bottom]
    return [strip.crop(region.x, region.right).text for strip in lines]


def run(test):
    """Run a coroutine to its end."""
    return asyncio.run(test)
