"""``phototagger labels import|export``: keyword lists of other programs ↔ a labels file."""

import argparse
import os
import sys

from phototagger.cli.drive import reading
from phototagger.cli.output.json_lines import print_json
from phototagger.cli.output.progress import Listener
from phototagger.cli.output.streams import write_bytes
from phototagger.cli.settings_args import settings_of
from phototagger.core.keyword_lists import (
    OF_OTHERS,
    KeywordList,
    ListForm,
    form_of,
    read_list,
    write_list,
)
from phototagger.core.labels import MOST_BYTES, decoded
from phototagger.engine.library.keyword_lists import labels_as_keywords
from phototagger.errors import ExitCode, LabelsError, UsageError
from phototagger.files.atomic import write_new
from phototagger.files.named import read_at_most, read_named
from phototagger.printable import one_line, printable

ACTIONS = ("import", "export")
FORMS = tuple(map(str, OF_OTHERS))
"""How lists may be written, as ``--for`` names them."""

_STREAM = "-"


def label_lists(args: argparse.Namespace) -> ExitCode:
    """Print a labels file made of a list, or a list made of the labels; or write it."""
    action, args.root_word = args.root_word, None
    if action == "export":
        args.root_word = args.names.pop() if args.names else None
    if len(args.names) != (action == "import") or args.dry_run:
        usage = "import FILE" if action == "import" else f"export --for {'|'.join(FORMS)} [ROOT]"
        raise UsageError(
            f"labels {action}: that is not all, or too much", f"write phototagger labels {usage}"
        )
    if args.json and not args.output:
        raise UsageError("--json: stdout is for the list", "name a file with --output")
    with reading(args) as listener:
        if action == "import":
            keyword_list, form = _imported(args, listener), ListForm.TREE
        elif not args.form:
            raise UsageError(
                "labels export: for which program?", f"name it: --for {'|'.join(FORMS)}"
            )
        else:
            keyword_list, form = labels_as_keywords(settings_of(args)), ListForm(args.form)
        _give(args, keyword_list, form, listener)
    return ExitCode.DONE


def _imported(args: argparse.Namespace, listener: Listener) -> KeywordList:
    """Return the keywords of a list, and say as what it was read."""
    (name,) = args.names
    where = "stdin" if name == _STREAM else printable(os.path.abspath(name))
    try:
        if name == _STREAM:
            data = read_at_most(sys.stdin.buffer, MOST_BYTES, where)
        else:
            data = read_named(name, MOST_BYTES, pipe=True)
    except OSError as error:
        raise UsageError(
            f"{where}: cannot be read: {error.strerror}", "name a list of keywords"
        ) from error
    text = decoded(data, where)
    form = ListForm(args.form) if args.form else form_of(text)
    keyword_list = read_list(text, form)
    if not keyword_list.keywords:
        raise LabelsError([f"{where}: holds no keyword"], "name a list of keywords")
    as_what = "a labels file" if form is ListForm.TREE else f"a list of the form {form}"
    listener.say(
        f"labels: {where}: read as {as_what}{'' if args.form else '; --for names another'}"
    )
    return keyword_list


def _give(
    args: argparse.Namespace, keyword_list: KeywordList, form: ListForm, listener: Listener
) -> None:
    """Print or write a list, and name what is not in it."""
    written = write_list(keyword_list.keywords, form)
    data = written.text.encode()
    if args.output:
        try:
            write_new(args.output, data)
        except OSError as error:
            raise UsageError(
                f"{printable(args.output)}: {error.strerror}; it was left as it is",
                "name a file that is not there",
            ) from error
    else:
        write_bytes(data)
    count = sum(not keyword.is_category for keyword in keyword_list.keywords)
    categories = len(keyword_list.keywords) - count
    synonyms = sum(len(keyword.synonyms) for keyword in keyword_list.keywords)
    listener.say(f"labels: {count:,} labels, {synonyms:,} synonyms, {categories:,} categories")
    left_out = keyword_list.left_out | written.left_out
    for reason, what in left_out.items():
        listener.say(f"labels: left out: {reason}: {one_line(', '.join(map(printable, what)))}")
    if args.json:
        print_json(
            {
                "event": "labels", "labels": count, "synonyms": synonyms,
                "categories": categories, "left_out": left_out,
            }
        )  # fmt: skip
