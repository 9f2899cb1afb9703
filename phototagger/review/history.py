"""What a review has done and can take back."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from phototagger.core.checklist import Draft
from phototagger.engine.decisions.last_act import said_of_grouping
from phototagger.engine.decisions.naming import Naming, said_of_naming
from phototagger.printable import counted, moment
from phototagger.store.labels.edits import Who
from phototagger.store.labels.history import Past

Drafts = dict[bytes, Draft | None]
"""The kept checks of photos; None: none are kept."""

NAMED = 5
"""How many labels of an act are named."""

MOST = 2000
"""Of how many photos checks are remembered: a day of toggling must not fill the memory."""


@dataclass(frozen=True)
class Checks:
    """Checks that were changed: what was kept of them before and after, how, and when it was."""

    before: Drafts
    after: Drafts
    said: str = "changed checks"
    when: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)


@dataclass(frozen=True)
class Done:
    """An act in the catalogue, and what was kept of its photos' checks before and after."""

    before: Drafts
    after: Drafts


Step = Checks | Done


class Steps:
    """What can be taken back, or done again; the oldest steps go once they hold too many checks.

    Acts that went are still in the catalogue, and undone there.
    """

    def __init__(self, most: int = MOST) -> None:
        self._steps: deque[Step] = deque()
        self._most, self._photos = most, 0

    @property
    def last(self) -> Step | None:
        """The newest step, None where there is none."""
        return self._steps[-1] if self._steps else None

    def push(self, step: Step) -> None:
        """Remember one more step: always this one, whatever it holds."""
        self._steps.append(step)
        self._photos += len(step.before)
        while self._photos > self._most and len(self._steps) > 1:
            self._photos -= len(self._steps.popleft().before)

    def drop(self) -> None:
        """Forget the newest step, if there is one."""
        if self._steps:
            self._photos -= len(self._steps.pop().before)

    def clear(self) -> None:
        """Forget all."""
        self._steps.clear()
        self._photos = 0


@dataclass(frozen=True)
class Coming:
    """What undo would take back, or redo do again: in words, on which contents.

    ``ask``: why a person should agree first; nothing where it can be seen anyway. ``naming``:
    what a label is called by it; ``is_grouping``: photos stand in other stacks by it.
    """

    said: str
    sha1s: list[bytes]
    ask: str = ""
    naming: Naming | None = None
    is_grouping: bool = False

    @property
    def is_naming(self) -> bool:
        """Whether a label is called otherwise by it."""
        return self.naming is not None

    @property
    def keeps_checks(self) -> bool:
        """Whether checks that wait to be approved have nothing to do with it."""
        return self.is_naming or self.is_grouping


def said_of(
    act: Past | Checks,
    where: str,
    now: datetime | None = None,
    shown: Callable[[str], str] = str,
) -> str:
    """Return what was done, on what (``where``) and when, such as ``approved dog on a.jpg, 14:02``.

    ``now`` is the moment it is said: of another day the date stands before the time. ``shown``
    gives labels as people read them.
    """
    return f"{_done(act, where, shown)}, {moment(act.when, now)}"


def _done(act: Past | Checks, where: str, shown: Callable[[str], str]) -> str:
    if isinstance(act, Checks):
        return f"{act.said} on {where}"
    if act.naming is not None:
        did = said_of_naming(act.naming)
        return f"{did} on {where}" if act.photos else did
    if act.grouping is not None:
        return said_of_grouping(act.grouping, where)
    if not act.approved and act.decided is not None:
        return f"approved no label on {where}" if act.decided else f"cleared {where}"
    if not act.approved and not act.rejected:
        return f"removed decisions on {where}"
    by = " by auto" if act.who is Who.AUTO else ""
    single = len(act.photos) == 1

    def named(word: str, counts: Mapping[str, int]) -> str:
        first = list(counts)[:NAMED]
        labels = [
            shown(label) if single else f"{shown(label)} {counts[label]:,}" for label in first
        ]
        more = len(counts) - len(first)
        rest = f" and {counted(more, 'more label')}" if more else ""
        return f"{word}{by} {', '.join(labels)}{rest}"

    said = [named("approved", act.approved)] if act.approved else []
    if act.rejected and (not act.approved or act.decided is None):
        said.append(named("rejected", act.rejected))  # of a whole photo it is all that was seen
    return f"{', '.join(said)} on {where}"
