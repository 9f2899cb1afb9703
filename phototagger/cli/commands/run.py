"""The commands of the steps, and ``run``, which does all of them."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from phototagger.cli.consent_args import consent_of
from phototagger.cli.drive import RunOptions, drive, listener_of, steps_ordered
from phototagger.cli.settings_args import settings_of, typed_settings
from phototagger.engine.cluster.connecting import LOCAL
from phototagger.engine.job import Job
from phototagger.engine.library.prune import prune
from phototagger.engine.plan import plan
from phototagger.engine.repeat import GivenLabels, settings_from_run
from phototagger.engine.shards.shard import shard_of
from phototagger.engine.step import RUN, STEPS
from phototagger.errors import ExitCode, UsageError
from phototagger.settings.model import Settings


def _outputs(name: str) -> Callable[[Job], list[Any]]:
    return lambda job: [job.run.path] if name == RUN else [*STEPS[name].outputs(job)]


def run(args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
    """Run one command of the pipeline, as typed."""

    def prepare() -> tuple[Settings, GivenLabels | None]:
        if getattr(args, "repeat", None):
            return settings_from_run(args.repeat, typed_settings(args))
        return settings_of(args), None

    options = RunOptions(
        name=args.command,
        words=words,
        as_json=args.json,
        quiet=args.quiet,
        run_id=args.run_id,
        force_unlock=args.force_unlock,
        embeddings_from=getattr(args, "embeddings", None),
        save_embeddings=getattr(args, "save_embeddings", False),
        sidecars=getattr(args, "sidecars", False),
        learned=getattr(args, "learned", False),
        include_auto=getattr(args, "include_auto", False),
        nul=args.nul,
        consent=consent_of(args),
        shard=shard_of(args.shard) if getattr(args, "shard", None) else None,
        parts=getattr(args, "parts", None) or (),
        ray_address=_ray_address(args),
    )
    prune = getattr(args, "prune", False)
    if args.dry_run:
        return _pretend(options, *prepare(), prune=prune)
    return drive(options, prepare, _outputs(args.command), _prune if prune else None)


def _ray_address(args: argparse.Namespace) -> str | None:
    """Return the cluster that is to compute; None: this machine alone."""
    address: str | None = getattr(args, "ray_address", None)
    if getattr(args, "engine", None) == "ray":
        return address or LOCAL
    if address is not None:
        raise UsageError("--ray-address is for --engine ray", "add that, or leave it out")
    return None


def _prune(job: Job, say: Callable[[str], None]) -> None:
    line = prune(job.settings.cache_dir, job.settings.run_dir)
    job.run.log(line)
    say(line)


def _pretend(
    options: RunOptions, settings: Settings, given: GivenLabels | None, *, prune: bool
) -> ExitCode:
    """Say what would be done."""
    if not settings.root:
        raise UsageError("root: no folder of photos is chosen", "name one with --root")
    listener = listener_of(options)
    labels = given.labels if given else None
    for line in plan(
        settings, labels, steps_ordered(options, settings), pruning=prune, shard=options.shard
    ):
        listener.say(line)
    listener.finished(None, int(ExitCode.DONE))
    return ExitCode.DONE
