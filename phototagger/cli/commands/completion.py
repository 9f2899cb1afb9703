"""``phototagger completion bash|zsh|fish``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from phototagger.errors import ExitCode, MissingError, UsageError

if TYPE_CHECKING:
    import argparse

SHELLS = ("bash", "zsh", "fish")


def completion(args: argparse.Namespace) -> ExitCode:
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
    from phototagger.cli.parser import whole_parser

    sys.stdout.write(shtab.complete(whole_parser(), shell=args.root_word) + "\n")
    return ExitCode.DONE
