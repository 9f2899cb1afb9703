"""What every action of the review works with: widgets, the photo under the cursor, its checks."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from textual import events

from phototagger.core.checklist import Checklist
from phototagger.engine.advice import told
from phototagger.printable import printable
from phototagger.tui.graphics.compositor import PicturedApp
from phototagger.tui.graphics.painters import make_painter
from phototagger.tui.graphics.pictures import Pictures
from phototagger.tui.graphics.terminal import Terminal, how_to_draw
from phototagger.tui.screens.info import InfoPanel
from phototagger.tui.shutdown import Quietly
from phototagger.tui.widgets.checklist import LabelList
from phototagger.tui.widgets.folders import FolderTree
from phototagger.tui.widgets.grid.grid import PhotoGrid
from phototagger.tui.widgets.preview import Preview
from phototagger.tui.widgets.status import Status, StatusLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.timer import Timer

    from phototagger.engine.worker import Engine
    from phototagger.review import Act, Review
    from phototagger.review.photo_list import Listing
    from phototagger.tui.rebinding import Bound

BESIDE = 0.08
"""Seconds without a move after which what stands beside the grid follows the cursor.

It weighs twenty times as much as the cursor: a key that is held down would wait for it.
"""

_NOTHING = Checklist((), frozenset(), frozenset())
_EMPTY = {
    "all": "no photos are known here yet",
    "undecided": "nothing undecided is left here; f shows the others",
    "approved": "nothing is approved yet; f shows the others",
    "none": "no photo was decided without a label; f shows the others",
    "failed": "no photo failed; f shows the others",
}


class Desk(Quietly, PicturedApp[int]):
    """The state of the screen; the catalogue's is the review's, and not kept here again."""

    def __init__(self, review: Review, bound: Bound, terminal: Terminal | None = None) -> None:
        super().__init__()
        self.review = review
        self._usual_theme = ""
        self.bound = bound
        terminal = terminal or Terminal()
        colours = self.console.color_system
        how = how_to_draw(review.settings.images, terminal, colours, no_color=self.no_color)
        self.pictures = Pictures(self, make_painter(how, terminal, colours))
        self.show_pictures(self.pictures, terminal)
        self.grid = PhotoGrid(review, self.pictures, is_changed=review.is_changed, id="grid")
        self.tree_ = FolderTree(id="folders")
        self.preview = Preview(review, self.pictures, id="preview")
        self.list_ = LabelList(id="labels")
        self.info = InfoPanel(id="info")
        self.status = StatusLine(id="status")
        self.position: int | None = None
        self.checks = _NOTHING
        self.engine_says = ""
        self.engine: Engine | None = None  # where decisions may be written
        self.is_leaving = threading.Event()  # nothing beside the keys is waited for then
        self.quietly = False  # whether its end is not worth a message
        self.busy = ""  # what goes on that no decision may come between
        self.next_listing: Listing | None = None  # waits until that is over
        self.following: Timer | None = None  # runs while the cursor is ahead of what is beside it

    def say(self, message: str) -> None:
        """Say something on the status line."""
        self.status.say(message)

    def use_theme(self) -> None:
        """Take the colours that the settings name, if they name any."""
        self._usual_theme = self._usual_theme or self.theme
        name = self.review.settings.theme or self._usual_theme
        if name in self.available_themes:
            self.theme = name
        else:
            self.status.say(f"theme: there is no {name}; ctrl+p, theme lists them", error=True)

    def working(self, on: str) -> None:
        """Show what goes on beside the keys."""
        self.engine_says = on
        self.show_status()

    def complain(self, error: Exception) -> None:
        """Say what went wrong, and what to do about it."""
        self.status.say(str(told(error)), error=True)

    def follow(self) -> None:
        """Show the photo under the grid's cursor as soon as no key moves it any more."""
        self._stop_following()
        self.following = self.set_timer(BESIDE, self._followed)

    def _followed(self) -> None:
        self.focus_photo()
        self.show_status()

    def _stop_following(self) -> None:
        if self.following is not None:
            self.following.stop()
            self.following = None

    async def on_event(self, event: events.Event) -> None:
        """Let what is beside the grid catch up before it hears a key or a click."""
        if self.following is not None and (
            isinstance(event, events.MouseDown)
            or (isinstance(event, events.Key) and self.focused is not self.grid)
        ):
            self._followed()
        await super().on_event(event)

    def focus_photo(self, *, again: bool = False) -> int | None:
        """Show the photo under the grid's cursor; return its position.

        Every action begins with it: a key may come before what is shown follows the cursor.
        """
        self._stop_following()
        position = self.grid.position
        if position == self.position and not again:
            return position
        self.position = position
        if position is None:
            self.checks = _NOTHING
            self.list_.put(None, self.checks)
            self.preview.show(None)
            return None
        self.checks = self.review.checklist(position)
        self.show_checks()
        view, cursor = self.review.view, self.grid.cursor
        self.preview.show(position, view[cursor + 1 : cursor + 2].tolist())
        self.tree_.point_to(int(self.review.listing.folder_of[position]))
        self.photo_shown(position)
        return position

    def photo_shown(self, position: int) -> None:
        """Do what else is due for a photo that came under the cursor."""

    def take_listing(self, listing: Listing) -> None:
        """Show another listing."""

    def label_added(self) -> None:
        """Do what else is due for a new label."""

    def learn(self) -> None:
        """Learn anew from all decisions, beside the keys."""

    def show_checks(self) -> None:
        """Show the checks of the photo under the cursor."""
        self.list_.put(self.position, self.checks, self.review.threshold)

    def changed(self, positions: Iterable[int]) -> None:
        """Show that something was decided on photos, or taken back."""
        touched = set(positions)
        self.grid.reload(touched)
        self.grid.read_labels()  # decisions teach: other photos may be suggested something else
        self.tree_.put_counts(self.review.listing.counts())
        if self.grid.position in touched or self.grid.position != self.position:
            self.focus_photo(again=True)
        self.show_status()

    def done(self, act: Act) -> None:
        """Show an act and say it."""
        self.changed(act.positions)
        self.say(act.said)

    def show_view(self) -> None:
        """Show the review's view anew, after another filter, order or listing."""
        self.grid.empty_text = _EMPTY[self.review.filter]
        self.grid.reload()
        listing = self.review.listing
        self.tree_.put(listing.folders, listing.counts())
        self.focus_photo(again=True)
        self.show_status()

    def show_status(self) -> None:
        """Show what is left, how fast it goes, what holds."""
        review = self.review
        rate, seconds = review.pace()
        order = f"by {review.order_label}" if review.order_label else review.order.value
        self.status.put(
            Status(
                undecided=review.undecided(),
                pace=rate,
                seconds=seconds,
                threshold=review.threshold,
                filter="" if review.filter == "all" else f"only {review.filter}",
                order="" if order == "folder" else order,
                selected=len(self.grid.selected()),
                engine=self.engine_says,
                read_only=review.read_only.holder if review.read_only else "",
                also=self._also(),
                before=self._before(),
            )
        )

    def _before(self) -> str:
        """Return what the picture before was approved as, where it is offered."""
        return "" if self.position is None else printable(self.review.said_before(self.position))

    def _also(self) -> str:
        """Return where else the focused photo lies: a decision counts there, too."""
        others = [] if self.position is None else self.review.also_at(self.position)
        more = f" and {len(others) - 1:,} more" if len(others) > 1 else ""
        return f"{printable(others[0])}{more}" if others else ""
