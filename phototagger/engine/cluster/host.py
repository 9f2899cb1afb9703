"""The model's process on a node: the actor that starts it there, and hands its bytes on."""

import math
import os
import secrets
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import NamedTuple

from phototagger.engine.process.piped import GoneError, HangsError, Piped
from phototagger.engine.process.pool import share
from phototagger.printable import printable

_PIECE = 2**20
_PATIENCE = 3600.0  # whoever waits for an answer has limits of its own


class NodePart(NamedTuple):
    """What a part of a node is for: the ``number``-th of ``parts``, each with so many ``cores``.

    ``card``: whether it has a card to itself. The node has to see the paths ``seen``, and to have
    this ``version`` of phototagger. ``command`` is what Python runs there.
    """

    node: str
    number: int
    parts: int
    cores: int
    card: bool
    seen: Sequence[str]
    version: str
    command: Sequence[str]


class Host:
    """Runs the model's process, whose stderr goes where Ray keeps its own."""

    def begin(self, part: NodePart) -> str:
        """Start the process; return what keeps it from being used here, empty where nothing."""
        if (own := version("phototagger")) != part.version:
            return f"has phototagger {own}, not {part.version}"
        for path in part.seen:
            if not os.path.lexists(path):
                return f"does not see {printable(path)}"
        cores = share(sorted(os.sched_getaffinity(0)), part.number, part.parts)
        if 0 < part.cores < len(cores):  # the cluster was told that it may use fewer
            cores = secrets.SystemRandom().sample(cores, part.cores)
        os.sched_setaffinity(0, cores)
        self._process = Piped([sys.executable, *part.command], None, _PATIENCE)
        return ""

    def write(self, data: bytes) -> None:
        """Give the process bytes."""
        self._process.write([memoryview(data)], math.inf)

    def read(self) -> bytes:
        """Return bytes of the process; none where it has ended."""
        while True:
            try:
                return self._process.some(_PIECE, math.inf)
            except HangsError:
                continue
            except GoneError:
                return b""

    def ended(self) -> int | None:
        """Return the exit code of the process."""
        return self._process.ended()
