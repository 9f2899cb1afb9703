"""All decisions of a run_dir → a table of them, and back: between machines, by content."""

from pathlib import Path
from typing import BinaryIO

from phototagger.engine.certificates.sample import answers_changed
from phototagger.engine.certificates.standing import ANSWERS_CHANGED
from phototagger.engine.run_dir import locked_catalogue, opened_catalogue
from phototagger.engine.tables.approvals_file import write_approvals
from phototagger.store.labels.approvals import TakenIn, import_approvals
from phototagger.store.labels.certificates import certificates
from phototagger.store.labels.holding import decisions
from phototagger.store.runs import make_run_dir

__all__ = ["TakenIn", "take_in_decisions", "write_decisions"]

import os
from collections.abc import Callable, Iterable

from phototagger.store.labels.holding import Decision


def write_decisions(
    run_dir: str | os.PathLike[str], file: BinaryIO, *, parquet: bool = False
) -> int:
    """Write every decision of a run_dir as CSV or Parquet; return how many there are.

    What a certificate approved is left out: it was promised of this library alone.
    """
    with opened_catalogue(run_dir) as catalogue:
        exported = (decision for decision in decisions(catalogue) if decision.certificate is None)
        return write_approvals(file, exported, parquet=parquet)


def take_in_decisions(
    run_dir: str | os.PathLike[str],
    told: Iterable[Decision],
    *,
    root: str | None = None,
    force: bool = False,
    tell: Callable[[str], object],
) -> TakenIn:
    """Take decisions into a run_dir, made where it is missing; return what came of them.

    ``tell`` hears of each open sample that this ends: its answers were tested, and are others now.
    """
    folder = Path(run_dir)
    make_run_dir(folder, root)
    with locked_catalogue(folder, force=force) as catalogue:
        taken = import_approvals(catalogue, told, root=root or str(folder))
        for certificate in certificates(catalogue):
            if answers_changed(catalogue, certificate):
                tell(f"the sample {certificate.name} has ended: {ANSWERS_CHANGED}")
        return taken
