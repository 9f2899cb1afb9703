"""The model in a process of its own: reads requests from stdin, answers on stdout.

    python -m phototagger.engine.process.model_process PID

PID is the process that started it. It looks at photos, writes thumbnails and returns vectors; the
store is its parent's alone. It ends with its parent, however that ends: when its stdin closes, and
on Linux by the kernel's signal to orphans. What libraries print goes to stderr.

Requests: ``load`` settings, ``images`` of an array, ``labels``, ``look`` with what is there
already, ``next`` for a batch of looks, ``stop`` looking. While one is served, ``beat`` says every
two seconds that the process lives, ``notice`` what a person should know, ``want`` asks for
``paths``; the last message of each is ``done`` or ``failed``. Where the device is ``lost`` with a
failure, another process is needed to use it.
"""

import contextlib
import dataclasses
import os
import queue
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from numpy.typing import NDArray

from phototagger.engine import model
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.batches import Batch, looked_at
from phototagger.engine.photo_reader.reader import Have
from phototagger.engine.process.rows import message_of
from phototagger.engine.process.serving import end_with, failed, own_pipes, send
from phototagger.engine.process.wire import Message, read_message
from phototagger.errors import MissingError, PhototaggerError
from phototagger.imaging.limits import Limits
from phototagger.model.cuda import is_lost
from phototagger.model.vectors import Float32
from phototagger.settings.model import Settings

BEAT_SECONDS = 2.0
_NICE = 5
_KILLED_FIRST = "500"  # of 1000


class _Server:
    """Answers requests one after the other."""

    def __init__(self, inbox: BinaryIO, outbox: BinaryIO) -> None:
        self._inbox, self._outbox = inbox, outbox
        self._requests: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._sending = threading.Lock()
        self._busy = threading.Event()
        self._encoder: model.Encodes | None = None
        self._batches: Generator[Batch, None, None] | None = None
        self._does = {
            "load": self._load, "images": self._images, "labels": self._labels,
            "look": self._look, "next": self._next, "stop": self._stop,
        }  # fmt: skip

    def serve(self) -> None:
        """Answer until stdin closes."""
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()
        while True:
            request = self._requests.get()
            self._busy.set()
            header, arrays = self._answer(request)
            self._busy.clear()
            self._send(header, arrays)

    def _read(self) -> None:
        """Take requests in; end at once where nobody is left to answer."""
        with contextlib.suppress(OSError, EOFError):
            while True:
                self._requests.put(read_message(self._exactly))
        os._exit(0)

    def _exactly(self, size: int) -> bytes:
        data = self._inbox.read(size)
        if len(data) < size:
            raise EOFError
        return data

    def _beat(self) -> None:
        while self._busy.wait():
            self._send({"say": "beat"})
            threading.Event().wait(BEAT_SECONDS)

    def _send(self, header: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
        with self._sending:
            send(self._outbox, header, arrays)

    def _answer(self, request: Message) -> Message:
        try:
            header, arrays = self._does[request.header["do"]](request)
        # This process's edge: its parent is told whatever happens here.
        except Exception as error:  # noqa: BLE001
            return failed(error, lost=is_lost(error))
        return Message({"say": "done", **header}, arrays)

    def _notice(self, text: str) -> None:
        self._send({"say": "notice", "text": text})

    def _load(self, request: Message) -> Message:
        if cores := request.header.get("cores"):
            os.sched_setaffinity(0, cores)  # and what it starts: threads, processes, torch's own
        asked = request.header["settings"].items()
        chosen: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in asked
        }
        settings = Settings(**chosen)
        if (weights := request.header["weights"]) and weights != model.weights_digest(settings):
            raise MissingError(
                f"the weights of {settings.model_name} are others there than here",
                "give every machine the same file, and name it with --pretrained /PATH",
            )
        self._encoder, files, kind = model.load(settings, self._notice)
        shape = dataclasses.asdict(self._encoder.preprocess)
        names = [str(file) for file in files]
        _stand_back()
        return Message({"preprocess": shape, "files": names, "kind": kind}, [])

    def _loaded(self) -> model.Encodes:
        if self._encoder is None:
            raise PhototaggerError("the model's process was started anew meanwhile", "run again")
        return self._encoder

    def _vectors(self, batch: NDArray[Any]) -> Float32:
        return self._loaded().images(batch)

    def _images(self, request: Message) -> Message:
        return Message({}, [self._vectors(request.arrays[0])])

    def _labels(self, request: Message) -> Message:
        asked = request.header
        return Message({}, [self._loaded().labels(asked["labels"], asked["prompts"])])

    def _look(self, request: Message) -> Message:
        self._stop(request)
        _stand_back()
        header = request.header
        encoder = self._loaded() if header["vectors"] else None
        asked = Asked(
            header["cache_dir"],
            encoder.preprocess if encoder else None,
            Have.of(request.arrays),
            Limits(header["limits"][0], tuple(header["limits"][1])),
            header["size"],
            header["first"],
            header["from_thumbs"],
            header["is_known"],
        )
        ahead, at_once = (encoder.ahead, encoder.at_once) if encoder else (0, 1)
        self._batches = looked_at(
            asked, self._paths(), self._vectors, lambda: None, ahead=ahead, at_once=at_once
        )
        return Message({}, [])

    def _paths(self) -> Iterator[tuple[int, str]]:
        last = False
        while not last:
            self._send({"say": "want"})
            header = self._requests.get().header
            last = header["last"]
            yield from map(tuple, header["paths"])

    def _next(self, _: Message) -> Message:
        batch = next(self._batches, None) if self._batches else None
        return message_of(batch) if batch else Message({"over": True}, [])

    def _stop(self, _: Message) -> Message:
        batches, self._batches = self._batches, None
        if batches:
            batches.close()
        return Message({}, [])


def _die_first() -> None:
    """Be what is killed where memory runs out, so that the screen's process is not."""
    _tell_linux("oom_score_adj", _KILLED_FIRST)


@cache  # niceness adds up
def _stand_back() -> None:
    """Leave the processor to the screen's process, now that the model it waited for is there.

    Linux shares the processor by session first; niceness counts only within each.
    """
    os.nice(_NICE)
    _tell_linux("autogroup", str(_NICE))


def _tell_linux(name: str, value: str) -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self", name).write_text(value)


def main() -> None:
    """Serve the process whose number is the first argument."""
    end_with(int(sys.argv[1]))
    _die_first()
    _Server(*own_pipes()).serve()


if __name__ == "__main__":
    main()
