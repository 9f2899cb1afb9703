"""What the command line says while the pipeline works: bars, lines or JSON."""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Protocol

from phototagger.cli.output.json_lines import error_data, print_json
from phototagger.core.export import path_bytes, path_fields
from phototagger.engine.events import (
    Event,
    Notice,
    PhotoFailed,
    PhotoReady,
    SidecarDone,
    StepFinished,
    StepProgress,
    StepStarted,
)
from phototagger.engine.runner import line_of
from phototagger.engine.tables.sidecar_text import result_data
from phototagger.errors import PhototaggerError
from phototagger.printable import one_line, printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from phototagger.sidecars.apply import SidecarResult

_FAILURES_SHOWN = 20


class Listener(Protocol):
    """Hears the pipeline's events and tells a person or a program."""

    def __enter__(self) -> Listener:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End, whatever happened."""

    def hear(self, event: Event) -> None:
        """Take one event."""

    def say(self, text: str) -> None:
        """Tell something outside the pipeline."""

    def failed(self, error: PhototaggerError) -> None:
        """Tell that the command ends with an error."""

    def finished(self, run: Path | None, code: int) -> None:
        """Tell that the command is over."""


class Narration:
    """Lines on stderr; on a terminal with progress bars."""

    def __init__(self, out: IO[str], *, quiet: bool = False) -> None:
        self._out = out
        self._quiet = quiet
        self._failures = 0
        self._bars = None if quiet or not out.isatty() else _bars(out)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Narration:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars:
            self._bars.stop()

    def hear(self, event: Event) -> None:
        """Take one event."""
        match event:
            case StepStarted(step, total, fresh):
                self._bar(step, fresh, total)
            case StepProgress(step, done, total):
                self._bar(step, done, total)
            case StepFinished():
                self._remove(event.step)
                self.say(line_of(event))
            case PhotoFailed(path, reason):
                self._failed_photo(path, reason)
            case SidecarDone(result):
                self._sidecar(result)
            case Notice(text):
                self.say(text)
            case PhotoReady():
                return

    def _failed_photo(self, path: str, reason: str) -> None:
        self._failures += 1
        if self._failures <= _FAILURES_SHOWN:
            self.say(f"failed: {printable(path)}: {reason}")
        elif self._failures == _FAILURES_SHOWN + 1:
            self.say("failed: more photos; failures.csv lists them all")

    def _sidecar(self, result: SidecarResult) -> None:
        if result.outcome == "refused":
            # There is no other list of these, so they are named also when asked to be quiet.
            quiet, self._quiet = self._quiet, False
            self.say(f"refused: {printable(result.sidecar)}: {result.reason}")
            self._quiet = quiet
        elif result.note:
            self.say(f"{printable(result.sidecar)}: {result.note}")

    def say(self, text: str) -> None:
        """Print one line, above the bars where there are any."""
        if self._quiet:
            return
        if self._bars and self._bars.live.is_started:
            self._bars.console.print(one_line(text), soft_wrap=True)
        else:
            print(one_line(text), file=self._out, flush=True)

    def failed(self, error: PhototaggerError) -> None:
        """Say nothing here: the error itself is printed where the command ends."""

    def finished(self, run: Path | None, code: int) -> None:
        """Say nothing more."""

    def _bar(self, step: str, done: int, total: int) -> None:
        if not self._bars:
            return
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=total or None, completed=done)
        self._bars.update(self._tasks[step], completed=done, total=total or None)

    def _remove(self, step: str) -> None:
        if self._bars and step in self._tasks:
            self._bars.remove_task(self._tasks.pop(step))


def _bars(out: IO[str]) -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    from phototagger.cli.output.console import PrintableConsole

    return Progress(
        TextColumn("{task.description:8}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
        TimeRemainingColumn(),
        console=PrintableConsole(out),
        transient=True,
    )


class JsonLines:
    """One JSON object a line on stdout; the last one says ``finished``."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def hear(self, event: Event) -> None:
        """Print one event."""
        if isinstance(event, SidecarDone):
            self._print(result_data(event.result))
            if event.result.outcome == "refused":
                sidecar = printable(event.result.sidecar)
                sys.stderr.write(one_line(f"refused: {sidecar}: {event.result.reason}") + "\n")
            return
        fields = {
            field.name: _jsonable(getattr(event, field.name)) for field in dataclasses.fields(event)
        }
        if isinstance(event, PhotoReady | PhotoFailed) and path_bytes(event.path) is not None:
            fields |= path_fields("path", event.path)
        self._print({"event": _snake(type(event).__name__), **fields})

    def say(self, text: str) -> None:
        """Print a notice."""
        self._print({"event": "notice", "text": text})

    def failed(self, error: PhototaggerError) -> None:
        """Print the error."""
        self._print(error_data(error))

    def finished(self, run: Path | None, code: int) -> None:
        """Print the last line."""
        where = path_fields("run", str(run)) if run else {"run": None}
        self._print({"event": "finished", **where, "exit": code})

    def _print(self, data: dict[str, Any]) -> None:
        print_json(data, self._out)


def _jsonable(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
