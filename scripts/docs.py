"""Writes the parts of README.md and docs/ that are made from the code: ``python scripts/docs.py``.

With ``--check`` it writes nothing and exits 1 where one of them is not up to date.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.cli.command_table import COMMANDS
from phototagger.errors import ExitCode
from phototagger.formats import FORMATS
from phototagger.imaging.opened import cure_of
from phototagger.settings.model import RULES, flag_of, written_default
from phototagger.tui.keys_said import key_table_markdown

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKOUT = Path(__file__).parents[1]
PAGES = (CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md")))
SHOWN = ("animals/cat", "animals/honey-bee", "city/suspension-bridge", "food/espresso", "rocket")
"""The samples whose lines of the demo's table are shown."""


def commands() -> str:
    """Return the table of commands."""
    rows = [f"| `{one.name}` | {one.sentence} |" for one in COMMANDS.values()]
    return "\n".join(["| command | does |", "|---|---|", *rows])


def settings() -> str:
    """Return the table of settings."""
    rows = ["| setting | flag | default | says |", "|---|---|---|---|"]
    for name, rule in RULES.items():
        default = written_default(name)
        shown = f"`{default}`" if default else ""
        bounds = f" ({rule.low:g} to {rule.high:g})" if rule.low is not None else ""
        choices = (
            f" One of {', '.join(f'`{one}`' for one in rule.choices)}." if rule.choices else ""
        )
        rows.append(
            f"| `{name}` | `{flag_of(name)}` | {shown} | {rule.sentence}{choices}{bounds} |"
        )
    return "\n".join(rows)


def formats() -> str:
    """Return the table of formats."""
    rows = ["| format | files | needs |", "|---|---|---|"]
    for row in FORMATS.values():
        needs = f"`{cure_of([row])}` ({row.package})" if row.package else "nothing more"
        rows.append(f"| `{row.name}` | {' '.join(f'`{one}`' for one in row.endings)} | {needs} |")
    return "\n".join(rows)


def exit_codes() -> str:
    """Return the table of exit codes."""
    rows = [f"| {code.value} | {code.sentence} |" for code in ExitCode]
    return "\n".join(["| code | means |", "|---|---|", *rows])


@functools.cache
def demo() -> tuple[list[str], list[str]]:
    """Return the lines that ``phototagger demo`` prints, and those of its ``results.csv``."""
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(
            [sys.executable, "-m", "phototagger", "demo", "--quiet"],
            env={**os.environ, "TMPDIR": folder, "COLUMNS": "120"},
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        lines = ended.stdout.splitlines()
        results = Path(lines[-1], "results.csv").read_text(encoding="utf-8").splitlines()
    return lines, results


def demo_table() -> str:
    """Return the head of the demo's table, and some of its lines."""
    lines, _ = demo()
    shown = [line.rstrip() for line in lines if line.startswith(("photo ", *SHOWN))]
    return "\n".join(["```", *shown, "```"])


def results_csv() -> str:
    """Return the first two lines of the demo's ``results.csv``, as of somebody's folder."""
    _, (header, first, *_) = demo()
    path, rel_path, *cells, _, model = first.split(",")
    row = [f"/home/ana/photos/{rel_path}", rel_path, *cells, "20261123-101500", model]
    assert path.endswith(rel_path)
    return "\n".join(["```", header, ",".join(row), "```"])


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "keys": lambda: key_table_markdown().rstrip(),
    "settings": settings,
    "formats": formats,
    "exit codes": exit_codes,
    "demo": demo_table,
    "results": results_csv,
}


MEASURED = ("demo", "results")
"""The parts whose numbers another processor may round otherwise."""

_NUMBER = re.compile(r"\d\.\d+")
_ROUNDING = 0.011


def parts_of(text: str) -> list[str]:
    """Return the names of the generated parts of a page."""
    return re.findall(r"<!-- begin (.+?) -->", text)


def replace_part(text: str, name: str) -> str:
    """Return a page's text with one generated part made anew, where it says something else."""
    before, begin, rest = text.partition(f"<!-- begin {name} -->\n")
    part, end, after = rest.partition(f"<!-- end {name} -->")
    made = f"{PARTS[name]()}\n"
    if name in MEASURED and says_the_same(part, made):
        return text
    return f"{before}{begin}{made}{end}{after}"


def says_the_same(part: str, made: str) -> bool:
    """Tell whether two texts are equal but for the last digits of measured numbers."""
    numbers = [list(map(float, _NUMBER.findall(text))) for text in (part, made)]
    return _NUMBER.sub("", part) == _NUMBER.sub("", made) and all(
        abs(one - other) < _ROUNDING for one, other in zip(*numbers, strict=True)
    )


def main() -> int:
    """Write the pages anew, or check them."""
    texts = {page: page.read_text() for page in PAGES}
    if sorted(name for text in texts.values() for name in parts_of(text)) != sorted(PARTS):
        raise SystemExit("README.md, docs/: every generated part has to stand on one page, once")
    made = {page: functools.reduce(replace_part, parts_of(t), t) for page, t in texts.items()}
    if "--check" in sys.argv:
        return int(made != texts)
    for page, text in made.items():
        page.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
