"""Deciding on many photos at once: a folder, a selection, everything shown. Each is one undo."""

from __future__ import annotations

from functools import partial

from phototagger.tui.screens.confirm import ConfirmScreen
from phototagger.tui.screens.review.acting import Acting


class Groups(Acting):
    """The actions that may touch more than the photo under the cursor."""

    def action_clear(self) -> None:
        """Uncheck everything, and make the photo or the selection undecided."""
        position = self._able()
        if position is not None:
            chosen = self._selected() or [position]
            self._many(partial(self.review.clear, chosen), "clearing", chosen)

    def action_take_before(self) -> None:
        """Decide the photo or the selection as the picture was that was there before."""
        position = self._able()
        if position is None:
            return
        chosen = [one for one in self._selected() or [position] if self.review.before(one)]
        if chosen:
            self._many(partial(self.review.take_before, chosen), "deciding", chosen)
        else:
            self.say("nothing was decided of another picture here")

    def action_clear_all(self) -> None:
        """Uncheck everything and make undecided: the folder or the selection."""
        if chosen := self._group():
            self._many(partial(self.review.clear, chosen), "clearing", chosen)

    def action_approve_over(self) -> None:
        """Approve what is over the threshold on each photo of the folder or selection."""
        if chosen := self._group():
            self._many(partial(self.review.approve_over, chosen), "approving", chosen)

    def _group(self) -> list[int]:
        position = self._able()
        if position is None:
            return []
        folder = int(self.review.listing.folder_of[position])
        return self._selected() or list(self.review.listing.in_folder(folder))

    def action_approve_all(self) -> None:
        """Approve everything shown, or the selection, as checked, after saying how many."""
        if self._able() is None:
            return
        chosen = self._selected() or self.review.view.tolist()
        undecided, changed = self.review.open_among(chosen)
        if not undecided + changed:
            self.say("nothing undecided is left here")
            return
        counts = [f"{undecided:,} undecided"] * bool(undecided) + [f"{changed:,} changed"] * bool(
            changed
        )
        photos = "photo" if undecided + changed == 1 else "photos"
        what = "selected" if self._selected() else "shown"
        question = f"Approve {' and '.join(counts)} {photos} {what}, as checked?"

        listing = self.review.listing

        def answered(yes: bool | None) -> None:  # noqa: FBT001  (as Textual calls it)
            if yes and listing is not self.review.listing:
                self.say("photos came or went meanwhile; A counts them again")
            elif yes:
                self._many(partial(self.review.approve_all, chosen), "approving", chosen)

        detail = "What nobody looked at is approved as suggested. One undo takes it all back."
        self.push_screen(ConfirmScreen(question, detail, yes="approve"), answered)

    def action_select(self) -> None:
        """Begin a range here, or drop it."""
        if self.grid.is_selecting:
            self.grid.end_selection()
        elif self.grid.position is not None:
            self.grid.begin_selection()
            self.say("range: move to its other end, then decide; v or esc drops it")
        self.show_status()
