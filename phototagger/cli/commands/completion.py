"""``phototagger completion bash|zsh|fish``."""

import argparse
import sys
from collections.abc import Sequence

from phototagger.errors import ExitCode, MissingError, UsageError

SHELLS = ("bash", "zsh", "fish")


def completion(args: argparse.Namespace, _words: Sequence[str]) -> ExitCode:
    """Print the completion script of a shell."""
    if args.root_word not in SHELLS:
        raise UsageError(
            "completion: no shell is named",
            f"name a shell: phototagger completion {'|'.join(SHELLS)}",
        )
    try:
        import shtab
    except ImportError as error:
        raise MissingError(
            "completion needs the package shtab",
            "install it: pip install 'phototagger[completion]'",
        ) from error
    sys.stdout.write(shtab.complete(args.whole_parser(), shell=args.root_word) + "\n")
    return ExitCode.DONE
