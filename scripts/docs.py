"""Writes the parts of README.md that are made from the code: ``python scripts/docs.py``.

With ``--check`` it writes nothing and exits 1 where README.md is not up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.cli.commands import COMMANDS
from phototagger.core.errors import ExitCode
from phototagger.core.settings import RULES, flag_of, written_default
from phototagger.tui.keys import key_table_markdown

if TYPE_CHECKING:
    from collections.abc import Callable

README = Path(__file__).parents[1] / "README.md"


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


def exit_codes() -> str:
    """Return the table of exit codes."""
    rows = [f"| {code.value} | {code.sentence} |" for code in ExitCode]
    return "\n".join(["| code | means |", "|---|---|", *rows])


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "keys": lambda: key_table_markdown().rstrip(),
    "settings": settings,
    "exit codes": exit_codes,
}


def up_to_date(text: str) -> str:
    """Return a README's text with every generated part made anew."""
    for name, make in PARTS.items():
        before, begin, rest = text.partition(f"<!-- begin {name} -->\n")
        _, end, after = rest.partition(f"<!-- end {name} -->")
        if not end:
            raise SystemExit(f"README.md: the marks of the part {name!r} are missing")
        text = f"{before}{begin}{make()}\n{end}{after}"
    return text


def main() -> int:
    """Write README.md anew, or check it."""
    text = README.read_text()
    made = up_to_date(text)
    if "--check" in sys.argv:
        return int(made != text)
    README.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
