"""What a certificate approved enters sidecars only where that was asked for."""

from phototagger.engine.certificates.certify import conclude
from phototagger.engine.certificates.sample import approvable, begin
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.engine.steps.sidecars import wanted
from phototagger.store import Edit, decide, decisions
from phototagger.suggest.certificate import Promise
from tests.sidecar_files import needs_exiftool

from .test_certify import answer, taught


def in_sidecars(job, **more: object) -> dict[str, list[str]]:
    labels = wanted(job.catalogue, job.photos, job.settings, **more).labels
    return {path.name: found for path, found in labels.items()}


def certified(job, shelf) -> tuple[str, str]:
    """Certify; return the name of a photo and a label that was approved of it."""
    sample = begin(job, approvable(job, job.photos), Promise(0.9), seed=1)
    answer(job, shelf, sample)
    assert conclude(job, job.photos, sample)[1] is not None
    one = next(one for one in decisions(job.catalogue) if one.certificate)
    return shelf.names(job)[one.sha1], one.label


def test_only_with_include_auto_or_once_a_person_confirmed_it(shelf):
    with taught(shelf) as job:
        name, label = certified(job, shelf)
        assert name not in in_sidecars(job)
        assert label in in_sidecars(job, include_auto=True)[name]
        (sha1,) = [sha1 for sha1, named in shelf.names(job).items() if named == name]
        decide(job.catalogue, [Edit(sha1, label, approved=True)], root=job.root)
        assert in_sidecars(job)[name] == [label]


@needs_exiftool
def test_what_a_sidecar_holds_already_stays_there(shelf):
    with taught(shelf) as job:
        name, label = certified(job, shelf)
        job.include_auto = True
        for _ in run_steps(job, steps_of("sidecars")):
            pass
        sidecar = shelf.root / f"{name}.xmp"
        written = sidecar.read_text()
        assert f"<rdf:li>{label}</rdf:li>" in written
        assert label in in_sidecars(job)[name]
        job.include_auto = False
        for _ in run_steps(job, steps_of("sidecars")):
            pass
        assert sidecar.read_text() == written
