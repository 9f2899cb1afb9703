"""Deciding on many photos at once: a folder, a selection, everything shown. Each is one undo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from phototagger.tui.screens.confirm import ConfirmScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from phototagger.review import Act, Review
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.screen import ReviewScreen


class ManyDecisions:
    """What may touch more than the photo under the cursor."""

    def __init__(self, screen: ReviewScreen, review: Review, acts: ActRunner) -> None:
        self._screen = screen
        self._review = review
        self._acts = acts

    @property
    def actions(self) -> Mapping[str, Callable[[], object]]:
        """What is done here, by the words of the table of keys."""
        clear, approve_over = self._review.clear, self._review.approve_over
        return {
            "clear": lambda: self._apply(self._here_or_selected(), clear, "clearing"),
            "clear_all": lambda: self._apply(self._folder_or_selected(), clear, "clearing"),
            "approve_over": lambda: self._apply(
                self._folder_or_selected(), approve_over, "approving"
            ),
            "take_before": self._take_before,
            "approve_all": self._approve_all,
            "select": self._select,
        }

    def _apply(self, photos: list[int], act: Callable[[list[int]], Act], doing: str) -> None:
        if photos:
            self._acts.apply_to(photos, partial(act, photos), doing)

    def _here_or_selected(self) -> list[int]:
        position = self._acts.editable_position()
        return [] if position is None else self._acts.selected() or [position]

    def _folder_or_selected(self) -> list[int]:
        position = self._acts.editable_position()
        if position is None:
            return []
        listing = self._review.photos.listing
        return self._acts.selected() or list(listing.in_folder(int(listing.folder_of[position])))

    def _take_before(self) -> None:
        """Decide photos as the picture was that was there before."""
        here = self._here_or_selected()
        chosen = [position for position in here if self._review.photos.before(position)]
        self._apply(chosen, self._review.take_before, "deciding")
        if here and not chosen:
            self._screen.say("nothing was decided of another picture here")

    def _approve_all(self) -> None:
        """Approve everything shown, or the selection, as checked, after saying how many."""
        review, selected = self._review, self._acts.selected()
        if self._acts.editable_position() is None:
            return
        chosen = selected or review.photos.view.tolist()
        undecided, changed = review.open_among(chosen)
        if not undecided + changed:
            self._screen.say("nothing undecided is left here")
            return
        counts = [(undecided, "undecided"), (changed, "changed")]
        counted = " and ".join(f"{count:,} {what}" for count, what in counts if count)
        photos = "photo" if undecided + changed == 1 else "photos"
        where = "selected" if selected else "shown"
        question = f"Approve {counted} {photos} {where}, as checked?"
        listing = review.photos.listing

        def answered(yes: bool | None) -> None:  # noqa: FBT001  (as Textual calls it)
            if yes and listing is not review.photos.listing:
                self._screen.say("photos came or went meanwhile; A counts them again")
            elif yes:
                self._apply(chosen, review.approve_all, "approving")

        detail = "What nobody looked at is approved as suggested. One undo takes it all back."
        self._screen.ask(ConfirmScreen(question, detail, yes="approve"), answered)

    def _select(self) -> None:
        """Begin a range here, or drop it."""
        grid = self._screen.grid
        if grid.cursor.is_selecting:
            grid.cursor.end_selection()
        elif grid.cursor.position is not None:
            grid.cursor.begin_selection()
            self._screen.say("range: move to its other end, then decide; v or esc drops it")
        self._screen.show_status()
