"""Deciding on many photos at once: a folder, what is marked, everything shown.

Each says first what it would do and waits for enter; each is one undo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from phototagger.tui.keys import Handlers

if TYPE_CHECKING:
    from phototagger.review import Act, Review
    from phototagger.review.plans import Plan
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.screen import ReviewScreen
    from phototagger.tui.widgets.finder import FoundLabel


class ManyDecisions:
    """What may touch more than the photo under the cursor, and how photos are marked for it."""

    def __init__(self, screen: ReviewScreen, review: Review, acts: ActRunner) -> None:
        self._screen = screen
        self._review = review
        self._acts = acts
        screen.finder.given = self._give
        plans = self._review.plans
        self.actions: Handlers = {
            "clear": lambda: self._here_or_chosen(plans.clearing, "clearing"),
            "clear_all": lambda: self._folder_or_chosen(plans.clearing, "clearing"),
            "approve_over": lambda: self._folder_or_chosen(plans.over, "approving"),
            "take_before": self._take_before,
            "approve_all": self._approve_all,
            "toggle": self._mark,
            "select": self._select,
            "mark_all": self._mark_all,
        }

    def _here_or_chosen(self, plan: Callable[[list[int]], Plan], doing: str) -> None:
        """Do something to this photo, or ask to do it to the marked ones."""
        position = self._acts.editable_position()
        if position is None:
            return
        if chosen := self._acts.chosen():
            self._acts.propose(chosen, partial(plan, chosen), doing)
        else:
            self._acts.do_here(partial(plan, self._review.photos.stacked.members(position)))

    def _folder_or_chosen(
        self,
        plan: Callable[[list[int]], Plan],
        doing: str,
        do: Callable[[Plan], Act] | None = None,
    ) -> None:
        position = self._acts.editable_position()
        if position is None:
            return
        listing = self._review.photos.listing
        folder = listing.in_folder(int(listing.folder_of[position]))
        marked = self._acts.chosen()
        chosen, scope = (marked, "") if marked else (list(folder), "this folder")
        self._acts.propose(chosen, partial(plan, chosen), doing, scope=scope, do=do)

    def _give(self, offer: FoundLabel) -> None:
        """Approve one label, and nothing else, on what is marked or in the folder."""
        review = self._review

        def do(plan: Plan) -> Act:
            if offer.new:  # only now: who says no adds no label
                review.add_label(offer.label)
            return replace(review.do(plan), is_naming=offer.new)

        self._folder_or_chosen(
            lambda chosen: review.plans.giving(chosen, offer.label), "approving", do
        )

    def _take_before(self) -> None:
        """Decide photos as the picture was that was there before."""
        position = self._acts.editable_position()
        if position is None:
            return
        if any(self._review.photos.before(at) for at in self._acts.chosen() or [position]):
            self._here_or_chosen(self._review.plans.as_before, "deciding")
        else:
            self._screen.say("nothing was decided of another picture here")

    def _approve_all(self) -> None:
        """Approve everything shown, or what is marked, as checked."""
        if self._acts.editable_position() is None:
            return
        marked = self._acts.chosen()
        chosen = marked or self._review.photos.stacked.everything.tolist()
        scope = "" if marked else "everything shown"
        plan = partial(self._review.plans.approval, chosen)
        self._acts.propose(chosen, plan, "approving", scope=scope)

    def _mark(self) -> None:
        """Mark the photo under the cursor, or unmark it."""
        position = self._screen.grid.cursor.position
        if position is not None:
            self._review.marked.toggle(self._review.photos.stacked.members(position))
            self._show_marked()

    def _mark_all(self) -> None:
        """Mark everything shown; where all of it is marked, unmark it."""
        view = self._review.photos.stacked.everything.tolist()
        word = "marked" if self._review.marked.toggle(view) else "unmarked"
        self._screen.grid.cursor.end_selection()
        self._show_marked()
        self._screen.say(f"{len(view):,} photos {word}")

    def _select(self) -> None:
        """Begin a range here, or mark the one that was begun."""
        cursor = self._screen.grid.cursor
        if cursor.is_selecting:
            self._review.marked.mark(self._review.photos.stacked.all_members(cursor.selected()))
            cursor.end_selection()
            self._show_marked()
        elif cursor.position is not None:
            cursor.begin_selection()
            self._screen.show_status()
            self._screen.say("range: move to its other end; v marks it, esc drops it")

    def _show_marked(self) -> None:
        self._screen.grid.refresh()
        self._screen.show_status()
