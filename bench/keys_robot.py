"""A reviewer that presses real keys in the real review, and reads only what its screen shows.

It knows what is true of the photo in view, as a person who looks at it does, and the keys of the
help. It corrects what is checked and approves, photo after photo; it never makes a mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

KEYSTROKE, LOOK = 0.28, 1.2
"""Seconds of a key and of a look at a photo, by which minutes are told."""

_ROW = re.compile(r"(,?[a-z1-9]|  | ) ?([■□])[✓✗ ]{1,2} ?(\S.*?) +(?:[▮▯]+ +)?(?:~?\d\d)?[↑↓ ]")
_FOUND = re.compile(r"(>)?\s*(?:□|■) (\S+(?: [^\s│┃]+)*)")
_POINTED = re.compile(r">[1-9 ] [■□]")
_FINDS = 40  # keys after which a finder that does not find is an error
_MOST = 500  # keys after which a photo that is not approved is one


class Wanted(Protocol):
    """Tells whether a label is to be checked on a photo, given whether it is."""

    def __call__(self, label: str, *, checked: bool) -> bool:
        """Return it."""


class Row(NamedTuple):
    """A label on the screen: its key ("" for none), its text as it is shown, its box."""

    key: str
    text: str
    checked: bool


def shows(text: str, label: str) -> bool:
    """Tell whether a text on the screen is a label; a long one is shown without its middle."""
    start, cut, end = text.partition("…")
    if not cut:
        return text == label
    return len(label) >= len(text) and label.startswith(start) and label.endswith(end)


def rows_of(lines: Iterable[str]) -> list[Row]:
    """Return the labels that lines of a screen show."""
    return [
        Row(key.strip(), text, box == "■")
        for line in lines
        for key, box, text in _ROW.findall(f"{line} ")
    ]


@dataclass
class Robot:
    """Reviews one photo after the other by letter keys, or without them.

    ``press`` presses a key and waits until the screen shows what it did, ``screen`` returns the
    lines of that. ``chord``: whether upper-case letters are used.
    """

    press: Callable[[str], Awaitable[None]]
    screen: Callable[[], list[str]]
    letters: bool = True
    chord: bool = True
    seconds: float = 0.0
    keys: list[int] = field(default_factory=list)
    _pressed: int = 0

    async def begin(self) -> None:
        """Switch letter keys on, if it uses them; that counts for no photo."""
        if self.letters:
            await self.press(";")

    async def review(self, wanted: Wanted, true: Iterable[str]) -> None:
        """Bring the photo in view to the truth, and approve it.

        ``wanted`` tells whether a label is to be checked, given whether it is. ``true`` are the
        labels that somebody who looks at the photo has in mind.
        """
        self.seconds += LOOK
        self._pressed = 0
        await self._correct(wanted, true)
        while self._is_refused():
            for key in ("tab", "pagedown", "shift+tab"):  # what is checked further down, too
                await self._key(key)
            await self._correct(wanted, true)
        self.keys.append(self._pressed)

    async def _correct(self, wanted: Wanted, true: Iterable[str]) -> None:
        """Correct what is on the screen, add what is not, and approve."""
        shown = self._rows()
        kept = [label for label in true if wanted(label, checked=True)]
        wrong = [
            row
            for row in shown
            if row.checked and not any(shows(row.text, label) for label in kept)
        ]
        missing = [label for label in true if wanted(label, checked=False)]
        by_label = {label: _row_of(label, shown) for label in missing}
        on_screen = [row for row in by_label.values() if row is not None and not row.checked]
        hidden = [label for label, row in by_label.items() if row is None]
        todo = [(self._toggle, row) for row in [*wrong, *on_screen]]
        todo += [(self._find, label) for label in hidden]
        todo.sort(key=lambda step: self._can_approve(step[1]))
        for place, (act, what) in enumerate(todo):
            is_last = place == len(todo) - 1
            approves = is_last and self._can_approve(what)
            await act(what, approve=approves)
            if approves:
                break
        else:
            await self._key("enter" if self.letters else "a")

    def _is_refused(self) -> bool:
        """Tell whether the last line of words says that something was not seen yet."""
        if self._pressed > _MOST:
            raise AssertionError("this photo cannot be approved:\n" + "\n".join(self.screen()))
        return any("not approved:" in line for line in self.screen()[-2:])

    def _can_approve(self, what: Row | str) -> bool:
        """Tell whether the last key of a correction can approve, too."""
        if not (self.chord and self.letters):
            return False
        return isinstance(what, str) or what.key[-1:].isalpha()

    def _rows(self) -> list[Row]:
        return rows_of(self.screen())

    async def _key(self, key: str) -> None:
        self._pressed += 1
        self.seconds += KEYSTROKE
        await self.press(key)

    async def _toggle(self, row: Row, *, approve: bool) -> None:
        if not row.key:
            await self._toggle_far(row)
            return
        for key in row.key[:-1]:
            await self._key(key)
        last = row.key[-1]
        await self._key(last.upper() if approve else last)

    async def _toggle_far(self, row: Row) -> None:
        """Toggle a label that has no key: go to it in the checklist."""
        await self._key("tab")
        lines = [line for line in self.screen() if rows_of([line])]
        at = next(place for place, line in enumerate(lines) if _POINTED.search(line))
        steps = self._rows().index(row) - at
        for _ in range(abs(steps)):
            await self._key("down" if steps > 0 else "up")
        await self._key("space")
        await self._key("shift+tab")

    async def _find(self, label: str, *, approve: bool) -> None:
        """Find a label by typing as much of it as is needed."""
        await self._key("#")
        typed = iter(label)
        for _ in range(_FINDS):
            offered = self._offered()
            if any(shows(text, label) for text in offered[:2]):
                if not shows(offered[0], label):
                    await self._key("down")
                await self._key("tab" if approve else "enter")
                return
            letter = next(typed, None)
            if letter is None:
                break
            await self._key("space" if letter == " " else letter)
        raise AssertionError(f"{label} cannot be found:\n" + "\n".join(self.screen()))

    def _offered(self) -> list[str]:
        """Return the labels of the list below the field, from the cursor on."""
        matches = [_FOUND.search(line) for line in self.screen()]
        rows = [(bool(match[1]), match[2]) for match in matches if match]
        at = next((place for place, (cursor, _) in enumerate(rows) if cursor), len(rows))
        return [label for _, label in rows[at:]]


def _row_of(label: str, rows: list[Row]) -> Row | None:
    return next((row for row in rows if shows(row.text, label)), None)
