"""Run folders: ``runs/<YYYYmmdd-HHMMSS>/``, what each holds, and which one to continue."""

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from phototagger.errors import MissingError, UsageError
from phototagger.files.atomic import remove_leftovers, write_atomically
from phototagger.files.own import (
    add_to,
    check_owner,
    is_real_folder,
    make_folder,
    naming,
    new_folder,
    read_own_json,
)
from phototagger.files.paths import readable, restored
from phototagger.printable import json_text, one_line, printable
from phototagger.settings.model import Settings, default_of

_NAME = re.compile(r"\d{8}-\d{6}(-\d+)?$")
_SAME = ("root", "model_name", "pretrained", "from_thumbs")
MOST_FROZEN = 100_000_000
"""The longest config.json of a run, which holds the labels, in bytes."""


@dataclass(frozen=True)
class RunFolder:
    """One run: a folder of results, and the settings that made them."""

    path: Path
    started: datetime | None = field(default=None, compare=False)
    """When it began, where this process began it; ``config.json`` keeps it."""

    @property
    def run_id(self) -> str:
        """The run's name, which is its folder's."""
        return self.path.name

    def file(self, name: str) -> Path:
        """Return the path of one of the run's files."""
        return self.path / name

    def config(self) -> dict[str, Any]:
        """Return what ``config.json`` holds; empty where it cannot be read."""
        return read_own_json(self.file("config.json"), MOST_FROZEN)

    def write_config(
        self, settings: Settings, labels: Sequence[str], more: Mapping[str, Any]
    ) -> None:
        """Write ``config.json``: enough to repeat the run."""
        started = self.started.isoformat() if self.started else self.config().get("started")
        frozen = {
            "run_id": self.run_id,
            "started": started,
            "settings": {key: readable(value) for key, value in settings.frozen().items()},
            "labels": list(labels),
            **more,
        }
        with write_atomically(self.file("config.json")) as file:
            file.write(json_text(frozen, indent=2).encode() + b"\n")

    def log(self, line: str, now: Callable[[], datetime] = datetime.now) -> None:
        """Add a line to ``log.txt``."""
        log = self.file("log.txt")
        with naming(log), add_to(log, self.path.parent) as file:
            file.write(
                f"{now().astimezone().isoformat(timespec='seconds')} {one_line(line)}\n".encode()
            )


def make_run_dir(run_dir: Path, root: str | None = None) -> None:
    """Make the folder of runs, catalogue and vectors, where there is none.

    Raises MissingError where it cannot be made, UsageError where it belongs to a stranger.
    """
    try:
        make_folder(run_dir)
    except OSError as error:
        raise MissingError(
            f"{printable(run_dir)}: the folder cannot be made: {error.strerror}",
            "name another with --run-dir",
        ) from error
    check_owner(run_dir, "run_dir", root)


def new_run(run_dir: Path, now: Callable[[], datetime] = datetime.now) -> RunFolder:
    """Make the folder of a new run; a suffix where another began in the same second."""
    moment = now()
    name = moment.strftime("%Y%m%d-%H%M%S")
    for number in range(1, 10_000):
        path = run_dir / (name if number == 1 else f"{name}-{number}")
        try:
            new_folder(path)
        except FileExistsError:
            continue
        return RunFolder(path, moment.astimezone(UTC))
    raise UsageError(f"{printable(run_dir)}: too many runs began in one second", "run again")


def clean_runs(run_dir: Path) -> None:
    """Remove what killed processes left half-written in the run_dir and its run folders."""
    for folder in (run_dir, *(run.path for run in _runs(run_dir))):
        with contextlib.suppress(OSError):  # such as a run that somebody protects
            remove_leftovers(folder)
        with contextlib.suppress(OSError):
            remove_leftovers(folder / "embeddings")


def newest_run(run_dir: Path, settings: Settings, labels: Sequence[str] | None) -> RunFolder | None:
    """Return the newest run of the same root, model and labels (by content).

    Without labels: of the same root, whatever it was made with.
    """
    for run in sorted(_runs(run_dir), key=_age, reverse=True):
        config = run.config()
        if isinstance(config.get("settings"), dict) and not _others(config, settings, labels):
            return run
    return None


def settings_of_runs(run_dir: Path, model: str) -> list[dict[str, Any]]:
    """Return the settings of the runs of a model, as JSON data, the newest first.

    Those of a run that was killed before its model was known count, too.
    """
    configs = [run.config() for run in sorted(_runs(run_dir), key=_age, reverse=True)]
    of_it = [config.get("settings") for config in configs if config.get("model") in (None, model)]
    return [settings for settings in of_it if isinstance(settings, dict)]


def run_of(
    run_dir: Path, run_id: str, settings: Settings, labels: Sequence[str] | None
) -> RunFolder:
    """Return the run of this name.

    Raises UsageError where there is none, or where it is of another root, model or labels;
    without labels only the root counts.
    """
    run = RunFolder(run_dir / run_id)
    if not (_NAME.match(run_id) and is_real_folder(run.path)):
        raise UsageError(
            f"--run: {printable(run_dir)} holds no run {run_id!r}",
            "name another, or leave --run out",
        )
    others = _others(run.config(), settings, labels)
    if others:
        raise UsageError(
            f"--run: {run_id} cannot be continued: {'; '.join(others)}",
            "name what it was made with, or leave --run out",
        )
    return run


def _others(config: dict[str, Any], settings: Settings, labels: Sequence[str] | None) -> list[str]:
    """Say in what a run differs: nothing where it has no config.json yet."""
    frozen = config.get("settings")
    if not isinstance(frozen, dict):
        return []
    now = {key: readable(value) for key, value in settings.frozen().items()}
    differences = [
        f"its {name} is {_readable(frozen.get(name))}, not {_readable(now[name])}"
        for name in (_SAME if labels is not None else _SAME[:1])
        if frozen.get(name, default_of(name)) != now[name]
    ]
    labels_then = config.get("labels")
    if labels is not None and labels_then != list(labels):
        count = len(labels_then) if isinstance(labels_then, list) else 0
        differences.append(f"its {count:,} labels are not the {len(labels):,} of now")
    return differences


def _readable(value: Any) -> str:
    return printable(str(restored(value)))


def _runs(run_dir: Path) -> list[RunFolder]:
    """Return the run folders; a link to a folder is none, as it may lead to somebody else's."""
    paths = (path for path in run_dir.iterdir() if _NAME.match(path.name))
    return [RunFolder(path) for path in paths if is_real_folder(path)]


def _age(run: RunFolder) -> tuple[datetime, int]:
    """Return when a run began: its name is in local time, which a journey or the autumn repeats."""
    try:
        began = datetime.fromisoformat(run.config().get("started") or "")
        return began.astimezone(UTC), int(run.run_id[16:] or 1)
    except (ValueError, TypeError, OverflowError):
        pass
    try:
        named = datetime.strptime(run.run_id[:15], "%Y%m%d-%H%M%S").astimezone(UTC)
    except (ValueError, OverflowError):  # such as the 40th of a month
        named = datetime.min.replace(tzinfo=UTC)
    return named, int(run.run_id[16:] or 1)
