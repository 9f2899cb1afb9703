"""``phototagger labels``: check the labels, or rename, merge, remove, add or give synonyms."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from phototagger.cli.drive import reading
from phototagger.cli.label_lists import ACTIONS, label_lists
from phototagger.cli.output.json_lines import print_json
from phototagger.cli.output.progress import Listener
from phototagger.cli.settings_args import settings_of
from phototagger.core.labels import LabelLine, read_label_lines
from phototagger.core.scan import check_root
from phototagger.engine.decisions.naming import Kind
from phototagger.engine.library.library import Library
from phototagger.engine.library.vocabulary import name_in
from phototagger.engine.run_dir import has_catalogue
from phototagger.engine.stats.check_labels import Finding, by_library, doubled, gathered, renamed
from phototagger.errors import ExitCode, UsageError
from phototagger.printable import one_line, printable
from phototagger.settings.model import Settings

_CURE = "; `phototagger embed ROOT`, with the same settings, makes them"


class _Typed(NamedTuple):
    """What is typed after an action's word; ``swapped``: the label that stays comes first."""

    words: tuple[str, ...]
    swapped: bool = False


_FORMS = {
    Kind.RENAME: _Typed(("OLD", "NEW")),
    Kind.MERGE: _Typed(("FROM", "INTO")),
    Kind.REMOVE: _Typed(("LABEL",)),
    Kind.SYNONYM: _Typed(("LABEL", "WORD"), swapped=True),
    Kind.ADD: _Typed(("LABEL",)),
}


def labels(args: argparse.Namespace, _words: Sequence[str]) -> ExitCode:
    """Check the labels, which stops nothing and exits 0; or name some."""
    if args.root_word in ACTIONS:
        return label_lists(args)
    if args.root_word in set(Kind):
        return _name(args, Kind(args.root_word))
    if args.names or args.dry_run:
        raise UsageError(
            "labels: nothing to do", f"say what: phototagger labels {'|'.join(Kind)} LABEL"
        )
    if args.form or args.output:
        raise UsageError(
            "--for, --output: are for lists", "say `labels import FILE` or `labels export`"
        )
    with reading(args) as listener:
        settings = settings_of(args)
        lines = read_label_lines(settings.labels_file)
        names = list(dict.fromkeys(line.label for line in lines))
        more, notes, shown = _on_library(settings, lines, names)
        findings = [*doubled(lines), *more]
        where = printable(settings.labels_file)
        listener.say(f"labels: {len(names):,} labels in {where}, {len(findings):,} findings")
        for note in notes:
            listener.say(f"labels: {note}")
        for finding in findings if args.json or args.all else gathered(findings, shown):
            if args.json:
                print_json({"event": "finding", **vars(finding)})
            else:
                sys.stdout.write(f"{finding.kind:11}{one_line(finding.said)}\n")
    return ExitCode.DONE


def _on_library(
    settings: Settings, lines: list[LabelLine], names: list[str]
) -> tuple[list[Finding], list[str], Callable[[str], str]]:
    """Return what the library says, what is missing to say more, and how labels are shown."""
    nothing = "only the file was checked"
    if not has_catalogue(settings.run_dir):
        return [], [f"{nothing}: {printable(settings.run_dir)} holds no vectors{_CURE}"], str
    with Library(settings, names) as library:
        findings, shown = list(renamed(library, lines)), library.model.tree.shown
        if library.images is None:
            cause = f"{settings.model_name} was never used with this run_dir"
            return findings, [f"{nothing}: {cause}{_CURE}"], shown
        without = int((~library.model.labels_here(library.labels)).sum())
        if without:
            return findings, [f"{nothing}: {without:,} labels have no vectors{_CURE}"], shown
        keys = library.contents()
        findings += by_library(library, keys)
    if not len(keys):
        return findings, [f"no photo has a vector, so only meanings were compared{_CURE}"], shown
    note = f"{len(keys):,} photos show how often each label is over the threshold"
    return findings, [note], shown


def _name(args: argparse.Namespace, kind: Kind) -> ExitCode:
    """Rename, merge, remove, add a label or give it a synonym; say which lines to change."""
    args.root_word, form = None, _FORMS[kind]
    if len(args.names) == len(form.words) + 1 and os.path.isdir(args.names[-1]):  # noqa: PTH112
        args.root_word = args.names.pop()
    if len(args.names) != len(form.words):
        usage = f"phototagger labels {kind} {' '.join(form.words)} [ROOT]"
        raise UsageError(f"labels {kind}: names {len(args.names)} labels", f"write {usage}")
    words = args.names[::-1] if form.swapped else args.names
    with reading(args) as listener:
        settings = settings_of(args)
        root = check_root(settings.root) if settings.root else None
        listener.say(f"run_dir: {printable(settings.run_dir)}")
        done = name_in(
            settings, kind, words[0], words[-1],
            root=root, dry_run=args.dry_run, force=args.force_unlock,
        )  # fmt: skip
        listener.say(f"labels: {'would do: ' if args.dry_run else ''}{done.plan.said}")
        _tell_lines(listener, settings, done.stale)
        if done.is_act and not args.dry_run:
            listener.say("labels: one act; `phototagger undo` takes it back, as `u` in the review")
        if args.json:
            moved = done.plan.moved._asdict()
            del moved["edits"]
            stale = [{"line": line.number, "text": line.text, "do": do} for line, do in done.stale]
            print_json(
                {
                    "event": "labels", **done.plan.naming._asdict(), **moved,
                    "dry_run": args.dry_run, "lines": stale,
                }
            )  # fmt: skip
    return ExitCode.DONE


def _tell_lines(
    listener: Listener, settings: Settings, stale: Sequence[tuple[LabelLine, str]]
) -> None:
    where = printable(os.path.relpath(settings.labels_file))
    for line, do in stale:
        listener.say(f"labels: {where}:{line.number}: {printable(line.text.strip())}: {do}")
    if stale:
        listener.say("labels: until then these words mean what was said; no run writes that file")
