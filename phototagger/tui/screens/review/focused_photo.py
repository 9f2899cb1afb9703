"""The photo under the grid's cursor: its checks, and what stands beside the grid to show it."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.worker import get_current_worker

from phototagger.core.checklist import Checklist, knows_nothing, show
from phototagger.printable import printable
from phototagger.review import Review
from phototagger.review.by_label.label_names import shown_label
from phototagger.review.certificates import promised_on
from phototagger.sidecars.names import Style
from phototagger.tui.keys import Handlers
from phototagger.tui.screens.info import Rows, photo_info
from phototagger.tui.screens.review.panes.room import make_room

if TYPE_CHECKING:
    from textual.timer import Timer

    from phototagger.tui.screens.review.screen import ReviewScreen

BESIDE = 0.08
"""Seconds without a move after which what stands beside the grid follows the cursor.

It weighs twenty times as much as the cursor: a key that is held down would wait for it.
"""

NO_PHOTO = "no photo is here"

_COSINES = 9  # labels of which the information tells the plain cosine

_NOTHING = Checklist((), frozenset(), frozenset())


class FocusedPhoto:
    """Follows the cursor; ``checks`` are those of the photo at ``position``.

    ``following`` runs while the cursor is ahead of what is beside it.
    """

    def __init__(self, screen: ReviewScreen, review: Review) -> None:
        self._screen = screen
        self._review = review
        self.position: int | None = None
        self._sha1 = b""
        self._read = 0.0  # when the last key or click was read, on the monotonic clock
        self.checks = _NOTHING
        self.following: Timer | None = None
        self.actions: Handlers = {"info": self._toggle_info}

    def follow(self) -> None:
        """Show the photo as soon as no key moves the cursor, at once where no grid is in sight."""
        self._stop_following()
        self.following = self._screen.set_timer(BESIDE, self._followed)
        if not self._screen.grid.display:
            self._followed()

    def note_read(self, event: events.Event) -> None:
        """Note when a key or click was read: it is for what was on the screen before."""
        if isinstance(event, events.Key | events.MouseEvent):
            self._read = event.time

    def catch_up(self, event: events.Event) -> None:
        """Show the photo now, where the event is for what stands beside the grid."""
        if self.following is not None and (
            isinstance(event, events.MouseDown)
            or (isinstance(event, events.Key) and self._screen.app.focused is not self._screen.grid)
        ):
            self._followed()

    def show(self, *, again: bool = False, anew: bool = False) -> int | None:
        """Show the photo under the grid's cursor; return its position.

        Every action begins with it: a key may come before what is shown follows the cursor.
        ``again``: what holds for it may have changed; the rows stay under the fingers. ``anew``:
        with what is suggested now.
        """
        self._stop_following()
        screen, review = self._screen, self._review
        position = screen.grid.cursor.position
        if position == self.position and not again and not anew:
            return position
        stays = self.is_on(position) and not anew
        self.position = position
        self._sha1 = b"" if position is None else review.photos.listing.sha1(position)
        if position is None:
            self.checks = _NOTHING
            self.put(self.checks)
            screen.strip.show(None)
            if not screen.pane.on:
                screen.preview.show(None)
            self._read_file()
            return None
        self.put(review.stacks.checklist(position, self.checks if stays else None))
        if screen.pane.on:
            return position
        view, cursor = review.photos.view, screen.grid.cursor.index
        screen.preview.show(position, view[cursor + 1 : cursor + 2].tolist())
        screen.strip.show(position)
        screen.folders.point_to(int(review.photos.listing.folder_of[position]))
        self._read_file()
        return position

    def is_on(self, position: int | None) -> bool:
        """Tell whether a photo is what is shown already; positions change with the listing."""
        listing = self._review.photos.listing
        return position is not None and listing.sha1(position) == self._sha1

    def put(self, checks: Checklist) -> None:
        """Show other checks of the photo."""
        self.checks = checks
        self._screen.labels.put(self.position, checks)
        self._screen.letters.show()
        self._screen.keywords.show()

    def seen(self) -> Checklist:
        """Return the checks, with the labels that were on the screen before the key was read."""
        return show(self.checks, self._drawn())

    def _drawn(self) -> list[str]:
        screen = self._screen
        shown_by = screen.board if screen.letters.on else screen.labels
        return shown_by.drawn(self.position, self._read)

    def cannot_approve(self) -> str:
        """Say why the key that was read counts for nothing here; nothing where it counts."""
        checks, position = self.seen(), self.position
        if position is None:
            return NO_PHOTO
        if knows_nothing(checks):
            return self._screen.engine.no_suggestions(position)
        if not self._drawn():
            return "not approved: the key came before this photo's labels were on the screen"
        if unseen := sorted(checks.checked - checks.shown):
            more = f" and {len(unseen) - 1:,} more" if len(unseen) > 1 else ""
            cure = "a larger window" if self._screen.letters.on else "tab, then PgUp or PgDn"
            named = shown_label(self._review, unseen[0])
            return f"not approved: {named}{more} was not on the screen yet; {cure}"
        return ""

    def explain(self, label: str) -> None:
        """Say why a label is suggested."""
        if self.position is not None:
            self._screen.say(self._review.photos.why(self.position, label))

    def go_to(self, positions: Collection[int]) -> None:
        """Move the cursor to the first of some photos, unless it is on one of them."""
        cursor, stacked = self._screen.grid.cursor, self._review.photos.stacked
        places = {
            index for position in positions if (index := stacked.index_of(position)) is not None
        }
        if places and cursor.index not in places:
            cursor.go(min(places))

    def promised(self) -> str:
        """Return which certificates approved labels of this photo, and what they promised."""
        return "" if self.position is None else promised_on(self._review, self.position)

    def labels_before(self) -> str:
        """Return what the picture before was approved as, where it is offered."""
        return (
            ""
            if self.position is None
            else printable(self._review.photos.said_before(self.position))
        )

    def other_place(self) -> str:
        """Return where else the photo lies: a decision counts there, too."""
        other_paths = [] if self.position is None else self._review.photos.also_at(self.position)
        more = f" and {len(other_paths) - 1:,} more" if len(other_paths) > 1 else ""
        return f"{printable(other_paths[0])}{more}" if other_paths else ""

    def _followed(self) -> None:
        self.show()
        self._screen.show_status()

    def _stop_following(self) -> None:
        if self.following is not None:
            self.following.stop()
            self.following = None

    def _toggle_info(self) -> None:
        self._screen.toggle_class("info")
        make_room(self._screen, self._screen.size)
        self.show()
        self._read_info()

    def _read_file(self) -> None:
        """Read what the photo's file says, beside the keys."""
        self._screen.keywords.follow()
        self._read_info()

    def _read_info(self) -> None:
        """Read the photo's information where it is shown."""
        position, review = self.position, self._review
        if not self._screen.has_class("info"):
            return
        if position is None:
            self._screen.info.put([("photo", "none is here")])
            return
        path = review.photos.listing.paths[position]
        style: Style = "replace" if review.settings.sidecar_style == "replace" else "append"
        formats = review.settings.formats
        known = [line for line in self.checks.lines if line.cosine is not None][:_COSINES]
        shown = partial(shown_label, review)
        cosines = ", ".join(f"{shown(line.label)} {line.cosine:.2f}" for line in known)
        also = [("cosines", cosines)] if cosines else []
        also += [
            ("also at", printable(other_path)) for other_path in review.photos.also_at(position)
        ]
        if review.photos.found and (raw := review.photos.found.pairs.get(path)):
            also.append(("raw", printable(Path(raw).name)))

        def put(rows: Rows) -> None:
            if self.position == position:
                self._screen.info.put(rows)

        def read() -> None:
            rows = [*photo_info(path, style, formats), *also]
            if not get_current_worker().is_cancelled:
                self._screen.app.call_from_thread(put, rows)

        self._screen.in_thread(read, "info")
