"""What was typed → a promise: ``--precision 0.95``.

The flag is also a setting, the number format of the model, whose values are words.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from phototagger.cli.flags import reword
from phototagger.errors import UsageError
from phototagger.printable import printable

if TYPE_CHECKING:
    from phototagger.engine.certificates.sample import Promise

_LEAST, _MOST = 0.5, 0.999


def promise_flags(parser: argparse.ArgumentParser) -> None:
    """Add what a promise is made of."""
    reword(
        parser,
        "precision",
        "P",
        "what is promised of approvals, such as 0.95; a word is the setting of that name",
    )
    parser.add_argument(
        "--confidence", metavar="C", help="with --precision: how sure it is (default: 0.9)"
    )
    parser.add_argument(
        "--over-labels",
        action="store_true",
        help="with --precision: promise it of all labels together, not of a photo at random; that "
        "takes more looks",
    )


def is_promise(args: argparse.Namespace) -> bool:
    """Tell whether ``--precision`` was typed with a number."""
    return _number(getattr(args, "precision", "")) is not None


def take_promise(args: argparse.Namespace) -> Promise | None:
    """Return the promise that was typed, and leave the setting of the same name unset."""
    typed = getattr(args, "precision", None)
    precision = None if typed is None else _number(typed)
    if precision is None:
        for flag, value in (("--confidence", args.confidence), ("--over-labels", args.over_labels)):
            if value:
                raise UsageError(
                    f"{flag} goes with --precision P", "add it, with a number such as 0.95"
                )
        return None
    del args.precision
    from phototagger.engine.certificates.sample import Promise  # numpy, only where it is used

    confidence = 0.9 if args.confidence is None else _number(args.confidence)
    return Promise(
        _checked("--precision", typed, precision),
        _checked("--confidence", args.confidence, confidence),
        args.over_labels,
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _checked(flag: str, typed: object, value: float | None) -> float:
    if value is None or not _LEAST <= value <= _MOST:
        raise UsageError(
            f"{flag}: must be a number from {_LEAST} to {_MOST}, not {printable(str(typed))!r}",
            "name one between them, such as 0.95",
        )
    return value
