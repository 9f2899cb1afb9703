"""``REPORT.md``: what a person, or whoever helps him, needs when a step failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phototagger.core.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Report:
    """What is told of a failed step. ``fix`` is one line; ``completed`` one line a step."""

    step: str
    command: str
    output: str
    cause: str
    fix: str
    completed: Sequence[str]
    awaiting: bool = False

    def text(self) -> str:
        """Return the report as Markdown."""
        completed = "\n".join(f"- {line}" for line in self.completed) or "- nothing yet"
        parts = (
            "# Build/Run Report",
            f"## Step that failed\n\n{self.step}",
            f"## Command executed\n\n```\n{self.command or 'phototagger'}\n```",
            f"## Error output\n\n```\n{self.output.strip()}\n```",
            f"## Likely cause\n\n{self.cause}",
            f"## Proposed fix\n\n{' '.join(self.fix.split())}",
            f"## What completed successfully\n\n{completed}",
            f"## Awaiting User confirmation\n\n{'yes' if self.awaiting else 'no'}",
        )
        return "\n\n".join(parts) + "\n"


def write_report(report: Report, target: Path) -> None:
    """Write the report whole or not at all."""
    with write_atomically(target) as file:
        file.write(report.text().encode("utf-8", "replace"))
