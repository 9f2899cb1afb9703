"""A review is opened before every value of the catalogue was looked at: damage is named anyway."""

import contextlib
import sqlite3
import threading

import pytest

from phototagger.core.labels import read_labels
from phototagger.engine.library.library import Library
from phototagger.engine.photo_reader.older import PictureReader
from phototagger.errors import DamagedCatalogueError
from phototagger.review.open_review import look_after, open_job
from phototagger.store import decide
from phototagger.store.labels.custom_labels import add_word
from phototagger.store.labels.names import Kind, Naming


def hit(library, statement: str) -> None:
    """Change the catalogue past what keeps it sound."""
    with contextlib.closing(sqlite3.connect(library.folder / "runs" / "catalogue.db")) as db, db:
        assert db.execute(statement).rowcount == 1


def test_what_breaks_while_it_is_opened_to_write_is_told_as_damage(ran):
    with ran.job() as job:
        add_word(job.catalogue, "volcano")
    hit(ran, "UPDATE word SET label = x'00ff'")
    with pytest.raises(DamagedCatalogueError, match="doctor --repair"):
        open_job(ran.settings())


def test_what_breaks_while_it_is_opened_to_read_is_told_as_damage(ran):
    settings = ran.settings()
    with ran.job() as job:
        decide(job.catalogue, [], root=job.root, naming=Naming(Kind.RENAME, "dog", "hound"))
    hit(ran, "UPDATE naming SET kind = 'no such kind'")
    with pytest.raises(DamagedCatalogueError, match="doctor --repair"):
        Library(settings, read_labels(settings.labels_file), check=False)


def test_what_older_versions_did_not_read_is_read_once_the_screen_is_there(ran, monkeypatch):
    with monkeypatch.context() as patched:
        patched.delattr(PictureReader, "start")
        job, _ = open_job(ran.settings())
    with job:
        monkeypatch.setattr(job, "read_older", (begun := threading.Event()).set)
        assert look_after(job, lambda: False) == ""
        assert begun.is_set()
