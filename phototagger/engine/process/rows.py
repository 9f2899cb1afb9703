"""Looks at photos as rows of plain JSON data, for the pipe to the model's process."""

from collections.abc import Sequence
from typing import Any

from phototagger.engine.photo_reader.batches import Batch
from phototagger.engine.photo_reader.reader import Looked
from phototagger.engine.process.wire import Message
from phototagger.imaging.taken import Taken
from phototagger.reasons import Reason
from phototagger.store.photos.contents import KnownFile


def message_of(batch: Batch) -> Message:
    """Return the message that tells of a batch."""
    due = {looked.position for looked in batch.due}
    rows = [[*_row(looked), looked.position in due] for looked in batch.looks]
    return Message({"looks": rows}, [batch.vectors])


def batch_of(message: Message) -> Batch:
    """Return the batch that a message tells of."""
    rows = message.header["looks"]
    looks = [_looked(row[:-1]) for row in rows]
    due = [looked for looked, row in zip(looks, rows, strict=True) if row[-1]]
    return Batch(looks, due, message.arrays[0])


def _row(looked: Looked) -> list[Any]:
    file = looked.file
    fields = None
    if file:
        more = [_text(file.reason), _hex(file.picture), _hex(file.look)]
        fields = [file.path, file.sha1.hex(), *file[2:6], *more, file.taken]
    details = [_text(looked.reason), looked.thumbnail, looked.seen, looked.copy_of]
    return [looked.position, fields, *details, looked.place_taken, _hex(looked.twin)]


def _looked(row: Sequence[Any]) -> Looked:
    position, fields, reason, thumbnail, seen, copy_of, taken, twin = row
    file = None
    if fields:
        path, sha1, size, mtime_ns, width, height, why, picture, look, when = fields
        known = (_bytes(picture), _bytes(look), Taken(*when) if when else None)
        key = bytes.fromhex(sha1)
        file = KnownFile(path, key, size, mtime_ns, width, height, _reason(why), *known)
    more = (thumbnail, seen, copy_of, taken, _bytes(twin))
    return Looked(position, file, _reason(reason), None, *more)


def _text(reason: Reason | None) -> str | None:
    return reason.as_json() if reason else None


def _reason(text: str | None) -> Reason | None:
    return Reason.from_json(text) if text else None


def _hex(digest: bytes | None) -> str | None:
    return None if digest is None else digest.hex()


def _bytes(digest: str | None) -> bytes | None:
    return None if digest is None else bytes.fromhex(digest)
