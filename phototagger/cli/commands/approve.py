"""``phototagger approve``: decisions without a screen."""

import argparse
import codecs
import os
import sys
from collections.abc import Callable, Sequence

import numpy as np

from phototagger.cli.drive import RunOptions, drive, reading
from phototagger.cli.promise_args import is_promise, take_promise
from phototagger.cli.settings_args import settings_of
from phototagger.core.labels import as_new_label, normalise_label, read_labels
from phototagger.engine.certificates.open_samples import approved_by, revoked
from phototagger.engine.certificates.sample import Promise
from phototagger.engine.decisions.approve import (
    Positions,
    Recorded,
    approve_before,
    approve_learned,
    approve_over,
    clear,
    decide_labels,
)
from phototagger.engine.decisions.learned import SUGGESTED
from phototagger.engine.job import Job
from phototagger.engine.library.library import Library, Opened
from phototagger.engine.library.photos import Photos
from phototagger.engine.library.vocabulary import all_labels, check_known, labels_of_file
from phototagger.engine.stats.summary import vectors_missing
from phototagger.errors import ExitCode, UsageError
from phototagger.files.named import read_at_most, read_named
from phototagger.printable import counted, printable
from phototagger.settings.model import Settings

_MOST_PATHS = 500_000_000  # bytes of a list: some million paths
_MOST_NAMED = 20  # paths that are no photos
_ACTS = (
    "say --over-threshold, --label LABEL, --precision P, --picture-before, --clear or --revoke ID"
)


def approve(args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
    """Record decisions; exit 0 where at least one is on record."""
    if args.dry_run:
        return _pretend(args)
    asked: list[str] | None = None
    promise = None

    def prepare() -> tuple[Settings, None]:
        nonlocal asked, promise
        promise = take_promise(args)
        _check(args, promise)
        asked = _asked(args)  # before anything is computed for a list that is not there
        return settings_of(args), None

    def record(job: Job, say: Callable[[str], None]) -> ExitCode:
        if promise is not None or args.revoke is not None:
            if promise is not None:
                say(f"approve: {approved_by(job, job.photos, promise)}")
            else:
                say(f"approve: {revoked(job, args.revoke)}")
            return ExitCode.DONE
        result = _decide(args, job, job.photos, _chosen(asked, job.photos, say))
        say(
            f"approve: {result.new:,} decisions on {result.photos:,} photos recorded, "
            f"{result.before:,} as before"
        )
        _say_unusable(result, say)
        if 0 < result.asked == result.decided:
            say(f"approve: nothing was left to approve: {_decided_already(result)}")
        elif not result.any:
            if result.decided:
                say(f"approve: {_decided_already(result)}")
            raise UsageError(
                "no decision was recorded: no photo or label fits what was asked for", "name others"
            )
        return ExitCode.DONE

    options = RunOptions(
        name="score" if args.over_threshold or is_promise(args) else "scan",
        words=words,
        as_json=args.json,
        quiet=args.quiet,
        force_unlock=args.force_unlock,
        learned=args.learned,
    )
    return drive(options, prepare, lambda _: [], after=record)


def _pretend(args: argparse.Namespace) -> ExitCode:
    """Say which decisions would be recorded, on how many photos; nothing is written."""
    _check(args, take_promise(args))
    with reading(args) as listener:
        asked = _asked(args)
        settings = settings_of(args)
        if not settings.root:
            raise UsageError("root: no folder of photos is chosen", "name one with --root")
        file = settings.labels_file
        labels = read_labels(file) if args.over_threshold else labels_of_file(settings)
        with Library(settings, labels) as library:
            photos = library.photos()
            if args.over_threshold:
                for missing in vectors_missing(library, photos):
                    listener.say(f"approve: {missing}")
                if library.images is None:
                    raise UsageError("approve: nothing is scored yet", "run `phototagger score`")
                library.labels = library.model.with_vectors(all_labels(library.catalogue, labels))
            result = _decide(args, library, photos, _chosen(asked, photos, listener.say))
        verb = "remove" if args.clear else "record"
        listener.say(
            f"approve: would {verb} {counted(result.new, 'decision')} on "
            f"{counted(result.photos, 'photo')}, {result.before:,} as before; nothing was written"
        )
        if result.decided:
            listener.say(f"approve: {_decided_already(result)}")
        for label, count in result.labels.most_common():
            listener.say(f"approve: {printable(label)}: {counted(count, 'photo')}")
        _say_unusable(result, listener.say)
    return ExitCode.DONE


def _decided_already(result: Recorded) -> str:
    """Say how many of the photos that were asked for persons have decided."""
    many = f"{result.decided:,} of {counted(result.asked, 'photo')}"
    all_of_it = f"all {counted(result.asked, 'photo')}" if result.asked > 1 else "the photo"
    which = all_of_it if result.decided == result.asked else many
    return f"{which} {'is' if result.decided == 1 else 'are'} decided by a person already"


def _say_unusable(result: Recorded, say: Callable[[str], None]) -> None:
    if result.unusable:
        say(f"approve: {counted(result.unusable, 'photo')} left out, as they cannot be used")


def _check(args: argparse.Namespace, promise: Promise | None) -> None:
    acts = (args.over_threshold, args.label, args.picture_before, args.clear, args.revoke, promise)
    if sum(bool(act) for act in acts) != 1:
        raise UsageError("approve: exactly one thing can be done at once", _ACTS)
    if (promise or args.revoke) and args.paths_from is not None:
        raise UsageError(
            "--paths-from goes with other approvals: a certificate is of the whole root",
            "leave it out",
        )
    if args.dry_run and (promise or args.revoke):
        raise UsageError(
            "--dry-run goes with other approvals: a certificate says what it approves by itself",
            "leave it out, or see `phototagger sample` and `phototagger stats`",
        )
    if args.min_score is not None and not args.over_threshold:
        raise UsageError(
            "--min-score goes with --over-threshold", "add it, or leave --min-score out"
        )
    if args.learned and not args.over_threshold:
        raise UsageError("--learned goes with --over-threshold", "add it, or leave --learned out")
    if args.reject and not args.label:
        raise UsageError("--reject goes with --label", "name the label that does not fit")
    if args.nul and args.paths_from is None:
        raise UsageError("-0 goes with --paths-from", "add it, or leave -0 out")
    _least(args, 0.0)
    _labels(args)


def _decide(
    args: argparse.Namespace, opened: Opened, photos: Photos, chosen: Positions
) -> Recorded:
    if args.learned:
        return approve_learned(opened, photos, chosen, _least(args, SUGGESTED))
    if args.over_threshold:
        return approve_over(opened, photos, chosen, _least(args, opened.settings.threshold))
    if args.label:
        labels = list(map(opened.model.tree.label_of, _labels(args)))
        if args.paths_from is None:  # a slip of the pen would be on every photo
            check_known(opened.catalogue, labels, labels_of_file(opened.settings))
        return decide_labels(opened, photos, chosen, labels, approved=not args.reject)
    if args.picture_before:
        return approve_before(opened, photos, chosen)
    return clear(opened, photos, chosen)


def _least(args: argparse.Namespace, threshold: float) -> float:
    if args.min_score is None:
        return threshold
    try:
        least = float(args.min_score)
    except ValueError:
        least = float("nan")
    lowest = 0 if args.learned else -1
    if not lowest <= least <= 1:
        cause = f"--min-score: must be a number from {lowest} to 1, not {args.min_score!r}"
        raise UsageError(cause, "name one between them")
    return least


def _labels(args: argparse.Namespace) -> list[str]:
    labels = []
    form = normalise_label if args.reject else as_new_label
    for text in args.label or ():
        try:
            labels.append(form(text))
        except ValueError as error:
            raise UsageError(f"--label {printable(text)}: {error}", "name another label") from error
    return list(dict.fromkeys(labels))


def _asked(args: argparse.Namespace) -> list[str] | None:
    """Return the paths of the list that was named, None where there is no list."""
    if args.paths_from is None:
        return None
    data = _read(args.paths_from)
    # A file's name may end with \r, but only a list that ends its paths with NUL can say so.
    if args.nul:
        lines = data.split(b"\0")
    else:
        lines = data.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n").split(b"\n")
    return [os.path.abspath(os.fsdecode(line)) for line in lines if line]


def _chosen(asked: list[str] | None, photos: Photos, say: Callable[[str], None]) -> Positions:
    """Return the positions of the photos that were asked for."""
    if asked is None:
        return np.arange(len(photos))
    places = {path: position for position, path in enumerate(photos.paths)}
    strange = [path for path in asked if path not in places]
    for path in strange[:_MOST_NAMED]:
        say(f"approve: {printable(path)}: is no photo of {printable(photos.root)}")
    if more := len(strange[_MOST_NAMED:]):
        say(f"approve: {more:,} more paths are no photos of {printable(photos.root)}")
    positions = {places[path] for path in asked if path in places}
    return np.array(sorted(positions), np.int64)


def _read(name: str) -> bytes:
    try:
        if name == "-":
            return read_at_most(sys.stdin.buffer, _MOST_PATHS, name)
        return read_named(name, _MOST_PATHS, pipe=True)
    except OSError as error:
        raise UsageError(
            f"--paths-from {printable(name)}: {error.strerror}",
            "name a list of photos that can be read, or - for stdin",
        ) from error
