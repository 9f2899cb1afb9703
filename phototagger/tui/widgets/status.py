"""The bottom line: what is left, how fast it goes, what holds, what the engine does."""

from dataclasses import dataclass

from rich.cells import cell_len
from textual.app import RenderResult
from textual.timer import Timer
from textual.widget import Widget

from phototagger.printable import one_line
from phototagger.tui.widgets.text import shorten

SAID_SECONDS = 5.0
"""How long a message stays."""

_GAP = " · "
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Status:
    """What the line shows when nothing else is to be said.

    ``pace``: photos a minute. ``seconds``: until nothing is left, None where nobody can tell.
    ``search``: what is searched for, and how much of that is shown.
    ``marked``: photos of this view; ``elsewhere``: of others, which no key touches here.
    ``engine``: what the engine is doing. ``read_only``: why nothing can be decided here. ``also``:
    where else the photo under the cursor lies. ``before``: the labels of the picture before.
    ``promised``: by which certificate labels of the photo were approved, and how often they are
    right.
    ``next``: what helps most now; it ends the line.
    """

    undecided: int = 0
    pace: float = 0.0
    seconds: float | None = None
    threshold: float | None = None
    search: str = ""
    filter: str = ""
    order: str = ""
    marked: int = 0
    elsewhere: int = 0
    engine: str = ""
    read_only: str = ""
    also: str = ""
    before: str = ""
    promised: str = ""
    next: str = ""


class StatusLine(Widget):
    """One line at the bottom; a message takes the place of what the engine does for a while."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; background: $panel; color: $foreground; }
    StatusLine.status--error { text-style: bold reverse; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._status = Status()
        self._message = ""
        self._passes = False
        self._timer: Timer | None = None

    def put(self, status: Status) -> None:
        """Show this state."""
        if status != self._status:
            self._status = status
            self.refresh()

    def say(
        self, message: str, *, error: bool = False, seconds: float | None = SAID_SECONDS
    ) -> None:
        """Say something for some seconds; an error stays twice as long, set off by reversing.

        Without ``seconds`` it stays until something else is said. That, and what stays as long as
        most does, goes with the next key that acts, see ``pass_on``.
        """
        if self._timer is not None:
            self._timer.stop()
        self._message = one_line(message)
        self._passes = not error and seconds in {SAID_SECONDS, None}
        self.set_class(error, "status--error")
        self._timer = None
        if seconds is not None:
            self._timer = self.set_timer(seconds * (2 if error else 1), self._forget)
        self.refresh()

    def pass_on(self) -> None:
        """Take away what was said, but what takes longer to read: the next key is acted on."""
        if self._passes:
            self._forget()

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._message, self._passes, self._timer = "", False, None
        self.remove_class("status--error")
        self.refresh()

    def render(self) -> RenderResult:
        """Return the text that fits."""
        from rich.text import Text

        text = line_of(self._status, self._message, self.size.width)
        return Text(text, no_wrap=True, overflow="ellipsis")


def line_of(status: Status, message: str, width: int) -> str:
    """Return the line, at most ``width`` cells wide: the most important parts that fit.

    A message stays whole as long as anything else can go.
    """
    parts = _parts(status, message, brief=False)
    if _wide(parts) > width:
        parts = _parts(status, message, brief=True)
    fitting: list[tuple[int, str]] = []
    for part in sorted(parts, key=lambda part: part[0]):
        if not fitting or _wide([*fitting, part]) <= width:
            fitting.append(part)
    return shorten(_GAP.join(part[1] for part in parts if part in fitting), width, tail=0)


def _wide(parts: list[tuple[int, str]]) -> int:
    return sum(cell_len(text) + len(_GAP) for _, text in parts) - len(_GAP)


def _parts(status: Status, message: str, *, brief: bool) -> list[tuple[int, str]]:
    """Return (rank, text) of each part in the order of the line; 0 is the most important.

    ``brief``: without the reason why nothing can be decided; a message that has it says it alone.
    """
    read_only = "read-only" if brief else f"read-only: {status.read_only}"
    if not status.read_only or status.read_only in message:
        read_only = ""
    pace = f"{status.pace:.0f} photos/min" if status.pace else ""
    left = f"{duration(status.seconds)} left" if status.seconds is not None else ""
    threshold = "" if status.threshold is None else f"threshold {status.threshold:.2f}"
    parts = [
        (0, message),
        (1, status.search),
        (2, f"{status.undecided:,} undecided"),
        (3, _marked(status)),
        (8, pace),
        (7, left),
        (6, threshold),
        (9, status.filter),
        (10, status.order),
        (1, read_only),
        (2, f"O: {status.before} (of the picture before)" if status.before else ""),
        (2, status.promised),
        (4, f"also at {status.also}" if status.also else ""),
        (4 if not message else 11, status.engine),
        (5 if not message else 12, status.next),
    ]
    return [(rank, text) for rank, text in parts if text]


def _marked(status: Status) -> str:
    marked = f"{status.marked:,} marked" if status.marked or status.elsewhere else ""
    return marked + (f", +{status.elsewhere:,} elsewhere" if status.elsewhere else "")


def duration(seconds: float) -> str:
    """Return a time as a person says it, in one or two units."""
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"
