"""The argparse parsers: one for each command, and one that only helps."""

import argparse
from importlib import metadata
from typing import NoReturn

from phototagger.cli.command_table import COMMANDS, Command
from phototagger.cli.flags import common_flags, settings_flags
from phototagger.errors import ExitCode, UsageError

_USAGE = """phototagger ROOT [flags]
       phototagger COMMAND [flags]
       phototagger --batch ROOT [flags]"""


class Parser(argparse.ArgumentParser):
    """Tells a mistake as argparse does, and on stdout as well where JSON was asked for."""

    as_json = False

    def error(self, message: str) -> NoReturn:
        """Tell a mistake in the words, and end with exit code 2."""
        if self.as_json:
            from phototagger.cli.output.json_lines import error_data, print_finished, print_json

            print_json(error_data(UsageError(message, f"`{self.prog} --help` lists the flags")))
            print_finished(ExitCode.USAGE)
        super().error(message)


def parser_of(command: Command) -> Parser:
    """Return the parser of a command's words, its name taken out."""
    parser = Parser(
        prog=f"phototagger {command.name}",
        usage=f"phototagger {command.name} {command.words} [flags]".replace("  ", " "),
        description=command.sentence,
        epilog=_exit_codes(),
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common_flags(), settings_flags()],
    )
    # A command that completes them needs the words of all, its own among them.
    parser.set_defaults(command=command.name, whole_parser=whole_parser)
    command.add_flags(parser)
    return parser


def top_parser() -> Parser:
    """Return the parser of ``phototagger`` without a command: it knows --help and --version."""
    parser = Parser(
        prog="phototagger",
        usage=_USAGE,
        description="Tag photos: CLIP suggests labels, a person decides.\n\ncommands:\n"
        + "\n".join(f"  {command.name:10} {command.sentence}" for command in COMMANDS.values())
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
    return parser


def whole_parser() -> argparse.ArgumentParser:
    """Return one parser of all commands, as shells complete them."""
    parser = top_parser()
    commands = parser.add_subparsers(parser_class=argparse.ArgumentParser)
    for command in COMMANDS.values():
        subparser = commands.add_parser(
            command.name,
            help=command.sentence,
            parents=[common_flags(), settings_flags()],
        )
        command.add_flags(subparser)
    return parser


def _exit_codes() -> str:
    return "exit codes:\n" + "\n".join(f"  {code.value:>3}  {code.sentence}" for code in ExitCode)
