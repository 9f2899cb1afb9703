"""What a person does with one photo's labels: immutable, pure, without a screen or a store.

A checklist opens with the suggested labels checked, so that only corrections cost keys. Labels that
were shown and are not checked become rejections when it is approved; labels that nobody saw do not.

It has two parts: what was checked as it opened, then the others, each by one number from 0 to 99
where 50 is the line for every label. Rows stay where they are as long as it is shown: a toggle
changes a box, nothing else.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import NamedTuple

DIGITS = 9
"""How many labels have a digit key of their own."""

LINE = 50
"""The number from which on a label is suggested, whatever the label."""

STEEPNESS = 16.0
"""Of the curve that puts cosines on the scale of probabilities, apart in float32 from -1 to 1."""

Verdicts = dict[str, bool | None]
"""Labels to approve (True), reject (False) or forget (None)."""


class Mark(IntEnum):
    """What holds for a photo: nobody decided, labels approved, decided without any, unreadable."""

    UNDECIDED = 0
    APPROVED = 1
    NONE = 2
    FAILED = 3


class Look(IntEnum):
    """How a photo stands, as it is told at a glance: its mark, and what waits to be done.

    DRAFT: checks that were changed and not approved; AUTO: decided, but not by a person; WAITING:
    nothing is suggested yet; BEHIND: decided, and its sidecar says something else; HELD: held back
    from what was approved of its stack, until somebody looks at it.
    """

    UNDECIDED = Mark.UNDECIDED
    APPROVED = Mark.APPROVED
    NONE = Mark.NONE
    FAILED = Mark.FAILED
    DRAFT = 4
    AUTO = 5
    WAITING = 6
    BEHIND = 7
    HELD = 8


class Cell(NamedTuple):
    """What the grid says of a photo: its checked labels, best first, or words in their place."""

    look: Look
    labels: tuple[str, ...] = ()
    words: str = ""


class Line(NamedTuple):
    """One label of a checklist: its plain cosine, and its learned score in 0..1.

    Both are None where the photo or the label has no vector, the score also where nothing is
    learned. ``decided`` is what holds for it:
    approved (True), rejected (False) or nothing (None). ``suggested`` labels are to be checked;
    ``by_decisions`` marks those that the cosine alone would not suggest. ``learned`` says whether
    enough approvals taught the label, ``by_auto`` that no person decided it. ``provider`` names who
    proposed a label that is not in the vocabulary: it counts only once a person checks it.
    """

    label: str
    cosine: float | None = None
    score: float | None = None
    decided: bool | None = None
    suggested: bool = False
    by_decisions: bool = False
    learned: bool = False
    by_auto: bool = False
    provider: str = ""


class Row(NamedTuple):
    """What a row of a checklist says: the digit that toggles it, its label, its place on the scale.

    ``by_auto``: it was decided, but not by a person.
    ``number`` is 0..99, None where nothing is known; ``is_plain``: it is a cosine on that scale, of
    which nothing was learned. ``moved``: learning lifted it over the line (1), or below it (-1).
    """

    digit: str
    label: str
    checked: bool
    decided: bool | None
    by_auto: bool
    number: int | None
    is_plain: bool
    moved: int
    provider: str = ""


@dataclass(frozen=True)
class Draft:
    """Checks that were changed and not yet approved.

    ``act``: they name labels as these were called after this act; None: as they are called now.
    """

    checked: frozenset[str]
    shown: frozenset[str] = frozenset()
    act: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Checklist:
    """The labels of one photo in the order they are shown, and which are checked.

    ``shown`` are the labels that were on a person's screen. ``changed`` tells that the checks
    are a person's, not what is suggested or decided; ``decided``, that the photo is decided. The
    first ``split`` lines were checked as it opened, with ``threshold`` as the line.
    """

    lines: tuple[Line, ...]
    checked: frozenset[str]
    shown: frozenset[str]
    changed: bool = False
    places: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    split: int = 0
    threshold: float = 0.25
    decided: bool = False

    def draft(self) -> Draft:
        """Return what must be kept for the checks to survive."""
        return Draft(self.checked, self.shown)


def checklist(
    lines: Iterable[Line],
    *,
    decided: bool,
    draft: Draft | None = None,
    threshold: float = 0.25,
    before: Checklist | None = None,
) -> Checklist:
    """Return a photo's checklist: its draft, else what was decided, else what is suggested.

    Those that are checked now are put before the others, so that nobody approves what they cannot
    see; both parts go by their number, after what providers proposed. What a draft had shown is
    shown; only a screen can add more.

    ``before`` is the checklist of this photo that is on the screen: its lines keep their places and
    their numbers, and what it suggested.
    """
    known = [_agreeing(line) for line in lines]
    if before is not None:
        known, threshold = _as_before(before, known), before.threshold
    there = {line.label for line in known}
    if draft is not None:
        known += [Line(label) for label in sorted(draft.checked - there)]
        checked = draft.checked
    elif decided:
        checked = frozenset(line.label for line in known if line.decided)
    else:
        checked = frozenset(line.label for line in known if line.suggested)
    split = len(checked)
    if before is None:
        known.sort(
            key=lambda line: (
                line.label not in checked, not line.provider, -_height(line, threshold),
            )
        )  # fmt: skip
    else:
        split = before.split
    places = {line.label: place for place, line in enumerate(known)}
    return Checklist(
        lines=tuple(known),
        checked=checked,
        shown=draft.shown if draft is not None else frozenset(),
        changed=draft is not None,
        places=places,
        split=split,
        threshold=threshold,
        decided=decided,
    )


def _as_before(before: Checklist, lines: list[Line]) -> list[Line]:
    """Return the lines in the places and with the numbers that they had, new ones last."""
    new = {line.label: line for line in lines}
    kept = []
    for old in before.lines:
        now = new.get(old.label, Line(old.label))
        # what had no number yet, such as a label added here, may have got one
        same = old if old.cosine is not None else now._replace(suggested=old.suggested)
        kept.append(same._replace(decided=now.decided, by_auto=now.by_auto))
    return kept + [line for line in lines if line.label not in before.places]


def row_of(now: Checklist, place: int) -> Row:
    """Return what the row of a line says."""
    line = now.lines[place]
    value = _value(line, now.threshold)
    plain = line.score is None
    moved = 0
    if not plain and value is not None and line.cosine is not None:
        moved = (value >= LINE / 100) - over(line, now.threshold)
    return Row(
        digit=str(place + 1) if place < DIGITS else "",
        label=line.label,
        checked=line.label in now.checked,
        decided=line.decided,
        by_auto=line.by_auto,
        number=None if value is None else min(99, int(100 * value)),
        is_plain=plain,
        moved=moved,
        provider=line.provider,
    )


def _value(line: Line, threshold: float) -> float | None:
    """Return where a line stands in 0..1: at least 0.5 exactly where it is suggested."""
    if line.score is not None or line.cosine is None:
        return line.score
    value = 1 / (1 + math.exp(STEEPNESS * (threshold - line.cosine)))
    return _on_its_side(value, suggested=over(line, threshold))


def _on_its_side(value: float, *, suggested: bool) -> float:
    half = LINE / 100
    return max(value, half) if suggested else min(value, math.nextafter(half, 0))


def _agreeing(line: Line) -> Line:
    """Return a line whose score is on the side of the line that its suggestion says."""
    if line.score is None or line.decided is not None:  # what is decided says nothing of others
        return line
    score = _on_its_side(line.score, suggested=line.suggested)
    return line if score == line.score else line._replace(score=score)


def _height(line: Line, threshold: float) -> float:
    value = _value(line, threshold)
    return -1.0 if value is None else value


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
        now,
        lines=lines,
        checked=checked,
        shown=now.shown | (checked - now.checked),
        changed=True,
        places=places,
    )


def check_over(now: Checklist, threshold: float) -> Checklist:
    """Check exactly the labels whose cosine is at least the threshold, but for decided ones."""
    return recheck(now, [line.label for line in now.lines if over(line, threshold)])


def recheck(now: Checklist, labels: Collection[str]) -> Checklist:
    """Check exactly these labels; what was decided of one label alone stays as it is."""
    alone = decided_alone(now)
    return only(now, (frozenset(labels) - alone) | (now.checked & alone))


def decided_alone(now: Checklist) -> frozenset[str]:
    """Return the labels that were decided while the photo as a whole is not."""
    if now.decided:
        return frozenset()
    return frozenset(line.label for line in now.lines if line.decided is not None)


def said_alone(now: Checklist) -> str:
    """Say how many labels of an undecided photo are decided; nothing where none is."""
    count = len(decided_alone(now))
    return f"{count:,} of {len(now.lines):,} labels decided" if count else ""


def over(line: Line, threshold: float) -> bool:
    """Tell whether a label is over the threshold."""
    return line.cosine is not None and line.cosine >= threshold


def show(now: Checklist, labels: Iterable[str]) -> Checklist:
    """Note that labels were on the screen."""
    return replace(now, shown=now.shown | frozenset(labels))


def knows_nothing(now: Checklist) -> bool:
    """Tell whether nothing was suggested, decided or checked yet: then nothing can be approved."""
    return not now.changed and not now.decided and all(line.cosine is None for line in now.lines)


def approve(now: Checklist) -> Verdicts:
    """Return the decision: what is checked is approved, what else was shown is rejected.

    Of what providers proposed and nobody checked, nothing is said.
    """
    return {
        line.label: line.label in now.checked
        for line in now.lines
        if line.label in now.checked or (line.label in now.shown and not line.provider)
    }
