"""Two ledgers for tests: one in memory, and one in a file that outlives a killed process."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from phototagger.sidecars.ledger import Entry, Intent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from phototagger.sidecars.follow import Followed


class MemoryLedger:
    """Keeps entries and intents in dictionaries, as text, so that both ways are tried."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.bytes_before: dict[str, str] = {}
        self.open: dict[str, str] = {}

    def save(self) -> None:
        """Make it last; here there is nothing to do."""

    def get(self, sidecar: bytes) -> Entry | None:
        text = self.kept.get(sidecar.hex())
        entry = None if text is None else Entry.loads(text)
        return None if entry is None or entry.away else entry

    def previous(self, sidecar: bytes) -> bytes | None:
        text = self.bytes_before.get(sidecar.hex())
        return None if text is None else bytes.fromhex(text)

    def entries(self) -> Iterable[Entry]:
        entries = map(Entry.loads, self.kept.values())
        return [entry for entry in entries if not entry.away]

    def away(self) -> Iterable[Entry]:
        return [entry for entry in map(Entry.loads, self.kept.values()) if entry.away]

    def begin(self, intents: Sequence[Intent]) -> None:
        assert 0 < len(intents) <= 32
        for intent in intents:
            self.open[intent.sidecar.hex()] = intent.dumps()
        self.save()

    def finish(self, sidecars: Sequence[bytes]) -> None:
        for key in (sidecar.hex() for sidecar in sidecars):
            intent = Intent.loads(self.open.pop(key))
            if intent.entry is None:
                self.kept.pop(key, None)
            else:
                self.kept[key] = intent.entry.dumps()
            if intent.entry is None or not intent.keep_previous:
                self.bytes_before.pop(key, None)
            if intent.entry is not None and intent.previous is not None:
                self.bytes_before[key] = intent.previous.hex()
        self.save()

    def drop(self, sidecars: Sequence[bytes]) -> None:
        for sidecar in sidecars:
            self.open.pop(sidecar.hex(), None)
        self.save()

    def move(self, followed: Sequence[Followed]) -> None:
        before = [self.previous(one.source.sidecar) for one in followed]
        for one in followed:
            if one.fate != "stays":
                self._keep(one.source.sidecar, None, None)
        for one, previous in zip(followed, before, strict=True):
            if one.fate == "away":
                self._keep(one.source.sidecar, replace(one.source, away=True), previous)
        for one, previous in zip(followed, before, strict=True):
            self._keep(one.entry.sidecar, one.entry, previous)
        self.save()

    def _keep(self, sidecar: bytes, entry: Entry | None, previous: bytes | None) -> None:
        for kept in (self.kept, self.bytes_before):
            kept.pop(sidecar.hex(), None)
        if entry is not None:
            self.kept[sidecar.hex()] = entry.dumps()
        if previous is not None:
            self.bytes_before[sidecar.hex()] = previous.hex()

    def pending(self) -> Sequence[Intent]:
        return [Intent.loads(text) for text in self.open.values()]


class FileLedger(MemoryLedger):
    """The same in one JSON file, replaced whole at each change."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        if path.exists():
            self.kept, self.bytes_before, self.open = json.loads(path.read_text())

    def save(self) -> None:
        new = self.path.with_suffix(".new")
        with new.open("w") as file:
            json.dump([self.kept, self.bytes_before, self.open], file)
            file.flush()
        new.replace(self.path)
