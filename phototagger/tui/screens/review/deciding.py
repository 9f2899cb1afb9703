"""Deciding: approve, clear, check and uncheck, undo; each on disk before it is shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from phototagger.core.checklist import DIGITS, check, check_over, only, show, toggle
from phototagger.tui.screens.find import FindScreen, FoundLabel, FoundPhoto
from phototagger.tui.screens.review.acting import TROUBLE
from phototagger.tui.screens.review.groups import Groups

if TYPE_CHECKING:
    from collections.abc import Callable

    from phototagger.core.checklist import Checklist
    from phototagger.tui.widgets.checklist import LabelList

THRESHOLD_STEP = 0.01


class Deciding(Groups):
    """The actions that change decisions, or checks that are not approved yet."""

    last_labels: frozenset[str] = frozenset()
    copied: frozenset[str] | None = None

    def action_approve(self) -> None:
        """Approve what is checked, and go to the next photo; or approve the selection."""
        position = self._able()
        if position is None:
            return
        if chosen := self._selected():
            self._many(partial(self.review.approve_all, chosen), "approving", chosen)
            return
        checks = self.checks
        try:
            act = self.review.approve(position, checks)
        except TROUBLE as error:
            self.complain(error)
            return
        self.last_labels = checks.checked
        at_end = self.grid.cursor + 1 >= len(self.review.view)
        self.grid.move(1, 0)
        self.done(act)
        if at_end:
            self.say(f"{act.said}; that was the last photo shown")

    def _change(self, how: Callable[[Checklist], Checklist]) -> None:
        """Change the checks of this photo, or of each selected one."""
        position = self._able()
        if position is None:
            return
        if chosen := self._selected():
            change = partial(self.review.change_each, chosen, how)
            self._many(change, "changing", chosen, selected_still=True)
            return
        checks = how(self.checks)
        try:
            self.review.change(position, checks)
        except TROUBLE as error:
            self.complain(error)
            return
        self.checks = checks  # not read again: the labels keep their places under the fingers
        self.show_checks()
        self.grid.reload(self.review.listing.same_content(position))

    def toggle(self, label: str) -> None:
        """Check or uncheck a label; on a selection, all become what this photo's becomes."""
        if self.focus_photo() is None:
            return
        if not self._selected():
            self._change(lambda now: toggle(now, label))
        elif label in self.checks.checked:
            self._change(lambda now: only(now, now.checked - {label}))
        else:
            self._change(lambda now: check(now, {label}))

    def action_toggle_place(self, place: int) -> None:
        """Check or uncheck one of the first nine labels."""
        self.focus_photo()
        if place <= min(DIGITS, len(self.checks.lines)):
            self.toggle(self.checks.lines[place - 1].label)

    def action_toggle_label(self) -> None:
        """Check or uncheck the label under the cursor of the checklist."""
        self.focus_photo()
        if self.list_.label is not None:
            self.toggle(self.list_.label)

    def on_label_list_toggled(self, event: LabelList.Toggled) -> None:
        """Toggle a label; none of a photo that the cursor has left meanwhile."""
        event.stop()
        if event.photo == self.grid.position:
            self.toggle(event.label)
        else:
            self.focus_photo()
            self.say(f"{event.label}: not changed, for this is another photo now")

    def on_label_list_pointed(self, event: LabelList.Pointed) -> None:
        """Say why the label under the cursor is suggested."""
        event.stop()
        if self.position is not None:
            self.say(self.review.why(self.position, event.label))

    def on_label_list_shown(self, event: LabelList.Shown) -> None:
        """Note which labels were scrolled to."""
        event.stop()
        if event.photo == self.position:
            self.checks = show(self.checks, event.labels)

    def action_check_over(self) -> None:
        """Check what is over the threshold."""
        threshold = self.review.threshold
        self._change(lambda now: check_over(now, threshold))

    def action_repeat(self) -> None:
        """Check the labels of the photo that was approved last."""
        labels = self.last_labels
        if labels:
            self._change(lambda now: only(now, labels))
        else:
            self.say("nothing was approved yet that could be repeated")

    def action_copy(self) -> None:
        """Copy the labels that are checked."""
        if self.focus_photo() is not None:
            self.copied = self.checks.checked
            self.say(f"copied: {', '.join(sorted(self.copied)) or 'no label'}")

    def action_paste(self) -> None:
        """Check exactly the labels that were copied."""
        copied = self.copied
        if copied is None:
            self.say("nothing was copied yet")
        else:
            self._change(lambda now: only(now, copied))

    def action_raise(self) -> None:
        """Raise the threshold."""
        self._move_threshold(THRESHOLD_STEP)

    def action_lower(self) -> None:
        """Lower the threshold."""
        self._move_threshold(-THRESHOLD_STEP)

    def _move_threshold(self, step: float) -> None:
        self.review.threshold += step
        self.grid.reload()
        self.focus_photo(again=True)
        self.show_status()

    def action_find(self) -> None:
        """Find a label to check, or a photo to go to."""
        self.focus_photo()
        review = self.review
        screen = FindScreen(
            review.find_labels, review.find_photos, review.rel_path, self.checks.checked
        )
        self.push_screen(screen, self._found)

    def _found(self, found: FoundLabel | FoundPhoto | None) -> None:
        if isinstance(found, FoundPhoto):
            self.go_to([found.position])
            if self.grid.position != found.position:
                self.say("that photo is not shown; f shows others")
        elif isinstance(found, FoundLabel):
            try:
                label = self.review.add_label(found.label) if found.new else found.label
            except TROUBLE as error:
                self.complain(error)
                return
            self._change(lambda now: check(now, {label}))
            if label in self.checks.checked:
                self.list_.go_to(label)
            if found.new:
                self.label_added()
