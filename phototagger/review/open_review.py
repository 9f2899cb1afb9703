"""Opening what is under review: to write, or to read where another phototagger holds it."""

from collections.abc import Callable, Sequence

from phototagger.core.labels import read_labels
from phototagger.engine.job import Job
from phototagger.engine.library.library import Library, Opened
from phototagger.errors import LockedError
from phototagger.review.session import Review
from phototagger.review.suggestions import knows_photos
from phototagger.settings.model import Settings
from phototagger.store.catalogue.copies import keep_copy
from phototagger.store.labels.custom_labels import with_words


def open_job(
    settings: Settings, command: Sequence[str] = (), *, force_unlock: bool = False
) -> tuple[Job | Library, LockedError | None]:
    """Return what holds the catalogue and the model, and why it cannot be written, if so.

    It is to be closed by its context. Raises PhototaggerError where neither can be opened.
    """
    try:
        job = open_to_write(settings, command, force_unlock=force_unlock)
    except LockedError as error:
        library = Library(settings, read_labels(settings.labels_file), command, check=False)
        library.offered = with_words(library.catalogue, library.labels)
        return library, beside(error)
    return job, None


def load_where_nothing_is_known(opened: Opened) -> None:
    """Begin to load the model where it knows no photo yet, while the screen is still imported."""
    if opened.writer is not None and not knows_photos(opened):
        opened.model.begin_loading()


def look_after(opened: Opened, is_stopped: Callable[[], bool]) -> str:
    """Look at every value of the catalogue, keep the day's copy, read on; on any thread.

    Returns what a person should know, if anything. Raises DamagedCatalogueError.
    """
    opened.catalogue.check(is_stopped)
    if opened.writer is None:
        return ""
    said = keep_copy(opened.catalogue, is_stopped)
    opened.writer.read_older()
    return said


def open_review(job: Job | Library, held_by: LockedError | None) -> Review:
    """Return the review of what was opened.

    Not every value was looked at: where something breaks, it may be damage, and that is told.
    """
    with job.catalogue.blaming_damage():
        return Review(job, held_by)


def beside(held: LockedError) -> LockedError:
    """Return what a review says that reads beside the phototagger which holds the run_dir."""
    return LockedError(f"read-only: {held.holder} decides", held.cure, held.holder)


def open_to_write(
    settings: Settings, command: Sequence[str] = (), *, force_unlock: bool = False
) -> Job:
    """Return the job of a review. Raises LockedError where another phototagger holds the run_dir.

    Its model is not loaded yet, and lives in a process of its own.
    """
    return Job(
        settings, command=command, force_unlock=force_unlock, loads=False, model_in_child=True
    )


def open_beside(reader: Opened) -> Job:
    """Return the job of a review that only read until now.

    Raises LockedError where another phototagger still holds the run_dir, PhototaggerError where the
    run_dir is gone: it would be made anew.
    """
    reader.catalogue.in_place.check()
    return open_to_write(reader.settings, reader.command)


def change_counter(opened: Opened) -> int:
    """Return a number that changes whenever another process has changed the catalogue."""
    version: int = opened.catalogue.connection.execute("PRAGMA data_version").fetchone()[0]
    return version
