"""The model of a job in a process of its own: the same interface, nothing loaded here."""

import os
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from phototagger.engine.model import Loaded
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.batches import Batch
from phototagger.engine.process.child import Child
from phototagger.engine.process.rows import batch_of
from phototagger.model.preprocess import Preprocess
from phototagger.model.vectors import Float32
from phototagger.settings.model import Settings

_LOAD_SECONDS = 3600.0  # a download of the weights included
_FIRST_SECONDS, _EACH_SECONDS = 120.0, 60.0  # a request, and each photo or text of it
_LOOKS_TO_AN_INPUT = 4


class Remote:
    """Loads the model into its process once, and again only where that ended.

    Requests raise what the process raised, and PhototaggerError with cause and cure where it
    crashed, was killed or hangs. Several threads may ask.
    """

    def __init__(
        self,
        log: Callable[[], Path],
        command: Sequence[str] | None = None,
        *,
        silence: float | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.child = Child(log, command, silence=silence, environment=environment)
        self._loaded_in = 0  # the number of the start; 0: in none

    @property
    def loaded(self) -> bool:
        """Whether the model is loaded, in a process that runs."""
        return self._loaded_in == self.child.starts and self.child.pid is not None

    def load(
        self,
        settings: Settings,
        say: Callable[[str], None],
        *,
        device: str | None = None,
        cores: Sequence[int] = (),
        weights: str = "",
    ) -> Loaded:
        """Load the model of the settings; see ``model.load``.

        ``device`` stands in for that of the settings; the process keeps to these ``cores``, and
        refuses other ``weights`` than those of this digest, where one is given.
        """
        chosen = settings.frozen() | ({"device": device} if device else {})
        asked = {"do": "load", "settings": chosen, "cores": list(cores), "weights": weights}
        header = self.child.ask(asked, seconds=_LOAD_SECONDS, say=say).header
        self._loaded_in = self.child.starts
        shape = header["preprocess"]
        preprocess = Preprocess(
            **{**shape, "mean": tuple(shape["mean"]), "std": tuple(shape["std"])}
        )
        files = tuple(Path(name) for name in header["files"])
        return Loaded(RemoteEncoder(self.child, preprocess, say), files, header["kind"])

    def looked_at(
        self,
        asked: Asked,
        items: Iterable[tuple[int, str]],
        say: Callable[[str], None],
        before: Callable[[], None],
    ) -> Generator[Batch, None, None]:
        """Yield batches of looks, as ``batches.looked_at`` does: the process reads and decodes.

        It is told of no more items at once than the first batch has, as others may be wanted before
        the rest.
        """
        header = {
            "do": "look",
            "cache_dir": os.path.abspath(asked.cache_dir),
            "vectors": asked.preprocess is not None,
            "limits": asked.limits,
            "size": asked.size,
            "first": asked.first,
            "from_thumbs": asked.from_thumbs,
            "is_known": asked.is_known,
        }
        self.child.ask(header, asked.have.arrays(), seconds=_FIRST_SECONDS)
        seconds = _FIRST_SECONDS + _EACH_SECONDS * _LOOKS_TO_AN_INPUT * asked.size
        paths = iter(items)
        over = False
        try:
            while not over:
                before()
                answer = self.child.ask(
                    {"do": "next"}, seconds=seconds, say=say, paths=paths, at_once=asked.first
                )
                over = "over" in answer.header
                if not over:
                    yield batch_of(answer)
        finally:
            if not over and self.child.pid is not None:
                self.child.ask({"do": "stop"}, seconds=seconds)

    def stop(self) -> None:
        """End the process at once, from any thread; requests then raise InterruptedByUser."""
        self.child.stop()

    def close(self) -> None:
        """End the process."""
        self.child.close()


class RemoteEncoder:
    """A loaded model in another process; see ``model.encoder.Encoder``."""

    def __init__(self, child: Child, preprocess: Preprocess, say: Callable[[str], None]) -> None:
        self.preprocess = preprocess
        self.ahead, self.at_once = 0, 1
        self._child = child
        self._say = say

    def images(self, batch: NDArray[Any]) -> Float32:
        """Return float32 [N, D] of uint8 [N, H, W, 3]."""
        return self._ask({"do": "images"}, len(batch), [batch])

    def labels(self, labels: Sequence[str], prompts: Sequence[str]) -> Float32:
        """Return float32 [M, D] of labels put into the prompts."""
        asked = {"do": "labels", "labels": list(labels), "prompts": list(prompts)}
        return self._ask(asked, len(labels) * len(prompts))

    def _ask(
        self, header: dict[str, Any], count: int, arrays: Sequence[NDArray[Any]] = ()
    ) -> Float32:
        seconds = _FIRST_SECONDS + _EACH_SECONDS * count
        vectors: Float32 = self._child.ask(header, arrays, seconds=seconds, say=self._say).arrays[0]
        return vectors
