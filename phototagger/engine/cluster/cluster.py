"""The model of a job on the nodes of a Ray cluster, behind the interface of one process."""

import json
import os
import secrets
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from phototagger.core.thumb_cache import CACHE_TAG, begin_cache
from phototagger.engine.cluster.connecting import LOCAL, check_address
from phototagger.engine.cluster.host import NodePart
from phototagger.engine.cluster.nodes import PATIENCE_SECONDS
from phototagger.engine.model import Loaded, weights_digest
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.batches import Batch
from phototagger.engine.process import child
from phototagger.engine.process.child import Child
from phototagger.engine.process.client import Remote
from phototagger.engine.process.pool import Member, Pool
from phototagger.errors import MissingError
from phototagger.settings.model import Settings

_PYTHON = (sys.executable, "-P", "-m")
_START_SECONDS = 2 * PATIENCE_SECONDS
_END_SECONDS = 10.0


class Cluster:
    """Finds the nodes when it is first needed, and loads the model on each; see ``Pool``.

    ``address`` is HOST:PORT, or ``connecting.LOCAL``. Every node sees the photos and the thumbnails
    at the same paths as this machine. Raises MissingError where Ray is not installed.
    """

    def __init__(self, settings: Settings, log: Callable[[], Path], address: str) -> None:
        if find_spec("ray") is None:
            raise MissingError(
                "--engine ray needs the package ray, which is not installed",
                "type `pip install 'phototagger[ray]'`",
            )
        check_address(address)
        self._settings = settings
        self._log = log
        # Ray reports its use to its makers where it is not told otherwise.
        self._environment = {"RAY_USAGE_STATS_ENABLED": "0"}
        if address == LOCAL:
            # Whoever may connect to a cluster may run anything on it.
            token = secrets.token_hex(32)
            self._environment |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": token}
        command = [*_PYTHON, "phototagger.engine.cluster.nodes", address]
        self._nodes = Child(log, command, silence=_START_SECONDS, environment=self._environment)
        self._pool: Pool | None = None

    @property
    def loaded(self) -> bool:
        """Whether the model is loaded, on a node that runs."""
        return self._pool is not None and self._pool.loaded

    def load(self, settings: Settings, say: Callable[[str], None]) -> Loaded:
        """Load the model of the settings; see ``model.load``."""
        return self._begun(say).load(settings, say)

    def looked_at(
        self,
        asked: Asked,
        items: Iterable[tuple[int, str]],
        say: Callable[[str], None],
        before: Callable[[], None],
    ) -> Generator[Batch, None, None]:
        """Yield batches of looks as they come, of all nodes; see ``batches.looked_at``."""
        return self._begun(say).looked_at(asked, items, say, before)

    def stop(self) -> None:
        """End the work of all nodes at once, from any thread."""
        if self._pool is not None:
            self._pool.stop()
        self._nodes.stop()

    def close(self) -> None:
        """End the work of all nodes, and a local cluster."""
        if self._pool is not None:
            self._pool.close()
        self._nodes.close(_END_SECONDS)

    def _begun(self, say: Callable[[str], None]) -> Pool:
        if self._pool is None:
            begin_cache(self._settings.cache_dir)  # every node is to see it
            answer = self._nodes.ask({"do": "nodes"}, seconds=_START_SECONDS).header
            weights = weights_digest(self._settings)
            members = [*self._members(answer["address"], answer["nodes"], weights)]
            if not members:
                raise MissingError(
                    "the Ray cluster has no node that computes",
                    "start one with `ray start --address=HOST:PORT`, on one core at least",
                )
            say(f"a Ray cluster computes: {', '.join(member.name for member in members)}")
            self._pool = Pool(members)
        return self._pool

    def _members(self, address: str, nodes: list[dict[str, Any]], weights: str) -> Iterator[Member]:
        """Yield a member for each node; where nodes have cards, for each card and no other."""
        settings = self._settings
        on_cards = settings.device != "cpu" and any(node["cards"] for node in nodes)
        command = [*_PYTHON, "phototagger.engine.cluster.relay", address]
        for count, node in enumerate(nodes, start=1):
            parts = node["cards"] if on_cards else min(node["cores"], 1)
            for number in range(parts):
                part = NodePart(
                    node=node["id"],
                    number=number,
                    parts=parts,
                    cores=node["cores"] // parts,
                    card=on_cards,
                    seen=_seen(settings),
                    version=version("phototagger"),
                    command=child.COMMAND[1:],
                )
                words = [*command, json.dumps(part._asdict())]
                remote = Remote(self._log, words, environment=self._environment)
                name = f"node {count} ({node['host']})"
                if parts > 1:
                    name += f" card {number + 1}"
                device = "cuda" if on_cards else settings.device
                yield Member(remote, name, device=device, weights=weights)


def _seen(settings: Settings) -> list[str]:
    """Return what a node has to see: a folder where a disk is not mounted is there, and empty."""
    with os.scandir(settings.root) as names:
        of_root = next((entry.path for entry in names), settings.root)
    of_cache = Path(settings.cache_dir, CACHE_TAG)
    return [os.path.abspath(path) for path in (of_root, of_cache)]
