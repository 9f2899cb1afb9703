"""Where the model of a job lives: here, in other processes, or on other machines."""

from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Protocol

from phototagger.engine.model import Loaded
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.batches import Batch
from phototagger.engine.process import pool
from phototagger.engine.process.client import Remote
from phototagger.settings.model import Settings


class Computes(Protocol):
    """Loads the model elsewhere, and looks at photos there; see ``client.Remote``."""

    @property
    def loaded(self) -> bool:
        """Whether the model is loaded, in a process that runs."""

    def load(self, settings: Settings, say: Callable[[str], None], /) -> Loaded:
        """Load the model of the settings."""

    def looked_at(
        self,
        asked: Asked,
        items: Iterable[tuple[int, str]],
        say: Callable[[str], None],
        before: Callable[[], None],
        /,
    ) -> Generator[Batch, None, None]:
        """Yield batches of looks at photos (position, path)."""

    def stop(self) -> None:
        """End at once, from any thread."""

    def close(self) -> None:
        """End."""


def remote_of(
    settings: Settings, log: Callable[[], Path], *, alone: bool, ray_address: str | None
) -> Computes | None:
    """Return what loads the model elsewhere; None: it is loaded here.

    That is on the nodes of a Ray cluster where its address is given, in a process for each of
    several cards, or in one, where the model has to be ``alone``.
    """
    if ray_address is not None:
        from phototagger.engine.cluster.cluster import Cluster

        return Cluster(settings, log, ray_address)
    if devices := pool.devices_of(settings.device):
        return pool.pool_of(devices, log)
    return Remote(log) if alone else None
