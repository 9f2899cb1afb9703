"""The commands: what each is called and says of itself. What each does is imported late."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from phototagger.cli.consent_args import consent_flags
from phototagger.cli.flags import reword
from phototagger.cli.promise_args import promise_flags
from phototagger.core.keyword_lists import OF_OTHERS
from phototagger.engine.step import RUN, STEPS, steps_of
from phototagger.errors import ExitCode


@dataclass(frozen=True)
class Command:
    """One command of the command line.

    What it does is the function of its name, or of ``does``, in ``commands/<that name>.py``.
    """

    name: str
    sentence: str
    add_flags: Callable[[argparse.ArgumentParser], None]
    words: str = "[ROOT]"
    does: str = ""

    def run(self, args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
        """Do it; ``args`` is what was typed, ``words`` are all its words."""
        name = self.does or self.name
        module = import_module(f"phototagger.cli.commands.{name}")
        code: ExitCode = getattr(module, name)(args, words)
        return code


def _step_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--run", dest="run_id", metavar="ID", help="continue this run (default: the newest alike)"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and write nothing"
    )
    parser.add_argument(
        "-0", dest="nul", action="store_true", help="paths on stdout end with NUL, not a line's end"
    )


def _nul_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-0", dest="nul", action="store_true", help="paths end with NUL, not with a line's end"
    )


def _prune_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--prune",
        action="store_true",
        help="remove the thumbnails that no photo of the catalogue uses",
    )


def _embeddings_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--embeddings",
        metavar="DIR",
        help="use the vectors of this folder, which --save-embeddings wrote",
    )
    parser.add_argument(
        "--save-embeddings",
        action="store_true",
        help="write the vectors of the run into its folder, as embeddings/",
    )


def _parts_flags(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--shard",
        metavar="I/N",
        help="only the photos of part I of N: the same ones on every machine (docs/scale.md)",
    )
    what.add_argument(
        "--merge",
        dest="parts",
        nargs="+",
        metavar="DIR",
        help="bring in what other run_dirs hold, as those of shards; then compute what is missing",
    )


def _engine_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--engine",
        choices=("local", "ray"),
        help="who decodes and computes: this machine, or the nodes of a Ray cluster (default: "
        "local; docs/scale.md)",
    )
    parser.add_argument(
        "--ray-address",
        metavar="HOST:PORT",
        help="the cluster of --engine ray (default: one of this machine, for as long as it runs)",
    )


def _learned_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--learned",
        action="store_true",
        help="add to results.parquet what your decisions suggest, as the column learned",
    )


def _include_auto_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--include-auto",
        action="store_true",
        help="write into sidecars what certificates approved, too",
    )


def _run_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="repeat", metavar="FILE", help="repeat the run of this config.json"
    )
    parser.add_argument(
        "--sidecars", action="store_true", help="write the approved labels into sidecars, too"
    )
    _include_auto_flag(parser)
    consent_flags(parser)


_FLAGS = {"prune": _prune_flag, "embeddings": _embeddings_flags, "learned": _learned_flag}
"""The groups of flags that steps listen to."""


def _sidecars_flags(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--undo", action="store_true", help="take back the last write")
    what.add_argument(
        "--verify", action="store_true", help="list the sidecars that others changed since"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print the differences, and write nothing"
    )
    _include_auto_flag(parser)


def _approve_flags(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--over-threshold",
        action="store_true",
        help="approve, as auto, every label over the threshold; what a person has decided is left "
        "alone, label or photo",
    )
    what.add_argument(
        "--label",
        action="append",
        metavar="LABEL",
        help="approve this label and decide nothing else; may be repeated; a label that is not "
        "known yet needs --paths-from",
    )
    what.add_argument(
        "--picture-before",
        action="store_true",
        help="take the decisions of the picture before, where a photo's picture changed or it is a "
        "copy with other metadata, and nothing is decided of it",
    )
    what.add_argument(
        "--clear", action="store_true", help="remove all decisions, also those of a person"
    )
    what.add_argument(
        "--revoke", metavar="ID", help="take back what a certificate approved, such as C3"
    )
    promise_flags(parser)
    parser.add_argument("--reject", action="store_true", help="with --label: say no to it")
    parser.add_argument(
        "--min-score", metavar="X", help="with --over-threshold: this in place of the threshold"
    )
    parser.add_argument(
        "--learned",
        action="store_true",
        help="with --over-threshold: approve what a person's decisions suggest; --min-score is "
        "then a probability (default: 0.5)",
    )
    parser.add_argument(
        "--paths-from",
        metavar="FILE",
        help="only the photos of this list (- for stdin), one a line",
    )
    _nul_flag(parser)
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="say on how many photos which labels would be decided, and write nothing",
    )


def _sample_flags(parser: argparse.ArgumentParser) -> None:
    promise_flags(parser)
    parser.add_argument(
        "--looks",
        metavar="N",
        help="how many photos are looked at (default: enough to bear four wrong looks); more than "
        "were drawn before draws the others",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--questions",
        action="store_true",
        help="print a table with the labels to ask of each photo; write approved or rejected into "
        "its column decision, and `approvals import` takes it in",
    )
    what.add_argument(
        "--give-up", action="store_true", help="close the open sample; nothing is approved"
    )
    _nul_flag(parser)


def _approvals_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="a .csv or .parquet file; - is stdout or stdin, as CSV; of keywords: the root",
    )
    keywords = parser.add_mutually_exclusive_group()
    for whose in ("photos", "sidecars"):
        keywords.add_argument(
            f"--from-{whose}",
            dest="keywords_of",
            action="store_const",
            const=whose,
            help=f"take in the keywords that the {whose} of the root hold, as approvals by auto",
        )
    parser.add_argument(
        "--by-person",
        action="store_true",
        help="with --from-photos or --from-sidecars: as approvals by a person, which teach",
    )
    parser.add_argument(
        "--format",
        choices=("csv", "parquet"),
        help="what FILE holds, where its name does not say so",
    )


def _labels_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names", nargs="*", metavar="LABEL", help="what is renamed, to what; the root last"
    )
    parser.add_argument(
        "--for",
        dest="form",
        choices=tuple(map(str, OF_OTHERS)),
        help="the program whose list is imported (default: as it looks) or exported",
    )
    parser.add_argument(
        "--output", metavar="FILE", help="write the list into this new file, not to stdout"
    )
    parser.add_argument(
        "--all", action="store_true", help="name every label that is over the threshold nowhere"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and write nothing"
    )


def _find_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="WORD", help="what is looked for")
    parser.add_argument(
        "--like",
        action="append",
        metavar="PHOTO",
        help="find what is like this photo; may be repeated",
    )
    parser.add_argument(
        "--top", metavar="N", help="at most so many (default: 200 by meaning or likeness)"
    )
    _nul_flag(parser)
    reword(parser, "root_word", "WORD", "a folder before other words is the root")


def _discover_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="with run: the providers to ask; the root last"
    )
    consent_flags(parser)
    parser.add_argument("--again", action="store_true", help="with run: ask about every photo anew")
    parser.add_argument(
        "--top", metavar="N", help="with report: how many labels are listed (default: 10)"
    )


def _undo_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--redo", action="store_true", help="do again what was taken back")
    parser.add_argument("--dry-run", action="store_true", help="say what it was, and write nothing")


def _stats_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--png", metavar="FILE", help="write the histograms into a picture, too")
    parser.add_argument(
        "--learned",
        action="store_true",
        help="judge what your decisions taught, too, on photos that did not teach it; that takes "
        "minutes where thousands are decided",
    )


def _doctor_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--repair",
        action="store_true",
        help="make a new catalogue in the place of a damaged one, of what can be read of it and of "
        "its copies; the damaged one is kept",
    )


def _no_flags(_: argparse.ArgumentParser) -> None:
    return None


def _shell(parser: argparse.ArgumentParser) -> None:
    # The one word of this command is a shell, not a root.
    reword(parser, "root_word", "SHELL", "bash, zsh or fish")


def _pipeline(name: str, sentence: str, *more: Callable[..., None]) -> Command:
    """Return the command of a step, with the flags of all steps that it does."""
    groups = [_FLAGS[flags] for step in steps_of(name) for flags in step.flags]

    def add_flags(parser: argparse.ArgumentParser) -> None:
        for add in (_step_flags, *groups, *more):
            add(parser)

    return Command(name, sentence, add_flags, does=RUN)


_OWN_FLAGS = {
    "embed": (_parts_flags, _engine_flags)
}  # of a step's command, and of none that does it as well
_OWN_COMMAND = ("sidecars", "discover")  # steps whose command does more than the step

_ALL = (
    *(
        _pipeline(step.name, step.sentence, *_OWN_FLAGS.get(step.name, ()))
        for step in STEPS.values()
        if step.is_command and step.name not in _OWN_COMMAND
    ),
    _pipeline(RUN, "Do all of these, into a new run folder.", _run_flags, _engine_flags),
    Command("review", "Decide, in a terminal: see photos, check labels.", consent_flags),
    Command(
        "demo",
        "Do the whole job on the photos that ship with phototagger, in a fresh folder.",
        _no_flags,
        words="",
    ),
    Command("approve", "Decide without a screen.", _approve_flags),
    Command(
        "find",
        "Find photos by words, likeness, names, labels, dates and cameras; print their paths.",
        _find_flags,
        words="WORDS... | label:LABEL | 2024-04 | name:PART | camera:PART | --like PHOTO",
    ),
    Command(
        "discover",
        STEPS["discover"].sentence,
        _discover_flags,
        words="list | run NAME... [ROOT] | report [ROOT]",
    ),
    Command("undo", "Take back what was decided last, here or in the review; --redo.", _undo_flags),
    Command(
        "sample",
        "Draw the photos to look at before `approve --precision`.",
        _sample_flags,
    ),
    Command(
        "approvals",
        "Export or import decisions, by content, between machines; or take in keywords of photos.",
        _approvals_flags,
        words="export|import FILE | import --from-photos|--from-sidecars [ROOT]",
    ),
    Command(
        "sidecars",
        STEPS["sidecars"].sentence,
        _sidecars_flags,
    ),
    Command(
        "labels",
        "Check the labels: doubled, never or always suggested, near synonyms; or rename, merge, "
        "remove or add some, or give one a synonym; read and write keyword lists.",
        _labels_flags,
        words="[ROOT] | (rename OLD NEW | merge FROM INTO | remove LABEL | synonym LABEL WORD | "
        "add LABEL | export --for PROGRAM) [ROOT] | import FILE",
    ),
    Command(
        "stats",
        "Say what was suggested and decided, by label and folder, and how good it is.",
        _stats_flags,
    ),
    Command("doctor", "Check that everything needed is here; name the cure.", _doctor_flags),
    Command(
        "completion",
        "Print what makes a shell complete phototagger's words.",
        _shell,
        words="bash|zsh|fish",
    ),
)

COMMANDS = {command.name: command for command in _ALL}
