"""A small app around one widget or dialog, driven as a person would."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerCancelled

SIZES = [(60, 20), (80, 24), (160, 48)]
NOTHING_YET = object()


class Stage(App[None]):
    """Holds widgets, hears messages, opens a dialog and keeps its result."""

    def __init__(self, *widgets: Widget, dialog: Screen[Any] | None = None) -> None:
        super().__init__()
        self.widgets = widgets
        self.dialog = dialog
        self.result: Any = NOTHING_YET
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield from self.widgets

    def on_mount(self) -> None:
        if self.dialog is not None:
            self.push_screen(self.dialog, self.keep)

    def keep(self, result: Any) -> None:
        self.result = result

    async def _on_message(self, message: Message) -> None:
        self.heard.append(message)
        await super()._on_message(message)

    def said(self, kind: type[Message]) -> list[Any]:
        return [one for one in self.heard if isinstance(one, kind)]


async def workers_done(app: App[Any]) -> None:
    """Wait for the workers of an app, also where one is cancelled as another takes its place."""
    while True:
        try:
            await app.workers.wait_for_complete()
        except WorkerCancelled:
            await asyncio.sleep(0)
        else:
            return


async def until(pilot: Pilot[Any], holds: Callable[[], object]) -> None:
    """Wait until something holds, for as long as a busy machine may take."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, f"it never came to hold:\n{screen_text(pilot.app)}"
        await pilot.pause(0.01)


def drive(
    app: Stage, act: Callable[[Pilot[None]], Awaitable[None]], size: tuple[int, int] = (80, 24)
) -> Stage:
    """Run the app on a screen of that size while something is done to it."""

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(pilot)

    asyncio.run(run())
    return app


def keys(*presses: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Press keys, one after the other."""

    async def act(pilot: Pilot[None]) -> None:
        for key in presses:
            await pilot.press(key)
        await workers_done(pilot.app)
        await pilot.pause()

    return act


def screen_text(app: App[Any]) -> str:
    """Return what stands on the screen, line by line."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(seg.text for seg in strip).ljust(width) for strip in lines[:height])


def shown(app: Stage, *presses: str, size: tuple[int, int] = (80, 24)) -> str:
    """Return the screen after some keys."""
    seen = []

    async def act(pilot: Pilot[None]) -> None:
        await keys(*presses)(pilot)
        seen.append(screen_text(app))

    drive(app, act, size)
    return seen[0]
