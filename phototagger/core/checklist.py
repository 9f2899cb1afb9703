"""What a person does with one photo's labels: immutable, pure, without a screen or a store.

A checklist opens with the suggested labels checked, so that only corrections cost keys. Labels that
were shown and are not checked become rejections when it is approved; labels that nobody saw do not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

DIGITS = 9
"""How many labels have a digit key of their own."""

Verdicts = dict[str, bool | None]
"""Labels to approve (True), reject (False) or forget (None)."""


class Mark(IntEnum):
    """What holds for a photo: nobody decided, labels approved, decided without any, unreadable."""

    UNDECIDED = 0
    APPROVED = 1
    NONE = 2
    FAILED = 3


class Line(NamedTuple):
    """One label of a checklist: its plain cosine, and its learned score in 0..1.

    Both are None where the photo or the label has no vector. ``decided`` is what holds for it:
    approved (True), rejected (False) or nothing (None). ``suggested`` labels are to be checked;
    ``by_decisions`` marks those that the cosine alone would not suggest. ``learned`` says whether
    enough approvals taught the label.
    """

    label: str
    cosine: float | None = None
    score: float | None = None
    decided: bool | None = None
    suggested: bool = False
    by_decisions: bool = False
    learned: bool = False


@dataclass(frozen=True)
class Draft:
    """Checks that were changed and not yet approved."""

    checked: frozenset[str]
    shown: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Checklist:
    """The labels of one photo in the order they are shown, and which are checked.

    ``shown`` are the labels a person has had before their eyes. ``changed`` tells that the checks
    are a person's, not what is suggested or decided.
    """

    lines: tuple[Line, ...]
    checked: frozenset[str]
    shown: frozenset[str]
    changed: bool = False
    places: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    def draft(self) -> Draft:
        """Return what must be kept for the checks to survive."""
        return Draft(self.checked, self.shown)


def checklist(
    lines: Iterable[Line], *, decided: bool, draft: Draft | None = None, topk: int = 5
) -> Checklist:
    """Return a photo's checklist: its draft, else what was decided, else what is suggested.

    The lines come best first; those that are checked now are put before the others, so that
    nobody approves what he cannot see. Checked labels are shown, and the first ones: the top K, or
    the nine that have digits.
    """
    known = list(lines)
    there = {line.label for line in known}
    if draft is not None:
        known += [Line(label) for label in sorted(draft.checked - there)]
        checked = draft.checked
    elif decided:
        checked = frozenset(line.label for line in known if line.decided)
    else:
        checked = frozenset(line.label for line in known if line.suggested)
    known.sort(key=lambda line: line.label not in checked)
    first = {line.label for line in known[: max(topk, DIGITS)]}
    seen = draft.shown if draft is not None else frozenset()
    places = {line.label: place for place, line in enumerate(known)}
    return Checklist(tuple(known), checked, checked | first | seen, draft is not None, places)


def toggle(now: Checklist, label: str) -> Checklist:
    """Check a label, or uncheck it."""
    return only(now, now.checked ^ {label})


def check(now: Checklist, labels: Collection[str]) -> Checklist:
    """Check labels too; those that are not in the list are added to it."""
    return only(now, now.checked | frozenset(labels))


def only(now: Checklist, labels: Collection[str]) -> Checklist:
    """Check exactly these labels, such as those of another photo."""
    new = [label for label in labels if label not in now.places]
    lines = (*now.lines, *(Line(label) for label in sorted(new)))
    checked = frozenset(labels)
    places = now.places if not new else {line.label: at for at, line in enumerate(lines)}
    return replace(
        now, lines=lines, checked=checked, shown=now.shown | checked, changed=True, places=places
    )


def check_over(now: Checklist, threshold: float) -> Checklist:
    """Check exactly the labels whose cosine is at least the threshold."""
    return only(now, [one.label for one in now.lines if over(one, threshold)])


def over(line: Line, threshold: float) -> bool:
    """Tell whether a label is over the threshold."""
    return line.cosine is not None and line.cosine >= threshold


def show(now: Checklist, labels: Iterable[str]) -> Checklist:
    """Note that labels were scrolled to or found."""
    return replace(now, shown=now.shown | frozenset(labels))


def approve(now: Checklist) -> Verdicts:
    """Return the decision: what is checked is approved, what else was shown is rejected."""
    return {
        line.label: line.label in now.checked
        for line in now.lines
        if line.label in now.checked or line.label in now.shown
    }
