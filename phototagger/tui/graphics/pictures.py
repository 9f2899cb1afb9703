"""The pictures on the screen: decoded and encoded in worker threads, kept within 24 MB.

Each user, such as the grid, says what it wants now; what nobody wants any more is dropped from the
queue, so that holding page down encodes the last page only. Whatever is ready by then is told in
one call, at most every 30 ms.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, Protocol

from PIL import Image

from phototagger.errors import UnreadablePhoto
from phototagger.files.own import open_to_read
from phototagger.imaging.decode import decode
from phototagger.imaging.limits import USUAL, Limits
from phototagger.imaging.preview import preview_of
from phototagger.tui.graphics.blocks import Box, Painted
from phototagger.tui.graphics.whole import View, WholePhotos

if TYPE_CHECKING:
    from textual.geometry import Region
    from textual.widget import Widget

LIMIT = 24 * 2**20
"""How many bytes of encoded pictures are kept: some forty pages, in a program of 150 MB at most."""

THREADS = 2
EVERY = 0.03
"""The least time between two calls that tell what is ready, in seconds."""


class Original(str):
    """The path of a photo whose thumbnail is not made yet: its EXIF preview is drawn, if any."""

    __slots__ = ()


Source = str | View
"""What a picture is made of: the file of a thumbnail, an ``Original``, or a photo itself."""

_Key = tuple[Source, Box]
_LIMITS = Limits(4_000_000)  # a thumbnail has at most 512 x 512


class HasFiles(Protocol):
    """What says where pictures are. A position is an index into the review's listing."""

    def files(self, position: int) -> tuple[str, str, bool]:
        """Return a photo's own file, its thumbnail, and whether it was not read yet."""


class PictureFiles(NamedTuple):
    """What the picture of a photo is drawn from: its own file, until it was read."""

    original: Original
    thumbnail: str
    unread: bool = False

    @property
    def wanted(self) -> str:
        """The file that the picture is to be drawn from."""
        return self.original if self.unread else self.thumbnail


def files_of(photos: HasFiles, position: int) -> PictureFiles:
    """Return what the picture of a photo is drawn from."""
    original, thumbnail, unread = photos.files(position)
    return PictureFiles(Original(original), thumbnail, unread)


class Painter(Protocol):
    """One way to draw pictures: block characters, or a terminal's own graphics protocol.

    In fewer than ``narrowest`` columns of a cell they cannot be recognised. ``most``: how many a
    grid may show at once; 0 as many as fit.

    What is drawn past Textual (kitty, sixel) returns ``Painted`` without rows, whose ``data`` is
    written after Textual's own paint; ``Painted`` with both has its ``data`` sent beside them.
    """

    name: str
    narrowest: int
    most: int

    def pixels(self, box: Box) -> tuple[int, int]:
        """Return the width and height that a picture in this box has at most, in pixels."""

    def square(self, box: Box) -> tuple[int, int]:
        """Return the same in pixels as wide as high: so many of a photo fill a box at 100 %."""

    def encode(self, image: Image.Image, box: Box) -> Painted:
        """Return a picture fitted into a box; called in worker threads."""


class Placed(NamedTuple):
    """A picture and its cells, counted from where its widget's content begins.

    ``is_past``: it may stay where it is, but is not drawn again.
    """

    region: Region
    painted: Painted
    is_past: bool = False


class Canvas(Protocol):
    """Draws pictures past Textual, in the cells that widgets leave blank for them."""

    def add(self, widget: Widget, placed: Callable[[], Iterable[Placed]]) -> None:
        """Draw the pictures of a widget from now on.

        ``placed`` gives the pictures as they were laid out at its last paint. They go with the
        widget.
        """

    def changed(self) -> None:
        """Draw what came, once Textual has painted what it still has to."""

    def drawn_at(self, widget: Widget, region: Region) -> float | None:
        """Return when a picture of a widget was there, on the monotonic clock; None: it is not."""


class Loop(Protocol):
    """What is needed of the app: ``call_later`` from any thread, ``set_timer`` from its own."""

    def call_later(self, callback: Callable[[], None]) -> object:
        """Run a callback in the UI's thread, soon."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> object:
        """Run a callback after some seconds."""


class Wish:
    """What one user of the store wants now, and soon; made by ``Pictures.user``."""

    def __init__(self, ready: Callable[[Sequence[Source]], None]) -> None:
        self.ready = ready
        self.now: frozenset[_Key] = frozenset()
        self.queues: tuple[deque[_Key], deque[_Key]] = (deque(), deque())


class Pictures:
    """Encoded pictures by file and box. All methods are for the UI's thread.

    ``painter`` None: no pictures at all. ``canvas`` draws them where Textual does not. ``limits``
    are those of photos that are shown themselves, by a ``View``, which ``whole`` decodes.
    """

    canvas: Canvas | None = None

    def __init__(
        self,
        loop: Loop,
        painter: Painter | None,
        *,
        limit: int = LIMIT,
        limits: Limits = USUAL,
    ) -> None:
        self._loop = loop
        self.painter = painter
        self._limit = limit
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS, "pictures")
        self._painted: OrderedDict[_Key, Painted] = OrderedDict()
        self._missing: dict[_Key, str] = {}
        self.whole = WholePhotos(limits)
        self._wishes: list[Wish] = []
        self._running: set[_Key] = set()
        self._workers = 0
        self._ready: list[_Key] = []
        self._armed = False
        self._closed = False
        self.size = 0

    def user(self, ready: Callable[[Sequence[Source]], None]) -> Wish:
        """Return a wish list; ``ready`` is called with the files that came of what it wants now.

        Those that turned out to be missing are among them.
        """
        wish = Wish(ready)
        self._wishes.append(wish)
        return wish

    def want(self, wish: Wish, now: Iterable[_Key], then: Iterable[_Key] = ()) -> None:
        """Say what a user wants now, and what it will want next; both replace what it wanted."""
        now = list(now)
        with self._lock:
            wish.now = frozenset(now)
            wish.queues = (deque(now), deque(then))
            self._start()

    def leave(self, wish: Wish) -> None:
        """Drop a user and what it wanted."""
        with self._lock:
            if wish in self._wishes:
                self._wishes.remove(wish)

    def request(self, path: Source, box: Box) -> Painted | None:
        """Return a picture that is ready; None where it is not yet, or cannot be had."""
        with self._lock:
            painted = self._painted.get((path, box))
            if painted is not None:
                self._painted.move_to_end((path, box))
            return painted

    def is_missing(self, path: Source, box: Box) -> bool:
        """Tell whether a thumbnail turned out to be missing or damaged."""
        return (path, box) in self._missing and not isinstance(path, Original)

    def why_missing(self, path: Source, box: Box) -> str:
        """Return why a picture cannot be had, to follow the photo's name; nothing where it may."""
        return self._missing.get((path, box), "")

    def best(self, files: PictureFiles, box: Box) -> Painted | None:
        """Return a photo's picture: until that of its thumbnail is ready, that of its preview."""
        painted = None if files.unread else self.request(files.thumbnail, box)
        return painted if painted is not None else self.request(files.original, box)

    def retry(self) -> None:
        """Forget which thumbnails were missing: they may have been made since."""
        with self._lock:
            self._missing.clear()

    def use(self, painter: Painter) -> None:
        """Draw with another painter from now on: what is wanted now is drawn again."""
        with self._lock:
            self.painter = painter
            self._painted.clear()
            self._running.clear()
            self.size = 0
            for wish in self._wishes:
                wish.queues = (deque(wish.now), deque())
            self._start()

    def close(self) -> None:
        """End the threads; nothing is told any more."""
        with self._lock:
            self._closed = True
            for wish in self._wishes:
                wish.queues = (deque(), deque())
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _start(self) -> None:
        if self.painter is None or self._closed:
            return
        for _ in range(min(THREADS - self._workers, self._waiting())):
            self._workers += 1
            self._threads.submit(self._work)

    def _waiting(self) -> int:
        return sum(len(queue) for wish in self._wishes for queue in wish.queues)

    def _next(self) -> _Key | None:
        for soon in (0, 1):
            for wish in self._wishes:
                while wish.queues[soon]:
                    key = wish.queues[soon].popleft()
                    if not (self._is_done(key) or key in self._running):
                        return key
        return None

    def _is_done(self, key: _Key) -> bool:
        return key in self._painted or key in self._missing

    def _work(self) -> None:
        painted: Painted | str = ""
        key: _Key | None = None
        painter: Painter | None = None
        while True:
            with self._lock:
                # What another painter has begun is of no use.
                tell = key is not None and painter is self.painter and self._put(key, painted)
                key, painter = self._next(), self.painter
                if key is None:
                    self._workers -= 1
                else:
                    self._running.add(key)
            if tell:
                self._loop.call_later(self._arm)
            if key is None or painter is None:
                return
            painted = self._encode(painter, *key)

    def _put(self, key: _Key, painted: Painted | str) -> bool:
        """Keep a picture, or why there is none; return whether the UI must be called."""
        self._running.discard(key)
        if isinstance(painted, str):
            self._missing[key] = painted
        else:
            self._painted[key] = painted
            self.size += painted.size
        while self.size > self._limit and len(self._painted) > 1:
            self.size -= self._painted.popitem(last=False)[1].size
        if self._closed or not any(key in wish.now for wish in self._wishes):
            return False
        self._ready.append(key)
        first, self._armed = not self._armed, True
        return first

    def _arm(self) -> None:
        """Tell at once what is ready where nothing more will come, else a little later."""
        with self._lock:
            more = any(not self._is_done(key) for wish in self._wishes for key in wish.now)
        if more:
            self._loop.set_timer(EVERY, self._flush)
        else:
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            ready, self._ready, self._armed = self._ready, [], False
            to_tell = [
                (wish, [key[0] for key in ready if key in wish.now]) for wish in self._wishes
            ]
        for wish, paths in to_tell:
            if paths and not self._closed:
                wish.ready(paths)

    def _encode(self, painter: Painter, path: Source, box: Box) -> Painted | str:
        """Return a picture, or why there is none."""
        try:
            if isinstance(path, View):
                image = self.whole.image(path, painter.square(box))
            elif isinstance(path, Original):
                preview = preview_of(path)
                if preview is None:
                    return "has no preview"
                image = preview
            else:
                image = _thumbnail(painter, path, box)
        except UnreadablePhoto as error:
            return str(error.reason)
        except OSError as error:
            return f"cannot be read: {error.strerror}"
        return painter.encode(image, box)


def _thumbnail(painter: Painter, path: str, box: Box) -> Image.Image:
    with open(open_to_read(path), "rb") as file:  # noqa: PTH123  (a descriptor)
        # Decoded at a reduced scale as long as twice the pixels that are shown remain.
        return decode(file, path, long=max(painter.pixels(box)), limits=_LIMITS).image
