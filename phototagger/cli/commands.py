"""The commands: what each is called, does and prints."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phototagger.core.errors import ExitCode, UsageError
from phototagger.core.settings import RULES, Settings

if TYPE_CHECKING:
    from phototagger.engine.job import Job

Run = Callable[[argparse.Namespace, Sequence[str]], ExitCode]


@dataclass(frozen=True)
class Command:
    """One command of the command line."""

    name: str
    sentence: str
    run: Run
    add_flags: Callable[[argparse.ArgumentParser], None]


def typed_settings(args: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that were typed; a ROOT without a flag is the root."""
    typed = {name: value for name, value in vars(args).items() if name in RULES}
    if args.root_word is not None:
        if "root" in typed:
            raise UsageError(f"two roots: --root {typed['root']} and {args.root_word}; name one")
        typed["root"] = args.root_word
    return typed


def settings_of(args: argparse.Namespace) -> Settings:
    """Return the settings of typed flags, a configuration file and the defaults."""
    from phototagger.core.settings_reader import read_settings

    config = args.config
    if config is None and Path("config.yaml").is_file():
        config = "config.yaml"
    return read_settings(typed_settings(args), config)


def _pipeline(name: str, outputs: Callable[[Job], list[Any]]) -> Run:
    """Return what runs the steps of a command and prints where its outputs are."""

    def run(args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
        from phototagger.cli.drive import drive
        from phototagger.core.settings_reader import settings_from_run

        def prepare() -> tuple[Settings, Sequence[str] | None]:
            if getattr(args, "repeat", None):
                return settings_from_run(args.repeat, typed_settings(args))
            return settings_of(args), None

        return drive(
            name,
            prepare,
            words=words,
            run_id=getattr(args, "run_id", None),
            as_json=args.json,
            quiet=args.quiet,
            force_unlock=args.force_unlock,
            outputs=outputs,
        )

    return run


def _run_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--run", dest="run_id", metavar="ID", help="continue this run (default: the newest alike)"
    )


def _run_flags(parser: argparse.ArgumentParser) -> None:
    _run_flag(parser)
    parser.add_argument(
        "--from", dest="repeat", metavar="FILE", help="repeat the run of this config.json"
    )


def _demo(args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
    from phototagger.cli.demo import demo

    return demo(typed_settings(args), words, as_json=args.json, quiet=args.quiet)


def _files(*names: str) -> Callable[[Job], list[Any]]:
    return lambda job: [job.run.file(name) for name in names]


def _no_flags(_: argparse.ArgumentParser) -> None:
    return None


_ALL = (
    Command(
        "scan",
        "List the photos under the root.",
        _pipeline("scan", _files("photos.parquet")),
        _run_flag,
    ),
    Command(
        "thumbs",
        "Make the 512 px thumbnails.",
        _pipeline("thumbs", lambda job: [job.settings.cache_dir]),
        _run_flag,
    ),
    Command(
        "embed",
        "Compute the CLIP vectors of photos and labels.",
        _pipeline("embed", lambda job: [job.model.folder]),
        _run_flag,
    ),
    Command(
        "score",
        "Suggest labels: the cosine of photos and labels.",
        _pipeline("score", _files("results.parquet")),
        _run_flag,
    ),
    Command(
        "medoids",
        "Find the typical photo of each folder.",
        _pipeline("medoids", _files("folder_medoids.csv")),
        _run_flag,
    ),
    Command(
        "export",
        "Write the tables of suggestions and decisions.",
        _pipeline("export", _files("results.csv", "approved.csv", "approvals.parquet")),
        _run_flag,
    ),
    Command(
        "run",
        "Do all of these, into a new run folder.",
        _pipeline("run", lambda job: [job.run.path]),
        _run_flags,
    ),
    Command(
        "demo",
        "Do the whole job on the photos that ship with phototagger, in a fresh folder.",
        _demo,
        _no_flags,
    ),
)

COMMANDS = {command.name: command for command in _ALL}
