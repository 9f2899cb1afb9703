"""Run folders: ``runs/<YYYYmmdd-HHMMSS>/``, what each holds, and which one to continue."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from phototagger.core.errors import UsageError, printable
from phototagger.core.files import write_atomically
from phototagger.core.paths import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from phototagger.core.settings import Settings

_NAME = re.compile(r"\d{8}-\d{6}(-\d+)?$")
_SAME = ("root", "model_name", "pretrained")


@dataclass(frozen=True)
class RunFolder:
    """One run: a folder of results, and the settings that made them."""

    path: Path

    @property
    def run_id(self) -> str:
        """The run's name, which is its folder's."""
        return self.path.name

    def file(self, name: str) -> Path:
        """Return the path of one of the run's files."""
        return self.path / name

    def config(self) -> dict[str, Any]:
        """Return what ``config.json`` holds; empty where it cannot be read."""
        try:
            found = json.loads(self.file("config.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write_config(
        self, settings: Settings, labels: Sequence[str], more: Mapping[str, Any]
    ) -> None:
        """Write ``config.json``: enough to repeat the run."""
        frozen = {
            "run_id": self.run_id,
            "settings": {key: readable(value) for key, value in settings.frozen().items()},
            "labels": list(labels),
            **more,
        }
        with write_atomically(self.file("config.json")) as file:
            file.write(json.dumps(frozen, ensure_ascii=False, indent=2).encode() + b"\n")

    def log(self, line: str, now: Callable[[], datetime] = datetime.now) -> None:
        """Add a line to ``log.txt``."""
        with self.file("log.txt").open("a", encoding="utf-8") as file:
            file.write(f"{now().astimezone().isoformat(timespec='seconds')} {line}\n")


def new_run(run_dir: Path, now: Callable[[], datetime] = datetime.now) -> RunFolder:
    """Make the folder of a new run; a suffix where another began in the same second."""
    name = now().strftime("%Y%m%d-%H%M%S")
    for number in range(1, 10_000):
        path = run_dir / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return RunFolder(path)
    raise UsageError(f"{printable(run_dir)}: too many runs began in one second")


def newest_run(run_dir: Path, settings: Settings, labels: Sequence[str]) -> RunFolder | None:
    """Return the newest run of the same root, model and labels (by content)."""
    for run in sorted(_runs(run_dir), key=_age, reverse=True):
        config = run.config()
        frozen = config.get("settings")
        if not isinstance(frozen, dict):
            continue
        now = {key: readable(value) for key, value in settings.frozen().items()}
        same = all(frozen.get(name) == now[name] for name in _SAME)
        if same and config.get("labels") == list(labels):
            return run
    return None


def run_of(run_dir: Path, run_id: str) -> RunFolder:
    """Return the run of this name. Raises UsageError where there is none."""
    path = run_dir / run_id
    if not (_NAME.match(run_id) and path.is_dir()):
        raise UsageError(f"--run: {printable(run_dir)} holds no run {run_id!r}")
    return RunFolder(path)


def _runs(run_dir: Path) -> list[RunFolder]:
    return [RunFolder(path) for path in run_dir.iterdir() if _NAME.match(path.name)]


def _age(run: RunFolder) -> tuple[str, int]:
    first, _, suffix = run.run_id[:15], "", run.run_id[16:]
    return first, int(suffix or 1)
