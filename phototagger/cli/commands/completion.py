"""``phototagger completion bash|zsh|fish``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from phototagger.errors import ExitCode, MissingError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

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
