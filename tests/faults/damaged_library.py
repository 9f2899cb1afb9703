"""A small library with everything in its catalogue, and ways to damage that catalogue."""

import contextlib
import io
import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from bench.library import Library, make_library, photo_path, photo_sha1
from phototagger.cli.tagger import main
from phototagger.core.checklist import Draft
from phototagger.core.labels import read_labels
from phototagger.engine.advice import told
from phototagger.engine.library.library import Library as Known
from phototagger.review import Review
from phototagger.review.open_review import open_job, open_review
from phototagger.settings.model import Settings
from phototagger.store import Catalogue, Edit, Who, decide, undo
from phototagger.store.catalogue.rows import blocks, tables
from phototagger.store.labels.custom_labels import add_word
from phototagger.store.labels.drafts import save_drafts
from phototagger.store.labels.edits import WHOLE_PHOTO
from phototagger.store.photos.contents import KnownFile, remember_files

PHOTOS = 240
PAGE = 4096
TRACEBACK = 70
TABLES = ("results.csv", "approved.csv")


class Said(NamedTuple):
    """What a command did: its exit code, what it said on stderr, what it made."""

    code: int
    stderr: str
    made: object = None


class DamagedLibrary:
    """Keeps a sound run_dir aside, and puts it back before each command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: Library = make_library(folder, PHOTOS, labels=12, dimension=16)
        self.run_dir = folder / "runs"
        self.sound = folder / "sound"
        self.settings = Settings(
            root=str(self.made.root), run_dir=str(self.run_dir), cache_dir=str(folder / "cache"),
            labels_file=str(folder / "labels.txt"), pretrained=str(folder / "weights.pt"),
            max_images=0,
        )  # fmt: skip
        self._make_photos()
        lines = (folder / "labels.txt").read_text().splitlines()
        (folder / "labels.txt").write_text("\n".join(lines[:-2]))  # the others are added words
        self._decide()
        for command in ("run", "sidecars"):
            code, _, errors = self.command(command)
            assert code == 0, errors
        self._decide_more()
        self._keep()

    def command(self, *words: str) -> tuple[int, str, str]:
        """Run a command; return its exit code, stdout and stderr."""
        out, errors = io.StringIO(), io.StringIO()
        out.buffer = io.BytesIO()  # where paths are printed
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            code = run([*words, *self.made.words])
        return code, out.getvalue() + os.fsdecode(out.buffer.getvalue()), errors.getvalue()

    def _make_photos(self) -> None:
        """Write pictures where the library has empty files, known by the contents it gave them."""
        catalogue = Catalogue(self.run_dir)
        files = []
        for number in range(PHOTOS):
            path = photo_path(self.made, number)
            Image.new("RGB", (8, 6)).save(path)
            stat = path.stat()
            sha1 = photo_sha1(number)
            files.append(KnownFile(str(path), sha1, stat.st_size, stat.st_mtime_ns, 8, 6, None))
        remember_files(catalogue, files)
        catalogue.close()

    def _decide(self) -> None:
        labels = read_labels(self.settings.labels_file)
        catalogue = Catalogue(self.run_dir)
        for number in range(24):
            edits = [Edit(photo_sha1(number), WHOLE_PHOTO, True)]
            for at in range(5):
                label = labels[(number + at) % len(labels)]
                edits.append(Edit(photo_sha1(number), label, at < 2, 0.2 + at / 100))
            decide(catalogue, edits, root=self.settings.root, model="model-1")
        add_word(catalogue, "label 10")
        catalogue.close()

    def _decide_more(self) -> None:
        """What came after the sidecars were written: of each kind something."""
        root, labels = self.settings.root, read_labels(self.settings.labels_file)
        catalogue = Catalogue(self.run_dir)
        many = [Edit(photo_sha1(n), labels[0], True, 0.3) for n in range(100, 220)]
        decide(catalogue, many, root=root, who=Who.AUTO)
        decide(
            catalogue, [Edit(photo_sha1(n), labels[0], None) for n in range(110, 220)], root=root
        )
        decide(catalogue, [Edit(photo_sha1(5), labels[3], False)], root=root)
        for number in (30, 31, 32):
            decide(catalogue, [Edit(photo_sha1(number), labels[number % 7], True)], root=root)
        undo(catalogue, root=root)
        decide(catalogue, [Edit(photo_sha1(40), "label 10", True)], root="/elsewhere")
        drafts = {photo_sha1(n): Draft(frozenset({labels[n % 9]})) for n in range(50, 90)}
        save_drafts(catalogue, drafts)
        add_word(catalogue, "label 11")
        catalogue.close()
        assert self.command("run")[0] == 0  # with the labels of now

    def _keep(self) -> None:
        """Keep the run_dir with everything in one file, then as it is while a review is open."""
        shutil.copytree(self.run_dir, self.sound)
        catalogue = Catalogue(self.run_dir)
        catalogue.connection.execute("PRAGMA wal_autocheckpoint=0")
        for number in (60, 61, 62):
            labels = [Edit(photo_sha1(number), label, True) for label in ("label 11", "label 1")]
            decide(catalogue, labels, root=self.settings.root, finished=True)
        self.hot = self.folder / "hot"
        shutil.copytree(self.run_dir, self.hot)
        (self.hot / "catalogue.db-shm").unlink(missing_ok=True)
        catalogue.close()

    def put_back(self, kept: Path) -> None:
        """Put a kept run_dir in its place."""
        shutil.rmtree(self.run_dir, ignore_errors=True)
        shutil.copytree(kept, self.run_dir)

    def export(self) -> Said:
        code, out, errors = self.command("export")
        if code:
            return Said(code, errors)
        import polars as pl

        run = Path(out.splitlines()[-1]).parent
        made = [(run / name).read_text() for name in TABLES]
        return Said(0, errors, (made, pl.read_parquet(run / "approvals.parquet").rows()))

    def approvals(self) -> Said:
        target = self.folder / "approvals.csv"
        target.unlink(missing_ok=True)
        out, errors = io.StringIO(), io.StringIO()
        words = ["approvals", "export", str(target), "--run-dir", str(self.run_dir)]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            code = run(words)
        return Said(code, errors.getvalue(), target.read_text() if not code else None)

    def stats(self) -> Said:
        code, out, errors = self.command("stats", "--json")
        return Said(code, errors, out if not code else None)

    def sidecars(self) -> Said:
        code, out, errors = self.command("sidecars", "--dry-run")
        return Said(code, errors, out if not code else None)

    def undo(self) -> Said:
        """Open the review, take the last act back, and say what holds then."""
        try:
            job, held_by = open_job(self.settings)
            with job:
                review = open_review(job, held_by)
                job.catalogue.check()  # as the review does beside the first screen
                act = review.undo()
            with Known(self.settings, read_labels(self.settings.labels_file)) as library:
                marks = Review(library, "read only").photos.listing.marks.tolist()
                held = contents(library.catalogue)["verdict"], contents(library.catalogue)["act"]
        except Exception as error:  # noqa: BLE001  (whatever it is, it is no silent success)
            return Said(1, f"{type(told(error)).__name__}: {told(error)}")
        return Said(0, "", (act, marks, held))

    def acts(self) -> dict[str, Callable[[], Said]]:
        """Return everything that a damaged catalogue is tried with."""
        names = ("export", "approvals", "stats", "sidecars", "undo")
        return {name: getattr(self, name) for name in names}

    def is_damaged(self, sound: dict[str, list[object]]) -> bool:
        """Tell whether the catalogue holds something else than it did, or SQLite says so."""
        folder = self.folder / "looked at"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in ("catalogue.db", "catalogue.db-wal"):
            if (self.run_dir / name).exists():
                shutil.copy(self.run_dir / name, folder / name)
        db = sqlite3.connect(folder / "catalogue.db")
        try:
            said = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            return said != "ok" or every_row(db) != sound
        except (sqlite3.Error, ValueError, OverflowError, TypeError):
            return True
        finally:
            db.close()

    def files(self) -> dict[str, bytes]:
        """Return the bytes of the catalogue and its log; an empty log is none."""
        names = ("catalogue.db", "catalogue.db-wal", "catalogue.db-journal")
        paths = (self.run_dir / name for name in names)
        found = {path.name: path.read_bytes() for path in paths if path.exists()}
        return {name: data for name, data in found.items() if data}


def run(words: list[str]) -> int:
    """Run a command; what ends it with a traceback is told by a code that no command has."""
    try:
        return main(words)
    except Exception as error:  # noqa: BLE001
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return TRACEBACK


def every_row(db: sqlite3.Connection) -> dict[str, list[object]]:
    """Return all that is in a catalogue."""
    found = {name: [*db.execute(f"SELECT * FROM {name} NOT INDEXED")] for name in tables(db)}
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def contents(catalogue: Catalogue) -> dict[str, list[object]]:
    return {
        table: [
            row for some in blocks(catalogue.connection, table) for row in zip(*some, strict=True)
        ]
        for table in ("act", "verdict")
    }


def _page_of(data: bytearray, where: random.Random) -> int:
    return where.randrange(len(data) // PAGE) * PAGE


def one_bit(data: bytearray, where: random.Random) -> None:
    data[where.randrange(len(data))] ^= 1 << where.randrange(8)


def one_byte(data: bytearray, where: random.Random) -> None:
    at = where.randrange(len(data))
    data[at] = (data[at] + where.randrange(1, 256)) % 256


def bytes_64(data: bytearray, where: random.Random) -> None:
    at = where.randrange(len(data) - 64)
    data[at : at + 64] = where.randbytes(64)


def page_zeroed(data: bytearray, where: random.Random) -> None:
    at = _page_of(data, where)
    data[at : at + PAGE] = bytes(PAGE)


def pages_swapped(data: bytearray, where: random.Random) -> None:
    one, other = _page_of(data, where), _page_of(data, where)
    data[one : one + PAGE], data[other : other + PAGE] = (
        data[other : other + PAGE],
        data[one : one + PAGE],
    )


def page_doubled(data: bytearray, where: random.Random) -> None:
    one, other = _page_of(data, where), _page_of(data, where)
    data[one : one + PAGE] = data[other : other + PAGE]


def cut(data: bytearray, where: random.Random) -> None:
    del data[where.randrange(len(data)) :]


def header(data: bytearray, where: random.Random) -> None:
    data[where.randrange(100)] = where.randrange(256)


def page_head(data: bytearray, where: random.Random) -> None:
    """What says how many rows a page has, and where they are."""
    at = _page_of(data, where)
    at += 100 if at == 0 else 0
    data[at + where.randrange(40)] = where.randrange(256)


def page_tail(data: bytearray, where: random.Random) -> None:
    """Where the values of a page are."""
    at = _page_of(data, where) + PAGE - 1 - where.randrange(1200)
    data[at] ^= 1 << where.randrange(8)


IN_FILE = (
    one_bit, one_byte, bytes_64, page_zeroed, pages_swapped, page_doubled, cut, header,
    page_head, page_tail,
)  # fmt: skip


def log_lost(library: DamagedLibrary, _: random.Random) -> None:
    (library.run_dir / "catalogue.db-wal").unlink()


def log_cut(library: DamagedLibrary, where: random.Random) -> None:
    log = library.run_dir / "catalogue.db-wal"
    os.truncate(log, where.randrange(log.stat().st_size))


def log_hit(library: DamagedLibrary, where: random.Random) -> None:
    log = library.run_dir / "catalogue.db-wal"
    data = bytearray(log.read_bytes())
    where.choice([one_bit, one_byte, bytes_64])(data, where)
    log.write_bytes(data)


def log_of_another(library: DamagedLibrary, where: random.Random) -> None:
    """The log of a catalogue in which other things were done."""
    other = library.folder / "other"
    shutil.rmtree(other, ignore_errors=True)
    other.mkdir()
    if where.random() < 0.5:
        shutil.copy(library.sound / "catalogue.db", other)
    catalogue = Catalogue(other)
    catalogue.connection.execute("PRAGMA wal_autocheckpoint=0")
    edits = [Edit(photo_sha1(where.randrange(PHOTOS)), "label 2", False)]
    decide(catalogue, edits, root=library.settings.root)
    shutil.copy(other / "catalogue.db-wal", library.run_dir / "catalogue.db-wal")
    catalogue.close()


IN_LOG = (log_lost, log_cut, log_hit, log_of_another)


class Case(NamedTuple):
    """One damage: its seed and kind."""

    seed: int
    kind: str


def cases(count: int, first: int = 0) -> list[Case]:
    names = [one.__name__ for one in (*IN_FILE, *IN_LOG)]
    return [Case(seed, names[seed % len(names)]) for seed in range(first, first + count)]


def damage(library: DamagedLibrary, case: Case) -> Path:
    """Damage the catalogue in its place, the same way each time; return what was sound before."""
    where = random.Random(case.seed)
    by_name = {one.__name__: one for one in (*IN_FILE, *IN_LOG)}
    kind = by_name[case.kind]
    if kind in IN_LOG:
        library.put_back(library.hot)
        kind(library, where)
        return library.hot
    library.put_back(library.sound)
    path = library.run_dir / "catalogue.db"
    data = bytearray(path.read_bytes())
    kind(data, where)
    path.write_bytes(data)
    return library.sound
