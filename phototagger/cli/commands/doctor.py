"""``phototagger doctor``: is everything here? One line each, with the cure."""

import argparse
import os
import shlex
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from phototagger.cli.output.json_lines import print_finished, print_json
from phototagger.cli.packages import OLDEST, cure_of, unfit
from phototagger.cli.settings_args import settings_of
from phototagger.core.clip_model import EMBEDDED
from phototagger.core.thumb_cache import cached_thumbnails, more_readable, thumbnail_file
from phototagger.engine.library.vocabulary import root_used_last
from phototagger.engine.run_dir import check_catalogue, has_catalogue
from phototagger.errors import ExitCode, MissingError, PhototaggerError, RefusedSidecar
from phototagger.formats import FORMATS
from phototagger.imaging.opened import check_formats, is_installed, plug_in
from phototagger.model import embedded
from phototagger.model.cuda import OF_A_CARD, unusable, why_no_cuda
from phototagger.model.weights import open_clip_module, weights_here
from phototagger.printable import one_line, printable
from phototagger.settings.model import Settings
from phototagger.sidecars.exiftool.session import StayOpen
from phototagger.tui.graphics.probe import probe
from phototagger.tui.graphics.terminal import Terminal, color_system, how_to_draw

_LEAST_FREE = 2**30
_SCIPY_FOR_NUMPY_2 = (1, 13)


@dataclass(frozen=True)
class Diagnosis:
    """What was found about one thing; ``needed`` where phototagger cannot do its job so."""

    what: str
    said: str
    cure: str = ""
    needed: bool = False

    @property
    def mark(self) -> str:
        """``ok``, ``look`` (works, but worse) or ``MISSING``."""
        if not self.cure:
            return "ok"
        return "MISSING" if self.needed else "look"


def doctor(args: argparse.Namespace, _words: Sequence[str]) -> ExitCode:
    """Print the findings; exit 3 where something needed is missing."""
    settings = settings_of(args)
    if args.repair:
        from phototagger.cli.repair import repair

        return repair(args, Path(settings.run_dir))
    missing = False
    for finding in findings(settings):
        missing |= finding.mark == "MISSING"
        if args.json:
            print_json({"event": "finding", "state": finding.mark, **vars(finding)})
        else:
            cure = f": {finding.cure}" if finding.cure else ""
            text = one_line(f"{finding.said}{cure}")
            sys.stdout.write(f"{finding.mark:8}{finding.what:16}{text}\n")
            sys.stdout.flush()
    code = ExitCode.MISSING if missing else ExitCode.DONE
    if args.json:
        print_finished(code)
    return code


def findings(settings: Settings) -> Iterator[Diagnosis]:
    """Yield what is found, the quick things first."""
    yield _packages()
    yield _formats(settings)
    yield from _scipy()
    yield _exiftool()
    root = settings.root or _last_root(settings.run_dir)
    yield _root(root, is_named=bool(settings.root))
    yield _writable("run_dir", settings.run_dir)
    yield from _catalogue(settings.run_dir)
    yield _cache(settings.cache_dir, root)
    yield _disk(settings.run_dir)
    yield _terminal(os.environ, probe())
    yield _embedded(settings)
    if settings.model_name != EMBEDDED:
        yield _open_clip()
        yield _weights(settings)
    yield _gpu(settings)


def _packages() -> Diagnosis:
    packages = unfit()
    text = f"{len(OLDEST) - len(packages)} of {len(OLDEST)} packages"
    if not packages:
        return Diagnosis("packages", text)
    text = f"{text}: {', '.join(map(str, packages))}"
    return Diagnosis("packages", text, cure_of(packages), needed=True)


def _formats(settings: Settings) -> Diagnosis:
    """Say which formats are read, each with what reads it beside Pillow."""
    rows = [FORMATS[name] for name in settings.formats]
    text = ", ".join(
        f"{row.said} ({row.package} {metadata.version(row.package)})"
        if row.package and is_installed(row)
        else row.said
        for row in rows
    )
    try:
        check_formats(settings.formats)
        for row in rows:
            plug_in(row)
    except MissingError as error:
        return Diagnosis("formats", f"{text}: {error.cause}", error.cure, needed=True)
    return Diagnosis("formats", text)


def _scipy() -> Iterator[Diagnosis]:
    """Nothing here imports SciPy, but what others bring may; an old one breaks with NumPy 2."""
    try:
        version = metadata.version("scipy")
    except metadata.PackageNotFoundError:
        return
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers < _SCIPY_FOR_NUMPY_2 and not metadata.version("numpy").startswith("1."):
        yield Diagnosis("scipy", f"{version} was built for NumPy 1", "pip install --upgrade scipy")


def _exiftool() -> Diagnosis:
    path = shutil.which("exiftool")
    if path is None:
        cure = "sudo apt-get install libimage-exiftool-perl (only sidecars need it)"
        return Diagnosis("exiftool", "not found", cure)
    try:
        with StayOpen(Path(os.sep)) as exiftool:
            version = exiftool.ask(["-ver"]).strip()
    except RefusedSidecar as why:
        return Diagnosis("exiftool", f"{path}: {why}", "install it anew")
    return Diagnosis("exiftool", f"{version} ({path})")


def _last_root(run_dir: str) -> str:
    """Return the root that is meant where none is named, as `find` does; empty where none is."""
    if not has_catalogue(run_dir):
        return ""
    try:
        return root_used_last(run_dir) or ""
    except (PhototaggerError, OSError, sqlite3.Error):
        return ""  # what is wrong with the catalogue is said of the catalogue


def _root(root: str, *, is_named: bool) -> Diagnosis:
    if not root:
        return Diagnosis("root", "none chosen", "name one with --root")
    if not os.access(root, os.R_OK | os.X_OK):
        return Diagnosis("root", f"{printable(root)} cannot be read", "name another with --root")
    which = "" if is_named else ", the last one with this run_dir"
    return Diagnosis("root", f"{printable(root)}{which}")


def _writable(setting: str, folder: str) -> Diagnosis:
    nearest = _nearest(folder)
    if os.access(nearest, os.W_OK | os.X_OK):
        return Diagnosis(setting, printable(folder) + _size_of(Path(folder)))
    cure = f"name another with --{setting.replace('_', '-')}"
    return Diagnosis(setting, f"{printable(nearest)} cannot be written", cure, needed=True)


def _size_of(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    return f", {sum(path.stat().st_size for path in files) / 1e6:,.0f} MB" if files else ""


def _catalogue(run_dir: str) -> Iterator[Diagnosis]:
    """Read all of the catalogue, where there is one: damage shows only where it is read."""
    if not has_catalogue(run_dir):
        return
    try:
        copies = check_catalogue(run_dir)
    except (PhototaggerError, sqlite3.Error) as error:
        yield Diagnosis("catalogue", "not usable", str(error), needed=True)
        return
    yield Diagnosis(
        "catalogue", f"ok, {copies} {'copy' if copies == 1 else 'copies'} of other days"
    )


def _cache(folder: str, root: str) -> Diagnosis:
    diagnosis = _writable("cache_dir", folder)
    if diagnosis.cure:
        return diagnosis
    thumbnails = cached_thumbnails(folder)
    text = f"{diagnosis.said}, {len(thumbnails):,} thumbnails"
    if thumbnails and root and more_readable(thumbnail_file(folder, min(thumbnails)), root):
        cure = f"chmod -R go-rwx {shlex.quote(printable(folder))}"
        return Diagnosis("cache_dir", f"{text}, which others can read but not your photos", cure)
    return Diagnosis("cache_dir", text)


def _disk(folder: str) -> Diagnosis:
    free = shutil.disk_usage(_nearest(folder)).free
    cure = "make room" if free < _LEAST_FREE else ""
    return Diagnosis("disk", f"{free / 1e9:,.1f} GB free", cure, needed=True)


def _nearest(folder: str) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    path = Path(folder)
    return next(parent for parent in (path, *path.parents) if parent.exists())


def _terminal(environ: Mapping[str, str], terminal: Terminal) -> Diagnosis:
    """Say how the review would draw pictures here, as the terminal answered."""
    colours = "truecolor" if color_system(environ, terminal) else "256"
    how = how_to_draw("auto", terminal, colours, no_color="NO_COLOR" in environ)
    name = terminal.name or environ.get("TERM", "none")
    where = " inside tmux" if environ.get("TMUX") else ""
    text = f"{name}{where}, {'true colour' if colours == 'truecolor' else '256 colours'}, {how}"
    if terminal.round_trip:
        text += f", answers in {1000 * terminal.round_trip:.0f} ms"
    return Diagnosis("terminal", text)


def _embedded(settings: Settings) -> Diagnosis:
    needed = settings.model_name == EMBEDDED
    return _tried("embedded model", embedded.check, needed=needed)


def _open_clip() -> Diagnosis:
    return _tried("open_clip", open_clip_module, needed=True)


def _tried(what: str, check: Callable[[], object], *, needed: bool) -> Diagnosis:
    try:
        check()
    except PhototaggerError as error:
        return Diagnosis(what, "not usable", str(error), needed=needed)
    return Diagnosis(what, "here")


def _weights(settings: Settings) -> Diagnosis:
    name = f"{settings.model_name} ({settings.pretrained})"
    try:
        files = weights_here(settings.model_name, settings.pretrained)
    except PhototaggerError as error:
        return Diagnosis("weights", name, str(error), needed=True)
    if files:
        return Diagnosis("weights", f"{name}: {printable(files[-1])}")
    cure = "they are downloaded when first used; without a network use --model-name embedded"
    return Diagnosis("weights", f"{name} are not here", cure)


def _gpu(settings: Settings) -> Diagnosis:
    import torch

    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            if why := unusable(torch.device("cuda", number)):
                name = torch.cuda.get_device_name(number)
                return Diagnosis("GPU", f"cuda:{number}, {name}, cannot be used: {why}", OF_A_CARD)
        names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
        return Diagnosis("GPU", ", ".join(names))
    if why := why_no_cuda():
        return Diagnosis("GPU", f"not seen: {why}", OF_A_CARD)
    cure = "--device cpu, or a machine with CUDA" if settings.device.startswith("cuda") else ""
    return Diagnosis("GPU", "none: computing on the CPU", cure)
