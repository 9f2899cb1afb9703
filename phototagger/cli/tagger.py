"""The command line: ``phototagger COMMAND``, ``python -m phototagger.cli.tagger COMMAND``."""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from phototagger.cli.commands import COMMANDS, Command
from phototagger.cli.flags import common_flags, first_word, settings_flags
from phototagger.core.errors import ExitCode, PhototaggerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_USAGE = """phototagger COMMAND [flags]
       phototagger --batch ROOT [flags]"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors are printed here and nowhere else."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        command, rest = _command_of(words)
        if command is None:
            return _top_help(rest)
        args = _parser(command).parse_args(rest)
        return int(command.run(args, ["phototagger", *words]))
    except PhototaggerError as error:
        return _say(error)
    except BrokenPipeError:
        # Whoever read stdout has gone; the interpreter must not fail again on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.SOME_FAILED)
    except (OSError, sqlite3.Error, MemoryError) as error:
        from phototagger.engine.told import told

        return _say(told(error))
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)


def _say(error: PhototaggerError) -> int:
    for line in str(error).splitlines() or [type(error).__name__]:
        sys.stderr.write(f"phototagger: {line}\n")
    return int(error.exit_code)


def _command_of(words: list[str]) -> tuple[Command | None, list[str]]:
    """Return the command and its words: its name may stand anywhere among the flags."""
    batch = "--batch" in words
    if batch:
        words = [word for word in words if word != "--batch"]
    position = first_word(words)
    if position is None:
        return (COMMANDS["run"], words) if batch else (None, words)
    name = words[position]
    rest = [*words[:position], *words[position + 1 :]]
    if name in COMMANDS and not batch:
        return COMMANDS[name], rest
    if batch:
        return COMMANDS["run"], ["--root", name, *rest]
    if os.path.isdir(name):  # noqa: PTH112
        raise UsageError(
            f"the review is not built yet; to tag {name} without it: phototagger --batch {name}"
        )
    listed = ", ".join(COMMANDS)
    raise UsageError(f"{name!r} is neither a command nor a folder; the commands: {listed}")


def _parser(command: Command) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"phototagger {command.name}",
        usage=f"phototagger {command.name} [ROOT] [flags]",
        description=command.sentence,
        epilog=_exit_codes(),
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common_flags(), settings_flags()],
    )
    command.add_flags(parser)
    return parser


def _top_help(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="phototagger",
        usage=_USAGE,
        description="Tag photos: CLIP suggests labels, a person decides.\n\ncommands:\n"
        + "\n".join(f"  {one.name:9} {one.sentence}" for one in COMMANDS.values())
        + "\n\n`phototagger COMMAND --help` lists a command's flags.",
        epilog=_exit_codes(),
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--batch", metavar="ROOT", help="run everything on a folder, without a screen"
    )
    parser.add_argument(
        "--version", action="version", version=f"phototagger {metadata.version('phototagger')}"
    )
    parser.parse_args(words)
    parser.print_help(sys.stderr)
    return int(ExitCode.USAGE)


def _exit_codes() -> str:
    return "exit codes:\n" + "\n".join(f"  {code.value:>3}  {code.sentence}" for code in ExitCode)


def entry() -> None:
    """Run the command line and end the process with its exit code."""
    sys.exit(main())


if __name__ == "__main__":
    entry()
