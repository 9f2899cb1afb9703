"""One job: its settings, its run_dir (locked), its run folder, and what is learnt on the way."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.core.label_tree import LabelTree
from phototagger.core.labels import read_labels
from phototagger.core.scan import Failure, Scan, check_root
from phototagger.core.thumb_cache import check_cache
from phototagger.engine.advice import told
from phototagger.engine.decisions.naming import before_the_tree
from phototagger.engine.library.photos import Photos, photos_known
from phototagger.engine.library.threshold import with_kept
from phototagger.engine.model import Model
from phototagger.engine.photo_reader.older import PictureReader
from phototagger.engine.photo_reader.wanted import PhotosWanted
from phototagger.engine.process.elsewhere import remote_of
from phototagger.engine.shards.shard import Shard
from phototagger.errors import InterruptedByUser, LabelsError, PhototaggerError, UsageError
from phototagger.files.folders import holds
from phototagger.printable import printable
from phototagger.settings.model import Settings, SettledThreshold
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.labels.custom_labels import with_words
from phototagger.store.labels.suggestions import Scoring, Table, scoring
from phototagger.store.lock import RunDirLock
from phototagger.store.runs import RunFolder, clean_runs, make_run_dir, new_run, newest_run, run_of
from phototagger.suggest import LabelHeads

if TYPE_CHECKING:
    from phototagger.discover.provider import Consent

OPENED_WITH = (
    "root", "run_dir", "cache_dir", "model_name", "pretrained", "device", "precision", "compile",
    "from_thumbs",
)  # fmt: skip
"""Settings that hold as long as a job is open."""
_PAUSE_LOOK_SECONDS = 0.05
_FEW = 8  # photos in the first batch where somebody waits for suggestions at a screen


class Job:
    """What the steps of the pipeline share. Use it as a context manager: it holds the lock.

    ``run_id`` continues that run; ``fresh`` begins a new one; else the newest run of the same
    root, model and labels is continued. ``labels`` and their ``tree`` stand in for the labels file.
    ``embeddings_from`` is a folder of vectors to use, ``save_embeddings`` writes the run's own.
    ``learned`` adds to the tables what a person's decisions suggest, ``include_auto`` to sidecars
    what certificates approved. ``labels`` are followed by
    those that were added in the review. Where the model is not to be loaded (``loads`` False), only
    labels that have vectors are suggested; all of them are ``offered``. ``model_in_child``
    keeps the model, and the reading of photos, in a process of its own, away from a screen's keys.
    A job that does not ``suggest`` needs no labels, and continues the newest run of the root,
    whatever made it. ``consent`` is what a person allowed providers that need the network;
    ``ask_again`` has providers asked about every photo anew. Of the photos only those of the
    ``shard`` are the job's; ``parts`` are other run_dirs, whose vectors are brought in.
    ``ray_address`` is the Ray cluster that computes, ``local`` one of this machine. ``wanted`` are
    the photos that somebody looks at, with which a step goes on.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        labels: Sequence[str] | None = None,
        tree: LabelTree | None = None,
        command: Sequence[str] = (),
        fresh: bool = False,
        run_id: str | None = None,
        force_unlock: bool = False,
        embeddings_from: str | None = None,
        save_embeddings: bool = False,
        learned: bool = False,
        include_auto: bool = False,
        loads: bool = True,
        model_in_child: bool = False,
        suggest: bool = True,
        consent: Consent | None = None,
        ask_again: bool = False,
        shard: Shard | None = None,
        parts: Sequence[str] = (),
        ray_address: str | None = None,
    ) -> None:
        if not settings.root:
            raise UsageError("root: no folder of photos is chosen", "name one with --root")
        self.settings = settings
        self.root = check_root(settings.root)
        _check_places(settings, self.root)
        self.suggest = suggest
        self.labels = list(labels) if labels is not None else self._read_labels()
        self.command = list(command)
        self.run_dir = Path(settings.run_dir)
        self.embeddings_from = embeddings_from
        self.save_embeddings = save_embeddings
        self.learned = learned
        self.heads: LabelHeads | None = None  # made when they are first asked for
        self.cancelled, self.paused = threading.Event(), threading.Event()
        self.notices, self.wanted = list[str](), PhotosWanted()
        self.scan_failures: list[Failure] = []
        self.completed: list[str] = []
        self.step = "start"
        self.refused = 0  # sidecars that were not written
        self.include_auto, self.consent = include_auto, consent
        self.ask_again = ask_again
        self.shard, self.parts = shard, list(parts)
        self.undiscovered: list[PhototaggerError] = []  # what providers failed with
        self.suggestions: Table | None = None  # of the photos, once they were read or computed
        self.scored = 0  # photos scored in the stream, as their batch was embedded
        self.first_batch = _FEW if model_in_child else None
        self._scan: Scan | None = None
        self._photos: Photos | None = None
        self._scoring: Scoring | None = None
        make_run_dir(self.run_dir, self.root)
        self._lock = RunDirLock(self.run_dir, force=force_unlock)
        with contextlib.ExitStack() as begun:
            begun.callback(self._lock.release)
            self.catalogue = Catalogue(self.run_dir, lock=self._lock, check=loads)
            begun.callback(self.catalogue.close)
            begun.enter_context(self.catalogue.blaming_damage())
            remote = remote_of(
                settings, lambda: self.run.file("log.txt"),
                alone=model_in_child, ray_address=ray_address,
            )  # fmt: skip
            self.model = Model(
                settings, self.catalogue, self.run_dir, self.notices.append,
                remote=remote, tree=tree,
            )  # fmt: skip
            self.notices += before_the_tree(self.catalogue, self.model.tree)
            self.settings = with_kept(settings, self.catalogue, self.root, self.model)
            if labels is None:
                self.labels = with_words(self.catalogue, self.labels)
            self.offered = list(self.labels)
            if not loads:
                self.labels = self.model.with_vectors(self.labels) or self.labels
            self.run = self._run_folder(run_id, fresh=fresh)
            self._pictures = PictureReader(
                self.catalogue, self.root, self.notices.append, settings.formats
            )
            if loads:
                self.read_older()
            begun.pop_all()

    @property
    def writer(self) -> Job:
        """This job, which may write."""
        return self

    def read_older(self) -> None:
        """Begin to read what an earlier version did not want to know, beside everything else.

        A job that loads no model leaves it to whoever opened it: a screen comes first.
        """
        self._pictures.start()

    def _read_labels(self) -> list[str]:
        try:
            return read_labels(self.settings.labels_file)
        except LabelsError:
            if self.suggest:
                raise
            return []

    def _run_folder(self, run_id: str | None, *, fresh: bool) -> RunFolder:
        try:
            run = self._begun(run_id, fresh=fresh) or new_run(self.run_dir)
            clean_runs(self.run_dir)
        except OSError as error:
            raise told(error) from error
        return run

    def _begun(self, run_id: str | None, *, fresh: bool) -> RunFolder | None:
        """Return the run to continue, None where a new one is to be made."""
        where, settings = self.run_dir, self.settings
        if run_id is not None:
            return run_of(where, run_id, settings, self.labels if self.suggest else None)
        if fresh:
            return None
        same = newest_run(where, settings, self.labels)
        return same if same or self.suggest else newest_run(where, settings, None)

    @property
    def photos(self) -> Photos:
        """The photos, once the scan is done."""
        assert self._photos is not None, "the scan comes first"
        return self._photos

    def begin_again(
        self, settings: Settings | None = None, labels: Sequence[str] | None = None
    ) -> None:
        """Make ready for more steps, with other settings or labels where they are given.

        Vectors and the loaded model are used on. Raises UsageError for a setting that the job was
        opened with: another root, folder or model is another job.
        """
        if settings is not None and settings != self.settings:
            for name in OPENED_WITH:
                if getattr(settings, name) != getattr(self.settings, name):
                    raise UsageError(f"{name}: was changed", "it holds from the next start on")
            self.settings = settings
            self.model.use(settings)
        if labels is not None:
            self.labels = list(labels)
        self._scoring = self.suggestions = self.heads = None
        self.scored = self.refused = 0
        self.undiscovered.clear()
        self.completed.clear()
        self.step = "start"

    def take_threshold(self, threshold: SettledThreshold) -> None:
        """Go on with the threshold that was settled."""
        self.settings = dataclasses.replace(self.settings, threshold=threshold)
        self._scoring = self.suggestions = None

    @property
    def scan(self) -> Scan:
        """What the scan found, once it is done."""
        assert self._scan is not None, "the scan comes first"
        return self._scan

    def found(self, scan: Scan, photos: Photos) -> None:
        """Keep what the scan found, of the photos those of the shard."""
        self._scan = scan
        self._photos = self.shard.of(photos) if self.shard else photos
        self.suggestions = None
        self.scan_failures = scan.failures

    def let_photos_go(self) -> None:
        """Keep none of what the scan found: a job that waits for more steps looks again then."""
        self._scan = self._photos = self.suggestions = None

    def look_again(self) -> None:
        """Take what the catalogue has learnt of the photos since the scan."""
        self.found(self.scan, photos_known(self.scan, self.catalogue, self.settings))

    @property
    def cut(self) -> str:
        """Says how many of the photos are taken, where max_images or a shard leaves some out."""
        if self._scan is None or len(self.photos) == self._scan.total:
            return ""
        cuts = [f"shard {self.shard}"] if self.shard else []
        cuts += ["max_images"] if len(self._scan.photos) < self._scan.total else []
        return f"{len(self.photos):,} of {self._scan.total:,} photos ({', '.join(cuts)})"

    @property
    def scoring(self) -> Scoring:
        """What decides the suggestions of this job."""
        if self._scoring is None:
            settings = self.settings
            self._scoring = scoring(
                self.catalogue,
                self.model.known.model,
                self.labels,
                [*settings.prompts, *self.model.tree.said(self.labels)],
                threshold=settings.threshold,
                topk=settings.topk,
            )
        return self._scoring

    def failures(self) -> list[Failure]:
        """Return everything under the root that could not be used, in scan order."""
        failures = list(self.scan_failures)
        if self._photos is not None:
            paths = self._photos.paths
            failures += [
                Failure(paths[position], str(why)) for position, why in self._photos.reasons.items()
            ]
        return sorted(failures, key=lambda failure: failure.path.replace(os.sep, "\0"))

    def check_cancelled(self) -> None:
        """Raise InterruptedByUser where the person asked to stop; wait while it is paused."""
        while self.paused.is_set() and not self.cancelled.wait(_PAUSE_LOOK_SECONDS):
            pass
        if self.cancelled.is_set():
            raise InterruptedByUser("stopped", "everything finished so far is kept")

    def close(self) -> None:
        """Put everything on disk and give the run_dir free."""
        self._pictures.close()
        try:
            self.model.close()
        except OSError as error:
            raise told(error) from error
        finally:
            self.catalogue.close()
            self._lock.release()

    def __enter__(self) -> Job:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            self.close()
        except PhototaggerError:
            if error is None:  # else the first error says more than what came of it
                raise


def _check_places(settings: Settings, root: str) -> None:
    """Refuse folders of ours that are the root, or may be somebody else's."""
    with contextlib.suppress(OSError):  # there is none yet
        if os.path.samefile(settings.run_dir, root):  # noqa: PTH121
            raise UsageError(
                f"run_dir: {printable(settings.run_dir)} is the root",
                "name another folder with --run-dir",
            )
    check_cache(settings.cache_dir, root)
    for setting in ("run_dir", "cache_dir"):
        folder = getattr(settings, setting)
        if os.path.islink(folder) and holds(root, folder):  # noqa: PTH114
            raise UsageError(
                f"{setting}: {printable(folder)} is a link that leads among the photos; nothing "
                "was written",
                f"name the folder itself, or another, with --{setting.replace('_', '-')}",
            )
