"""Letter keys: a mode in which every label on the screen has a key of its own.

It takes keys before anything else hears them, wherever the focus is, and leaves to the rest of the
screen what means the same as among the photos.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual import events
from textual.geometry import Size

from phototagger.core.checklist import Checklist, Mark, said_alone, toggle
from phototagger.review import Review
from phototagger.review.by_label.label_names import shown_label
from phototagger.review.letters import LETTERS, SECOND_BANK, LabelLetters, pick_letter
from phototagger.tui.bindings import typed_key
from phototagger.tui.contexts import is_letter_key
from phototagger.tui.keys import DIGITS, Handlers
from phototagger.tui.keys_said import no_key
from phototagger.tui.screens.review.panes.context import types_in
from phototagger.tui.widgets.letter_board import Board, make_board, with_label

if TYPE_CHECKING:
    from phototagger.tui.screens.review.act_runner import ActRunner
    from phototagger.tui.screens.review.photo_decisions import PhotoDecisions
    from phototagger.tui.screens.review.screen import ReviewScreen

SLIP = 0.5
"""Seconds after an approval in which an upper-case letter waits: caps lock may be on."""

_REPEATED = 0.1  # seconds: a key that is held down comes again faster than anybody presses it
_STATES = {
    Mark.UNDECIDED: "undecided",
    Mark.APPROVED: "approved ✓",
    Mark.NONE: "decided: no label",
    Mark.FAILED: "failed",
}


class LetterKeys:
    """Has letters and digits check the labels of the photo under the cursor.

    ``clock`` gives seconds; tests and robots bring their own.
    """

    def __init__(
        self, screen: ReviewScreen, review: Review, acts: ActRunner, decisions: PhotoDecisions
    ) -> None:
        self._screen = screen
        self._review = review
        self._acts = acts
        self._decisions = decisions
        self._letters = LabelLetters(review)
        self._board: Board | None = None
        self._shown: tuple[int | None, int, list[str]] = (None, 0, [])
        self._bank = False
        self._size = Size(0, 0)
        self._approved_at = -math.inf
        self._last = ("", -math.inf)  # the upper-case letter that was pressed last, and when
        self._waits = ""  # one that may be a slip
        self.clock: Callable[[], float] = time.monotonic
        self.on = False
        screen.board.resized = self._resized
        self.actions: Handlers = {"letters": self._begin, "letters_off": self._end}

    def _begin(self) -> None:
        """Switch letter keys on."""
        if self._screen.photo.show() is None:
            self._screen.say("no photo is shown that could have letter keys")
            return
        self._screen.attempt(self._letters.read)
        self.on, self._board, self._bank = True, None, False
        self._screen.grid.focus()
        self._screen.set_class(True, "letters")  # noqa: FBT003  (Textual's)
        self._screen.show_context()
        self._screen.call_after_refresh(self._resized)

    def _end(self) -> None:
        self.on, self._board, self._bank = False, None, False
        self._screen.set_class(False, "letters")  # noqa: FBT003  (Textual's)
        self._screen.show_context()
        self._screen.photo.show(again=True)

    # What is shown.

    def show(self) -> None:
        """Show the focused photo's labels with their keys, where letter keys are on."""
        screen, photo = self._screen, self._screen.photo
        if not self.on or not screen.board.content_size:
            return
        if photo.position is None:
            if not types_in(screen):  # a search may find nothing until its last letter
                self._end()
            return
        checks = photo.checks
        rows = [line.label for line in checks.lines]
        shown = (photo.position, checks.split, rows[: len(self._shown[2])])
        if self._board is None or shown != self._shown:
            self._shown, self._bank = (photo.position, checks.split, rows), False
            above, below = rows[: checks.split], rows[checks.split :]
            self._board = make_board(above, below, *self._size, self._letters.give)
        for label in sorted(checks.checked - self._board.labels):
            self._board = self._with(self._board, label)
        state = _STATES[self._review.photos.listing.mark(photo.position)]
        changed = ", changed" if checks.changed else ""
        alone = f", {sentence}" if (sentence := said_alone(checks)) else ""
        state = f"{state}{changed}{alone}"
        screen.board.put(photo.position, self._board, checks, state, bank=self._bank)

    def _resized(self) -> None:
        """Show the labels in the room there is now; in other room they may get other keys."""
        size = self._screen.board.content_size
        if size and size != self._size:
            self._size, self._board = size, None
        self.show()

    def _with(self, board: Board, label: str) -> Board:
        """Return the board with a label that was found by typing; it gets what letter is free."""
        given = board.keys.labels
        free = [candidate for candidate in LETTERS if candidate not in given]
        fixed = set(self._letters.fixed().values())
        letter = self._letters.fixed().get(label, "")
        word = shown_label(self._review, label)
        letter = letter or pick_letter(
            word, [candidate for candidate in free if candidate not in fixed]
        )
        if not letter:
            second = [candidate for candidate in LETTERS if SECOND_BANK + candidate not in given]
            letter = SECOND_BANK + pick_letter(word, second) if second else ""
        return with_label(board, label, letter)

    # What keys do.

    def takes(self, event: events.Key) -> bool:
        """Do what a key means here; tell whether it meant anything."""
        screen = self._screen
        if not self.on or screen.app.screen is not screen or types_in(screen):
            return False
        key = typed_key(event)
        if key == "escape" and not self._bank and screen.has_class("large"):
            return False  # closes the picture first
        if not is_letter_key(key) and key != "shift+tab":
            return False
        if screen.photo.position != screen.grid.cursor.position:
            screen.photo.show()
            screen.say(f"{key}: did nothing, for this photo was not shown yet; press it again")
            return True
        bank, self._bank = self._bank, False
        self._press(key, bank=bank)
        self.show()
        return True

    def _press(self, key: str, *, bank: bool) -> None:
        lower = key.lower()
        if key == "escape" and bank:
            return
        if key == SECOND_BANK:
            self._bank = not bank
        elif key in {"escape", "q"}:
            self._end()
        elif key in {"tab", "shift+tab"}:
            self._end()
            self._screen.labels.focus()
        elif key == ">":
            self._screen.action_act("open_stack")
        elif key == "<":
            self._screen.action_act("open_before")
        elif key == "enter":
            self.approve()
        elif key in {"u", "backspace"}:
            self._screen.action_act("undo")
        elif lower in LETTERS or lower in DIGITS:
            self._letter(key, bank=bank)
        else:
            self._screen.say(_NOTHING.get(key, no_key(key)))

    def _letter(self, key: str, *, bank: bool) -> None:
        """Toggle the label of a letter or digit; of an upper-case letter, approve with it."""
        board = self._board
        shown = SECOND_BANK * bank + key.lower()
        label = board.keys.labels.get(shown) if board else None
        if label is None:
            self._screen.say(f"{SECOND_BANK * bank}{key} has no label on this photo")
        elif not key.isupper():
            self._screen.status.pass_on()
            self._decisions.toggle_on(self._shown[0], label)
        elif self._may_be_a_slip(key):
            self._screen.say(f"CAPS LOCK? {key} waits: again to use it")
        elif self._acts.chosen():
            self._screen.say("photos are marked: enter asks to approve them")
        else:
            self.approve(partial(_toggled, label))

    def _may_be_a_slip(self, key: str) -> bool:
        """Tell whether an upper-case letter came too soon to be meant; the same again is meant."""
        now, (before, at) = self.clock(), self._last
        self._last = (key, now)
        is_held = before == key and now - at < _REPEATED
        if is_held or (now - self._approved_at < SLIP and self._waits != key):
            self._waits = key
            return True
        self._waits = ""
        return False

    def approve(self, how: Callable[[Checklist], Checklist] = lambda checks: checks) -> None:
        """Approve what is checked, after a change that is part of the act, and go on."""
        board, checked = self._board, how(self._screen.photo.checks).checked
        if board is None:
            return
        fix = partial(self._letters.approved, checked, board.keys)
        sentence = self._decisions.approve(how, lambda: self._screen.attempt(fix))
        if sentence:
            self._approved_at = self.clock()
            self._screen.status.say(f"✓ {sentence} (backspace takes it back)", seconds=None)


_NOTHING = {
    ";": "letter keys are on; esc leaves them",
    "Q": "Q is no label's key; q leaves letter keys",
    "U": "U is no label's key; u undoes",
}


def _toggled(label: str, checks: Checklist) -> Checklist:
    return toggle(checks, label)
