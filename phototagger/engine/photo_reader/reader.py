"""One look at a photo: one read, one decode, giving the thumbnail and the model's input."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phototagger.core.thumb_cache import LONG_EDGE, read_thumbnail, save_thumbnail
from phototagger.core.thumbs import encode_thumbnail
from phototagger.engine.photo_reader.claims import Claims
from phototagger.engine.photo_reader.stream import PixelBudget
from phototagger.errors import MissingError, UnreadablePhoto
from phototagger.imaging.decode import Picture, decode, look_by_header, look_of
from phototagger.imaging.limits import Limits
from phototagger.imaging.photo_file import Read, read_photo
from phototagger.imaging.taken import taken_of
from phototagger.machine import usable_memory
from phototagger.model.preprocess import Preprocess
from phototagger.reasons import Reason
from phototagger.store.photos.contents import KnownFile
from phototagger.store.vectors.keys import KeyIndex, Keys, as_keys

_MEMORY_SHARE = 4  # a quarter of the memory that is left goes to pixels
_PIXEL_BYTES = 8  # Pillow takes four for RGB, and as many again while an image is turned
_LOOKS_TO_AN_INPUT = 4  # photos that need no vector also end a batch, or progress would stall


@dataclass(frozen=True)
class Looked:
    """What came of a look: the photo's position, its file, and the model's input if it is due.

    ``file`` is None where nothing is to be remembered: the bytes could not even be read, or what
    kept them from being decoded may pass; ``seen`` says that the content is or
    will be known from another path; ``copy_of`` is the position of the look that has it, where
    that belongs to the same job; ``place_taken`` that no thumbnail was saved, as something else
    lies in its place. ``twin`` is a content that shows the same to the last pixel, so that its
    vector serves this one.
    """

    position: int
    file: KnownFile | None
    reason: Reason | None = None
    pixels: NDArray[np.uint8] | None = None
    thumbnail: bool = False
    seen: bool = False
    copy_of: int | None = None
    place_taken: bool = False
    twin: bytes | None = None


@dataclass(frozen=True)
class Have:
    """The contents of which something is there already; asked from several threads.

    ``look`` finds by their look the ``twins``: contents whose files are gone or changed, of which
    everything that is asked for is there.
    """

    photo: KeyIndex
    vector: KeyIndex
    thumbnail: KeyIndex
    look: KeyIndex
    twins: Keys

    def arrays(self) -> list[Keys]:
        """Return what ``of`` makes the same of."""
        indexes = (self.photo, self.vector, self.thumbnail, self.look)
        return [*(index.keys for index in indexes), self.twins]

    @classmethod
    def of(cls, arrays: Sequence[Keys]) -> Have:
        """Return what another process has."""
        photo, vector, thumbnail, look, twins = arrays
        return cls(KeyIndex(photo), KeyIndex(vector), KeyIndex(thumbnail), KeyIndex(look), twins)

    def twin(self, look: bytes | None) -> bytes | None:
        """Return the content that looks so, if there is one."""
        if look is None or not len(self.look):
            return None
        [place] = self.look.find(as_keys([look])).tolist()
        return self.twins[place].tobytes() if place >= 0 else None


class UnknownContentError(Exception):
    """A photo would have to be decoded."""


class Looker:
    """Looks at photos in threads; each content once, also where several paths hold it.

    ``from_thumbs``: the model's input is made of the thumbnail. ``known_only``: nothing is decoded;
    a photo that lacks a thumbnail or a vector raises UnknownContentError. It is one of so many
    ``processes`` that share the memory.
    """

    def __init__(
        self,
        cache_dir: str,
        preprocess: Preprocess | None,
        have: Have,
        limits: Limits,
        *,
        from_thumbs: bool = False,
        known_only: bool = False,
        processes: int = 1,
    ) -> None:
        self._cache_dir = cache_dir
        self._preprocess = preprocess
        self._have = have
        self._limits = limits
        self._from_thumbs = from_thumbs
        self._known_only = known_only
        memory = usable_memory() // (_MEMORY_SHARE * _PIXEL_BYTES * processes)
        self._budget = PixelBudget(min(limits.max_pixels, memory))
        self._claims = Claims()

    def look(self, photo: tuple[int, str]) -> Looked:
        """Look at the photo at (position, path).

        Raises MissingError where no photo can be read here, for want of something else.
        """
        position, path = photo
        try:
            read = read_photo(path)
        except UnreadablePhoto as error:
            _refuse_environment(error.reason)
            return Looked(position, None, error.reason)
        with read.source:
            when = taken_of(read.source, path, self._limits.formats)
            read = replace(read, taken=when)
            first = self._claims.first(read.sha1, position)
            if first != position:
                return Looked(position, _file(path, read), seen=True, copy_of=first)
            try:
                return self._decode(position, path, read)
            except UnreadablePhoto as error:
                _refuse_environment(error.reason)
                if error.reason.may_pass:
                    return Looked(position, None, error.reason)
                return Looked(position, _file(path, read, reason=error.reason), error.reason)
            except MemoryError:
                return Looked(position, None, Reason("memory"))

    def _decode(self, position: int, path: str, read: Read) -> Looked:
        asked = self._preprocess is not None or self._known_only
        wants_vector = asked and not self._have.vector.has_one(read.sha1)
        wants_thumbnail = not self._have.thumbnail.has_one(read.sha1)
        if self._have.photo.has_one(read.sha1) and not (wants_vector or wants_thumbnail):
            return Looked(position, _file(path, read), seen=True)
        twin = self._twin_by_header(read)
        if twin and (not wants_thumbnail or self._copy_thumbnail(twin, read.sha1)):
            return Looked(position, _file(path, read), twin=twin)
        if self._known_only:
            raise UnknownContentError(path)
        short = self._preprocess.needed if self._preprocess and wants_vector else 0
        with read.held(path) as source:
            picture = decode(
                source,
                path,
                short=0 if self._from_thumbs else short,
                long=LONG_EDGE,
                limits=self._limits,
                scans=read.picture.scans,
                budget=self._budget,
            )
        thumbnail = b""
        if wants_thumbnail or self._from_thumbs:
            thumbnail = encode_thumbnail(picture)
        saved = wants_thumbnail and save_thumbnail(thumbnail, self._cache_dir, read.sha1)
        pixels = None
        looked = _file(path, read, picture)
        twin = self._have.twin(looked.look)
        if self._preprocess and wants_vector and twin is None:
            size = (picture.width, picture.height)
            if self._from_thumbs:
                pixels = input_of_thumbnail(thumbnail, self._preprocess)
            else:
                pixels = self._preprocess.pixels(picture.image, size, picture.box)
        return Looked(
            position,
            looked,
            pixels=pixels,
            thumbnail=saved,
            place_taken=wants_thumbnail and not saved,
            twin=twin,
        )

    def _twin_by_header(self, read: Read) -> bytes | None:
        if read.picture.digest is None or not len(self._have.look):
            return None
        return self._have.twin(look_by_header(read.source, read.picture.digest))

    def _copy_thumbnail(self, twin: bytes, sha1: bytes) -> bool:
        """Give a content the thumbnail of its twin; tell whether it has one now."""
        shown = read_thumbnail(self._cache_dir, twin)
        return shown is not None and save_thumbnail(shown, self._cache_dir, sha1)


def input_of_thumbnail(thumbnail: bytes, preprocess: Preprocess) -> NDArray[np.uint8]:
    """Return the model's input uint8 [H, W, 3]. Raises UnreadablePhoto where it is damaged."""
    return preprocess.pixels(decode(io.BytesIO(thumbnail), "the thumbnail").image)


def _refuse_environment(reason: Reason) -> None:
    if reason.code == "environment":
        raise MissingError(str(reason.fields["cause"]), str(reason.fields["cure"]))


def _file(
    path: str, read: Read, picture: Picture | None = None, reason: Reason | None = None
) -> KnownFile:
    width, height = (picture.width, picture.height) if picture else (None, None)
    digest, look = read.picture.digest, None
    if digest is not None and picture is not None:
        look = look_of(digest, picture.orientation, picture.icc_profile)
    size = (read.size, read.mtime_ns, width, height)
    return KnownFile(path, read.sha1, *size, reason, digest, look, read.taken)


def copies_last(looks: Iterable[Looked]) -> Iterator[Looked]:
    """Yield looks by position, but a copy after the look that has its content.

    Of several threads with the same content, the one with the first position need not be first.
    """
    waiting: dict[int, list[Looked]] = {}
    for looked in looks:
        if looked.copy_of is not None and looked.copy_of > looked.position:
            waiting.setdefault(looked.copy_of, []).append(looked)
        else:
            yield looked
            yield from waiting.pop(looked.position, ())


def in_batches(looks: Iterable[Looked], size: int, first: int) -> Iterator[list[Looked]]:
    """Yield looks in lists that hold at most ``size`` inputs of the model.

    The ``first`` one holds so many at most, and each that follows twice as many.
    """
    batch: list[Looked] = []
    inputs, most = 0, min(first, size)
    for looked in looks:
        batch.append(looked)
        inputs += looked.pixels is not None
        if inputs >= most or len(batch) >= _LOOKS_TO_AN_INPUT * most:
            yield batch
            batch, inputs, most = [], 0, min(2 * most, size)
    if batch:
        yield batch


def stacked(looks: Iterable[Looked]) -> NDArray[Any]:
    """Return the model's inputs of a batch as one array uint8 [n, H, W, 3]."""
    return np.stack([looked.pixels for looked in looks if looked.pixels is not None])
