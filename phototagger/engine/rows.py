"""Looks at photos as rows of plain JSON data, for the pipe to the model's process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phototagger.engine.look import Looked
from phototagger.engine.looking import Batch
from phototagger.engine.wire import Message
from phototagger.store.photos import KnownFile

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    told = [file.path, file.sha1.hex(), *file[2:]] if file else None
    more = [looked.reason, looked.thumbnail, looked.seen, looked.copy_of]
    return [looked.position, told, *more]


def _looked(row: Sequence[Any]) -> Looked:
    position, told, reason, thumbnail, seen, copy_of = row
    file = KnownFile(told[0], bytes.fromhex(told[1]), *told[2:]) if told else None
    return Looked(position, file, reason, None, thumbnail, seen, copy_of)
