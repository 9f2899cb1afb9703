"""Stacks under the keys: open and close, take out, break, make; what approving one leaves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from phototagger.core.checklist import Checklist, Mark
from phototagger.review import Act, Review
from phototagger.review.plans import Plan
from phototagger.tui.keys import Handlers
from phototagger.tui.keys_said import shown_key
from phototagger.tui.rebinding import Bound

if TYPE_CHECKING:
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.screen import ReviewScreen


class StackKeys:
    """Does what keys mean for stacks, open or not."""

    def __init__(self, screen: ReviewScreen, review: Review, acts: ActRunner, bound: Bound) -> None:
        self._screen = screen
        self._review = review
        self._acts = acts
        self._bound = bound
        self._is_left = False  # something in the stack that was approved
        self.actions: Handlers = {
            "open_stack": self._open,
            "open_before": self._open_before,
            "take_out": partial(self._regroup, self._review.stacks.taking_out),
            "break_stack": partial(self._regroup, self._review.stacks.breaking),
            "make_stack": self._make,
            "quit": self._quit,
        }

    def approve(self, position: int, checks: Checklist) -> Act:
        """Approve what is checked on the members that are due; say what that leaves."""
        approval = self._review.stacks.approval(position, checks)
        if approval.plan.sha1s:
            self._review.photos.paces.decided()
            act = self._review.do(approval.plan)
        else:
            act = Act(approval.plan.done if approval.held else self._decided(position), [])
        self._is_left = approval.held > 0
        return act

    def look(self) -> None:
        """Open the stack under the cursor: what is left in it is to be looked at."""
        self._open()
        self._screen.say("held back: nothing was decided yet on what is left of this stack")

    def is_decided(self, position: int) -> bool:
        """Tell whether nothing is left in a stack whose checks could change, and say so."""
        members = self._review.photos.stacked.members(position)
        is_decided = len(members) > 1 and not self._review.stacks.due(members)
        if is_decided:
            self._screen.say(self._decided(position))
        return is_decided

    def go_on(self, position: int) -> None:
        """Move on after an approval: to the next photo, or the next undecided one of the stack.

        A stack that was approved but for some members is opened at the first of these; an open one
        in which nothing is undecided any more is closed.
        """
        is_left, self._is_left = self._is_left, False
        stacked, cursor = self._review.photos.stacked, self._screen.grid.cursor
        if is_left:
            self._open()
            return
        if not stacked.is_in_open(position):
            cursor.move(1, 0)
            return
        members = stacked.opened()
        after = members[members.index(position) + 1 :] + members
        listing = self._review.photos.listing
        left = [member for member in after if listing.mark(member) is Mark.UNDECIDED]
        if left:
            self._go(left[0])
        else:
            self.close()
            cursor.move(1, 0)

    def close(self) -> None:
        """Close the open stack; the cursor stands on it."""
        opened = self._review.photos.stacked.opened()
        self._show(None, opened[0] if opened else None)

    def _open(self) -> None:
        """Open the stack under the cursor, or close the open one, also from beside it.

        The cursor is on the first that is held back, else on the least alike that is undecided.
        """
        position, stacked = self._screen.grid.cursor.position, self._review.photos.stacked
        if position is None or not stacked.stands_in_one(position):
            if stacked.is_open is not None:
                self.close()
            else:
                self._screen.say("this photo is in no stack")
        elif stacked.is_in_open(position):
            self.close()
        else:
            members = stacked.members(position)
            listing, held_back = self._review.photos.listing, self._review.stacks.held.of(members)
            undecided = [member for member in members if listing.mark(member) is Mark.UNDECIDED]
            first = next((member for member in undecided if member in held_back), None)
            self._show(position, stacked.farthest(undecided or members) if first is None else first)

    def _open_before(self) -> None:
        """Go back into the stack that stands before the cursor's cell: one in it is different."""
        stacked, cursor = self._review.photos.stacked, self._screen.grid.cursor
        before = self._review.photos.view[: cursor.index][-1:].tolist()
        is_closed = [len(stacked.members(position)) > 1 for position in before]
        if any(is_closed):
            cursor.move(-1, 0)
            self._open()
        else:
            self._screen.say("no closed stack stands before this photo")

    def _quit(self) -> None:
        """Close the stack that is open, or the review: everything is on disk already."""
        if self._review.photos.stacked.is_open is not None:
            self.close()
        else:
            self._screen.app.exit(0)

    def _regroup(self, plan: Callable[[int], Plan]) -> None:
        """Let the photo under the cursor, or all of its stack, stand alone."""
        position = self._acts.editable_position()
        if position is None:
            return
        if not self._review.photos.stacked.is_in_open(position):
            self._screen.say(f"no rejecting here: {self._key('clear')} clears")
        else:
            self._acts.do_here(partial(plan, position))

    def _make(self) -> None:
        """Make a stack of what is marked."""
        if self._acts.editable_position() is None:
            return
        chosen, listing = self._acts.chosen(), self._review.photos.listing
        folders = {int(listing.folder_of[position]) for position in chosen}
        if not self._review.settings.stack_seconds:
            self._screen.say("stack_seconds is 0: there are no stacks")
        elif len(chosen) < 2:  # noqa: PLR2004
            self._screen.say(f"mark the photos of the stack first: {self._key('toggle')} marks")
        elif len(folders) > 1:
            self._screen.say(f"a stack stays in its folder: these are in {len(folders)} folders")
        else:
            self._acts.do_here(partial(self._review.stacks.making, chosen), unmarked=chosen)

    def _show(self, opened: int | None, then: int | None) -> None:
        self._review.photos.stacked.unfold(opened)
        self._screen.show_view()
        if then is not None:
            self._go(then)
        self._screen.photo.show(anew=True)
        self._screen.show_context()

    def _go(self, position: int) -> None:
        index = self._review.photos.stacked.index_of(position)
        if index is not None:
            self._screen.grid.cursor.go(index)

    def _decided(self, position: int) -> str:
        count = len(self._review.photos.stacked.members(position))
        opens, clears = self._key("open_stack"), self._key("clear")
        return f"all {count:,} photos are decided: {opens} opens the stack, {clears} clears it"

    def _key(self, name: str) -> str:
        return shown_key(self._bound.action(name).keys[0])
