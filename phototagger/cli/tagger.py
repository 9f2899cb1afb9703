"""The command line: ``phototagger COMMAND``, ``python -m phototagger.cli.tagger COMMAND``."""

import difflib
import gc
import os
import shlex
import signal
import sqlite3
import sys
from collections.abc import Sequence

from phototagger.cli.command_table import COMMANDS, Command
from phototagger.cli.flags import first_word
from phototagger.cli.output.streams import lost, open_streams
from phototagger.cli.packages import check_packages
from phototagger.cli.parser import parser_of, top_parser
from phototagger.errors import ExitCode, PhototaggerError, UsageError
from phototagger.notices import listen
from phototagger.printable import one_line
from phototagger.settings.environment import check_environment
from phototagger.settings.model import RULES, flag_of

_SETTINGS = frozenset(map(flag_of, RULES))
_OBJECTS = 10_000  # that are made before cycles among them are looked for
_WITHOUT_PACKAGES = ("doctor", "completion")  # what says what is wrong has to work in its midst


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors are printed here and nowhere else."""
    words = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in words
    # Tables are written block by block: more threads would only hold more blocks in memory.
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    try:
        _check_current_folder()
        command, arguments = _command_of(words)
        parser = top_parser() if command is None else parser_of(command)
        parser.as_json = as_json
        if command is None:
            parser.parse_args(arguments)
            parser.print_help(sys.stderr)
            return int(ExitCode.USAGE)
        args = parser.parse_intermixed_args(arguments)  # flags may stand between words
        if command.name not in _WITHOUT_PACKAGES:
            check_packages()
            check_environment()
        listen(None if getattr(args, "quiet", False) else _note)
        return int(command.run(args, ["phototagger", *words]))
    except PhototaggerError as error:
        return _say(error, as_json=as_json)
    except (OSError, sqlite3.Error, MemoryError) as error:
        from phototagger.engine.advice import told

        return _say(told(error), as_json=as_json)
    except KeyboardInterrupt:
        return int(ExitCode.INTERRUPTED)


def _say(error: PhototaggerError, *, as_json: bool) -> int:
    if as_json and not error.told:
        from phototagger.cli.output.json_lines import error_data, print_finished, print_json

        print_json(error_data(error))
        print_finished(error.exit_code)
    for message in error.messages:
        sys.stderr.write(f"phototagger: {one_line(message)}\n")
    return int(error.exit_code)


def _note(sentence: str) -> None:
    """Say what takes long, beside whatever else the command says."""
    sys.stderr.write(f"{one_line(sentence)}\n")
    sys.stderr.flush()


def _check_current_folder() -> None:
    try:
        os.getcwd()  # noqa: PTH109
    except FileNotFoundError as error:
        raise UsageError(
            "the current folder was removed", "go to one that is there (`cd`), then run again"
        ) from error


def _check_words(words: Sequence[str]) -> None:
    """Raise UsageError where a flag is given a value that it cannot have."""
    for word in words:
        if word.startswith("--") and word.endswith("=--"):  # argparse makes a list of it
            flag = word.removesuffix("=--")
            raise UsageError(
                f"{word}: `--` is no value", f"a file or folder of that name is {flag}=./--"
            )
        if word.startswith("--batch="):
            root = word.removeprefix("--batch=")
            raise UsageError(
                f"{word}: --batch takes no value",
                f"write it with a space: phototagger --batch {root}",
            )


def _command_of(words: list[str]) -> tuple[Command | None, list[str]]:
    """Return the command and its words: its name may stand anywhere among the flags."""
    _check_words(words)
    batch = "--batch" in words
    if batch:
        words = [word for word in words if word != "--batch"]
    position = first_word(words)
    if position is None:
        if batch:
            return COMMANDS["run"], words
        if {word.partition("=")[0] for word in words} & _SETTINGS:
            typed = shlex.join(words)
            raise UsageError(
                "no command", f"to tag a folder without the review: phototagger run {typed}"
            )
        return None, words
    name = words[position]
    arguments = [*words[:position], *words[position + 1 :]]
    if name in COMMANDS and not batch:
        return COMMANDS[name], arguments
    if batch:
        return COMMANDS["run"], ["--root", name, *arguments]
    if os.path.isdir(name):  # noqa: PTH112
        return COMMANDS["review"], ["--root", name, *arguments]
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    meant = f"did you mean `phototagger {near[0]}`? " if near else ""
    cause = f"{name!r} is neither a command nor a folder"
    raise UsageError(cause, f"{meant}the commands: {', '.join(COMMANDS)}")


def _code_of_main() -> int:
    try:
        return main()
    except SystemExit as end:  # of argparse, after --help or a wrong flag
        return int(end.code or 0)


def _delivered(code: int) -> int:
    """Return the exit code, now that all was done: it is another where stdout took no data."""
    failure = lost()
    if failure is None:
        return code
    from phototagger.engine.advice import told

    return _say(told(failure), as_json=False) if code == ExitCode.DONE else code


def entry() -> None:
    """Run the command line and end the process with its exit code."""
    # Until a job takes the signals over, SIGTERM ends the process as Ctrl+C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
            signal.signal(number, signal.default_int_handler)
    # Rows come by the hundred thousand and modules by the hundred: none of that is a lost cycle.
    gc.set_threshold(_OBJECTS)
    open_streams()
    code = _delivered(_code_of_main())
    gc.freeze()  # Python would look for cycles in all of torch, only to end
    sys.exit(code)


if __name__ == "__main__":
    entry()
