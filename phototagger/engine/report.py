"""``REPORT.md``: what a person, and whoever helps, needs when a step failed."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from phototagger.errors import PhototaggerError
from phototagger.files.atomic import write_atomically
from phototagger.printable import one_line, printable_lines


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
        """Return the report as Markdown, in which nothing from outside is markup."""
        completed = "\n".join(f"- {_words(line)}" for line in self.completed) or "- nothing yet"
        parts = (
            "# Build/Run Report\n\nA step could not be completed; what was done before it is kept.",
            f"## Step that failed\n\n{_words(self.step)}",
            f"## Command executed\n\n{_code(self.command or 'phototagger')}",
            f"## Error output\n\n{_code(self.output.strip() or self.cause)}",
            f"## Likely cause\n\n{_words(self.cause)}",
            f"## Proposed fix\n\n{_words(self.fix)}",
            f"## What completed successfully\n\n{completed}",
            f"## Awaiting User confirmation\n\n{'yes' if self.awaiting else 'no'}",
        )
        return "\n\n".join(parts) + "\n"


def report_of(
    error: PhototaggerError,
    *,
    step: str,
    command: Sequence[str],
    output: str,
    completed: Sequence[str],
) -> Report:
    """Return the report of an error."""
    return Report(
        step=step,
        command=shlex.join(command),
        output=output,
        cause=error.cause,
        fix=error.cure,
        completed=completed,
    )


def _words(text: str) -> str:
    """Return one line of words: no link, no picture and no HTML comes out of them."""
    return re.sub(r"[\[\]<]", r"\\\g<0>", one_line(text))


def _code(text: str) -> str:
    """Return text as a block of code, within more backticks than it holds itself."""
    text = printable_lines(text)
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{fence}\n{text}\n{fence}"


def write_report(report: Report, target: Path) -> None:
    """Write the report whole or not at all."""
    with write_atomically(target) as file:
        file.write(report.text().encode("utf-8", "replace"))
