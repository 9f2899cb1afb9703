"""``phototagger discover``: which providers there are, ask some, and what they found."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from phototagger.cli.consent_args import consent_of
from phototagger.cli.drive import RunOptions, drive, reading
from phototagger.cli.output.json_lines import print_json
from phototagger.cli.settings_args import settings_of
from phototagger.discover.registry import check_names, kind_of, providers
from phototagger.engine.discovery.report import gains
from phototagger.engine.job import Job
from phototagger.engine.library.library import Library
from phototagger.engine.library.vocabulary import labels_of_file
from phototagger.errors import ExitCode, PhototaggerError, UsageError
from phototagger.printable import counted, one_line, printable
from phototagger.settings.model import Settings

_TOP = "10"


def discover(args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
    """Do what the first word says."""
    does = {"list": _list, "run": _run, "report": _report}
    word, args.root_word = args.root_word, None
    if word not in does:
        cause = f"{printable(word)} is no word of it" if word else "nothing to do"
        raise UsageError(f"discover: {cause}", f"write phototagger discover {'|'.join(does)}")
    if args.names and os.path.isdir(args.names[-1]):  # noqa: PTH112
        args.root_word = args.names.pop()
    if args.names and word != "run":
        raise UsageError(f"discover {word}: names {printable(args.names[0])}", "leave it out")
    return does[word](args, words)


def _list(args: argparse.Namespace, _words: Sequence[str]) -> ExitCode:
    with reading(args) as listener:
        entries = providers()
        for name, entry in entries.items():
            try:
                kind = kind_of(name)
                sentence = (kind.__doc__ or "").strip().partition("\n")[0]
                needs = [str(need) for need in getattr(kind, "needs", ())]
                problem = ""
            except PhototaggerError as error:
                sentence, needs, problem = "", [], str(error)
            package = entry.dist.name if entry.dist else "phototagger"
            if args.json:
                print_json(
                    {
                        "event": "provider", "name": name, "package": package, "says": sentence,
                        "needs": needs, "problem": problem or None,
                    }
                )  # fmt: skip
            else:
                needed = f" (needs {', '.join(needs)}; from {package})"
                sys.stdout.write(one_line(f"{name:16}{problem or sentence + needed}") + "\n")
        listener.say(f"discover: {counted(len(entries), 'provider')}")
    return ExitCode.DONE


def _run(args: argparse.Namespace, words: Sequence[str]) -> ExitCode:
    def prepare() -> tuple[Settings, None]:
        settings = settings_of(args)
        settings = replace(settings, discover=(*args.names, *settings.discover))
        settings = replace(settings, discover=tuple(dict.fromkeys(settings.discover)))
        if not settings.discover:
            raise UsageError("discover run: no provider is named", "`phototagger discover list`")
        check_names(settings.discover)
        return settings, None

    def after(job: Job, _say: Callable[[str], None]) -> ExitCode | None:
        return job.undiscovered[0].exit_code if job.undiscovered else None

    options = RunOptions(
        name="discover", words=words, as_json=args.json, quiet=args.quiet,
        force_unlock=args.force_unlock, consent=consent_of(args), ask_again=args.again,
    )  # fmt: skip
    return drive(options, prepare, lambda _: [], after)


def _report(args: argparse.Namespace, _words: Sequence[str]) -> ExitCode:
    with reading(args) as listener:
        top = args.top or _TOP
        if not top.isdecimal() or not int(top):
            raise UsageError(f"--top {printable(top)}: must be a number from 1 on", "write one")
        settings = settings_of(args)
        if not settings.root:
            raise UsageError("root: no folder of photos is chosen", "name one with --root")
        written = labels_of_file(settings)
        with Library(settings, written) as library:
            proposed = gains(library, written)
        for gain in proposed[: int(top)]:
            if args.json:
                print_json(
                    {
                        "event": "gain", "label": gain.label, "provider": gain.provider,
                        "photos": gain.photos, "score": round(gain.total, 4),
                        "examples": [printable(path) for path in gain.examples],
                    }
                )  # fmt: skip
            else:
                shown = ", ".join(printable(path) for path in gain.examples)
                head = f"{gain.label:24}{counted(gain.photos, 'photo'):>14}  {gain.provider}: "
                sys.stdout.write(one_line(head + shown) + "\n")
        listener.say(
            f"discover: {len(proposed):,} labels were proposed that are not in the vocabulary"
        )
        if proposed:
            listener.say("discover: `phototagger labels add LABEL` takes one in")
    return ExitCode.DONE
