"""Deciding: approve, check and uncheck, find labels; each on disk before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import TYPE_CHECKING

from phototagger.core.checklist import DIGITS, Checklist, check, check_over, only, recheck, toggle
from phototagger.review import Act, Review
from phototagger.review.by_label.label_names import shown_label
from phototagger.tui.keys import DIGITS as DIGIT_KEYS
from phototagger.tui.keys import Handlers
from phototagger.tui.screens.review.focused_photo import NO_PHOTO

if TYPE_CHECKING:
    from phototagger.tui.engine_bridge import EngineBridge
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.screen import ReviewScreen
    from phototagger.tui.widgets.finder import FoundLabel

THRESHOLD_STEP = 0.01


class PhotoDecisions:
    """Changes decisions, or checks that are not approved yet."""

    def __init__(
        self, screen: ReviewScreen, review: Review, acts: ActRunner, engine: EngineBridge
    ) -> None:
        self._screen = screen
        self._photo = screen.photo
        self._review = review
        self._acts = acts
        self._engine = engine
        self.finds = 0  # approved photos in a row for which a label was typed
        self._has_found = False  # for the photo under the cursor
        self.actions: Handlers = {
            "approve": self.approve,
            **{f"toggle_{key}": partial(self._toggle_place, int(key)) for key in DIGIT_KEYS},
            "check_over": self._check_over,
            "repeat": self._repeat,
            "copy": self._copy,
            "paste": self._paste,
            "raise": lambda: self._move_threshold(THRESHOLD_STEP),
            "lower": lambda: self._move_threshold(-THRESHOLD_STEP),
            "find_label": self._find_label,
        }

    def approve(
        self,
        how: Callable[[Checklist], Checklist] = lambda checks: checks,
        decided: Callable[[], object] = lambda: None,
    ) -> str:
        """Approve what is checked, and go to the next photo; or ask to approve what is marked.

        ``how`` changes the checks first, as part of the act; ``decided`` is called before the
        next photo is shown. Returns what is said of this photo; nothing where it was not approved.
        """
        position, review, grid = self._acts.editable_position(), self._review, self._screen.grid
        if position is None:
            return ""
        if chosen := self._acts.chosen():
            self._acts.propose(chosen, partial(review.plans.approval, chosen), "approving")
            return ""
        if review.stacks.only_held_back(position):
            self._screen.stacks.look()
            return ""
        if reason := self._photo.cannot_approve():
            self._screen.say(reason)
            return ""
        checks = how(self._photo.seen())
        labels = len(review.labels)
        act = self._approve(position, checks)
        if act is None:
            return ""
        review.remembered.approved = checks.checked
        self.finds, self._has_found = (self.finds + 1 if self._has_found else 0), False
        decided()
        at_end = grid.cursor.index + 1 >= len(review.photos.view)
        sentence = f"{act.said}; that was the last photo shown" if at_end else act.said
        self._screen.stacks.go_on(position)
        self._screen.done(act)
        self._screen.say(sentence)
        if len(review.labels) > labels:  # a provider proposed it
            self._engine.suggest_new_label()
        return sentence

    def _approve(self, position: int, checks: Checklist) -> Act | None:
        """Approve what is checked on a photo, or on the stack that it stands for."""
        review = self._review
        if len(review.photos.stacked.members(position)) > 1:
            return self._screen.attempt(lambda: self._screen.stacks.approve(position, checks))
        return self._screen.attempt(lambda: review.approve(position, checks))

    def change(self, how: Callable[[Checklist], Checklist], *, drafts_too: bool = True) -> None:
        """Change the checks of this photo, or ask to change those of each marked one.

        Not ``drafts_too``: marked photos whose checks are not approved yet are left.
        """
        position, review = self._acts.editable_position(), self._review
        if position is None:
            return
        if chosen := self._acts.chosen():
            change = partial(review.plans.changing, chosen, how, drafts_too=drafts_too)
            self._acts.propose(chosen, change, "changing", keeps=True)
            return
        if review.stacks.only_held_back(position):
            self._screen.stacks.look()
            return
        if self._screen.stacks.is_decided(position):
            return
        checks = how(self._photo.seen())

        def change_one() -> Checklist:
            if len(review.photos.stacked.members(position)) > 1:
                review.do(review.stacks.changing(position, checks))
            else:
                review.change(position, checks)
            return checks

        if self._screen.attempt(change_one) is not None:
            self._photo.put(checks)  # not read again: labels keep their places under the fingers
            self._screen.grid.reload(review.photos.listing.same_content(position))

    def _check_over(self) -> None:
        """Check what is over the threshold, where no checks wait to be approved."""
        threshold = self._review.suggestions.threshold
        if self._acts.editable_position() is None:
            return
        if self._photo.checks.changed and not self._acts.chosen():
            self._screen.say("these checks are your own: left as they are (u takes them back)")
        else:
            self.change(lambda checks: check_over(checks, threshold), drafts_too=False)

    def _toggle(self, label: str) -> None:
        """Check or uncheck a label; all that are marked become what this photo's becomes."""
        if not self._acts.chosen():
            self.change(lambda checks: toggle(checks, label))
        elif label in self._photo.checks.checked:
            self.change(lambda checks: only(checks, checks.checked - {label}))
        else:
            self.change(lambda checks: check(checks, {label}))

    def _toggle_place(self, place: int) -> None:
        """Check or uncheck one of the first nine labels."""
        is_here, lines = self._photo.show() is not None, self._photo.checks.lines
        if place <= min(DIGITS, len(lines)):
            self._toggle(lines[place - 1].label)
        else:
            self._screen.say(f"no label has the number {place}" if is_here else NO_PHOTO)

    def toggle_on(self, photo: Hashable, label: str) -> None:
        """Toggle a label of a photo; none where the cursor has left that meanwhile."""
        is_here = photo == self._screen.grid.cursor.position
        self._photo.show()
        if is_here:
            self._toggle(label)
        else:
            named = shown_label(self._review, label)
            self._screen.say(f"{named}: not changed, for this is another photo now")

    def _repeat(self) -> None:
        """Check the labels of the photo that was approved last."""
        labels = self._review.remembered.approved
        if labels:
            self.change(lambda checks: recheck(checks, labels))
        else:
            self._screen.say("nothing was approved yet that could be repeated")

    def _copy(self) -> None:
        """Copy the labels that are checked."""
        if self._photo.show() is not None:
            copied = self._review.remembered.copied = self._photo.checks.checked
            named = ", ".join(shown_label(self._review, label) for label in sorted(copied))
            self._screen.say(f"copied: {named or 'no label'}")

    def _paste(self) -> None:
        """Check exactly the labels that were copied."""
        copied = self._review.remembered.copied
        if copied is None:
            self._screen.say("nothing was copied yet")
        else:
            self.change(lambda checks: recheck(checks, copied))

    def _move_threshold(self, step: float) -> None:
        self._review.suggestions.threshold += step
        self._screen.grid.reload()
        self._photo.show(anew=True)
        self._screen.show_status()

    def _find_label(self) -> None:
        """Find a label to check, with the photo in view."""
        if self._acts.editable_position() is None:
            return
        finder, checks = self._screen.finder, self._photo.checks
        finder.taken, finder.left = self._take_offer, self._close_finder
        self._screen.set_class(True, "finding")  # noqa: FBT003  (Textual's)
        self._screen.show_context()
        finder.begin([line.label for line in checks.lines], checks.checked)

    def _close_finder(self) -> None:
        screen = self._screen
        screen.finder.is_open = False
        screen.set_class(False, "finding")  # noqa: FBT003  (Textual's)
        screen.grid.focus()
        screen.show_context()

    def _take_offer(self, offer: FoundLabel, approve: bool) -> None:  # noqa: FBT001
        self._close_finder()
        self._has_found = True
        if approve and self._acts.chosen():
            self._screen.say("photos are marked: enter asks to add the label to them")
            return
        if not approve:
            self._check_found(offer)
            return
        how = partial(_check_one, offer.label)
        if self._screen.letters.on:
            self._screen.letters.approve(how)
        else:
            self.approve(how)

    def _check_found(self, offer: FoundLabel) -> None:
        label: str | None = offer.label
        if offer.new:
            label = self._screen.attempt(lambda: self._review.add_label(offer.label))
        if label is None:
            return
        self.change(partial(_check_one, label))
        if label in self._photo.checks.checked and self._screen.labels.display:
            self._screen.labels.go_to(label)
        if offer.new:
            self._engine.suggest_new_label(announce_end=True)


def _check_one(label: str, checks: Checklist) -> Checklist:
    return check(checks, {label})
