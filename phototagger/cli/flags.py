"""The command line's flags: one for each setting, the same on every command."""

import argparse
from collections.abc import Sequence
from typing import Any

from phototagger.settings.model import RULES, default_of, flag_of, written_default

_REPEATED = ("prompt", "keys", "discover")


def settings_flags() -> argparse.ArgumentParser:
    """Return a parent parser with a flag for each setting. Values stay text: settings check them.

    A flag that is not typed leaves no trace, so that the file and the defaults can speak.
    """
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = parser.add_argument_group("settings")
    for name, rule in RULES.items():
        default = default_of(name)
        written = written_default(name)
        shown = f" (default: {written})" if written else ""
        listed = f" One of {', '.join(rule.choices)}." if rule.choices else ""
        group.add_argument(
            flag_of(name),
            dest=name,
            metavar=_metavar(name, default, is_path=rule.is_path),
            action="append" if name in _REPEATED else "store",
            help=f"{rule.sentence}{listed}{shown}".replace("%", "%%"),
        )
    return parser


def _metavar(name: str, default: Any, *, is_path: bool) -> str:
    if name == "keys":
        return "ACTION=KEY"
    if name == "discover":
        return "NAME"
    if is_path:
        return "PATH"
    kinds = {bool: "true|false", int: "N", float: "X", tuple: "NAME,NAME"}
    return kinds.get(type(default), "TEXT")


def common_flags() -> argparse.ArgumentParser:
    """Return a parent parser with the flags of every command that are no settings."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("root_word", nargs="?", metavar="ROOT", help="the same as --root ROOT")
    parser.add_argument(
        "--config", metavar="FILE", help="read settings from this file (default: ./config.yaml)"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print one event a line, as JSON")
    how.add_argument("--quiet", action="store_true", help="say nothing but errors")
    parser.add_argument(
        "--force-unlock",
        action="store_true",
        help="take a run_dir over that a phototagger on another host left locked",
    )
    return parser


def takes_value(flag: str) -> bool:
    """Tell whether a flag is followed by a value."""
    return flag in _WITH_VALUE


_WITH_VALUE = frozenset(
    [
        *(flag_of(name) for name in RULES),
        "--config",
        "--run",
        "--from",
        "--embeddings",
        "--shard",
        "--engine",
        "--ray-address",
        "--label",
        "--like",
        "--top",
        "--min-score",
        "--paths-from",
        "--confidence",
        "--looks",
        "--revoke",
        "--png",
        "--send-to",
        "--budget",
        "--for",
        "--output",
        "--format",
        "--merge",
    ]
)


def first_word(words: Sequence[str]) -> int | None:
    """Return the position of the first word that is neither a flag nor a flag's value."""
    skip = False
    for position, word in enumerate(words):
        if skip:
            skip = False
        elif word == "--":
            return position + 1 if position + 1 < len(words) else None
        elif word.startswith("-") and word != "-":
            skip = takes_value(word)
        else:
            return position
    return None


def reword(parser: argparse.ArgumentParser, dest: str, metavar: str, sentence: str) -> None:
    """Give a flag that every command has a help text of this command's own."""
    for action in parser._actions:
        if action.dest == dest:
            action.metavar, action.help = metavar, sentence
