"""The flags by which a person allows a provider to send photos to a host."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from phototagger.errors import UsageError
from phototagger.printable import printable

if TYPE_CHECKING:
    from phototagger.discover.provider import Consent


def consent_flags(parser: argparse.ArgumentParser) -> None:
    """Add --send-to and --budget: they are typed for each command, and no file can give them."""
    parser.add_argument(
        "--send-to",
        metavar="HOST",
        help="allow a provider that needs the network to send 512 px thumbnails without metadata "
        "to this host; nothing is sent without it",
    )
    parser.add_argument(
        "--budget",
        metavar="N[,MONEY]",
        help="send at most so many requests (default: 1000), and spend at most so much where "
        "prices are given",
    )


def consent_of(args: argparse.Namespace) -> Consent | None:
    """Return what was allowed; None where nothing was. Raises UsageError for what is no budget."""
    host, budget = getattr(args, "send_to", None), getattr(args, "budget", None)
    if host is None and budget is None:
        return None
    from phototagger.discover.provider import REQUESTS, Consent

    match = re.fullmatch(r"([0-9]+)(?:,([0-9]+(?:\.[0-9]+)?))?", budget or str(REQUESTS))
    if not match:
        cause = f"--budget {printable(budget or '')}: is no number of requests, and no money"
        raise UsageError(cause, "write 500, or 500,2.50")
    return Consent(host or "", int(match[1]), float(match[2]) if match[2] else None)
