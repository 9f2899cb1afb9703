"""Providers are asked once for each photo; what they say is apart, and none ends a run."""

from importlib.metadata import EntryPoint

import pytest

from phototagger.discover import Need, Proposal, Region, registry
from phototagger.discover.provider import Consent
from phototagger.engine.events import Notice, StepFinished
from phototagger.engine.job import Job
from phototagger.engine.runner import run_steps
from phototagger.engine.step import steps_of
from phototagger.errors import MissingError, UsageError
from phototagger.store import Catalogue
from phototagger.store.catalogue.rows import put
from phototagger.store.discovered import Found, all_found
from tests.engine.conftest import LABELS

ASKED: list[list] = []
"""The batches that Colours was asked about."""


class Colours:
    """Says what it is told to."""

    version = "1"
    needs = (Need.VECTORS, Need.PIXELS)
    batch = 3
    fails_on: tuple[int, ...] = ()
    error: BaseException = RuntimeError("no idea")

    def __init__(self, library):
        self.library = library

    def propose(self, photos):
        ASKED.append(photos)
        if len(ASKED) in self.fails_on:
            raise self.error
        for photo in photos:
            yield Proposal(photo, " Loud  Colours", 0.5)
            yield Proposal(photo, "square", 0.75, Region(0, 0.25, 0.5, 0.75))


class Remote(Colours):
    needs = (Need.NETWORK,)
    host = "vision.example"


class Unmade(Colours):
    def __init__(self, library):
        raise MissingError("weights are missing", "pip install weights")


class Exits(Colours):
    def propose(self, photos):
        raise SystemExit(9)


class Nonsense(Colours):
    def propose(self, photos):
        yield Proposal(photos[0], "too sure", 7.0)


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    ASKED.clear()
    kinds = (Colours, Remote, Unmade, Exits, Nonsense)
    made = [EntryPoint(k.__name__.lower(), f"{__name__}:{k.__name__}", "g") for k in kinds]
    broken = EntryPoint("broken", "there.is_no_such_module:Kind", "g")
    monkeypatch.setattr(registry, "OWN", (*made, broken))


def discover(photos, *names, **more):
    """Run `discover` and return its notices, its ends, and what is kept: sha1 → labels."""
    settings = photos.settings(discover=names)
    with Job(settings, labels=LABELS, **more) as job:
        events = list(run_steps(job, steps_of("discover")))
        said = [one.text for one in events if isinstance(one, Notice)]
        notices = [text for text in said if text.startswith("discover:")]
        notices = [text for text in notices if "regions are in" not in text]
        ends = [one for one in events if isinstance(one, StepFinished) and one.step == "discover"]
        return notices, ends, job.undiscovered


def kept(photos):
    catalogue = Catalogue(photos.folder / "runs")
    (model,) = catalogue.connection.execute("SELECT DISTINCT model FROM scoring").fetchone()
    found = list(all_found(catalogue, model))
    catalogue.close()
    return found


def test_every_photo_is_asked_about_once_with_what_the_provider_needs(photos):
    notices, (end,), errors = discover(photos, "colours")
    assert (notices, errors) == ([], [])
    assert (end.made, end.fresh, end.failed) == (7, 0, 0)
    assert [len(batch) for batch in ASKED] == [3, 3, 1]
    first = ASKED[0][0]
    assert first.vector @ first.vector == pytest.approx(1)
    assert first.thumbnail.startswith(b"\xff\xd8")
    assert set(first.labels) <= set(LABELS)
    found = kept(photos)
    assert len(found) == 7
    expected = (Found("square", 0.75, (0, 0.25, 0.5, 0.75)), Found("loud colours", 0.5))
    assert {one for _, one in found} == {("colours", expected)}

    _, (again,), _ = discover(photos, "colours")
    assert (again.made, again.fresh) == (0, 7)
    assert len(ASKED) == 3


def test_another_version_is_asked_anew_and_again_asks_everything(photos, monkeypatch):
    discover(photos, "colours")
    monkeypatch.setattr(Colours, "version", "2")
    discover(photos, "colours")
    assert len(ASKED) == 6
    discover(photos, "colours", ask_again=True)
    assert len(ASKED) == 9
    assert len(kept(photos)) == 7


def test_a_provider_gets_only_what_it_needs(photos, monkeypatch):
    monkeypatch.setattr(Colours, "needs", ())
    discover(photos, "colours")
    assert {(one.vector, one.thumbnail) for batch in ASKED for one in batch} == {(None, None)}


def test_a_batch_that_fails_is_left_out_and_asked_again_next_time(photos, monkeypatch):
    monkeypatch.setattr(Colours, "fails_on", (2,))
    (notice,), (end,), errors = discover(photos, "colours")
    assert "RuntimeError: no idea; 3 photos are left out" in notice
    assert (end.made, end.failed, len(errors)) == (4, 3, 1)
    _, (again,), errors = discover(photos, "colours")
    assert (again.made, again.fresh, errors) == (3, 4, [])


def test_what_stops_a_provider_keeps_what_was_done(photos, monkeypatch):
    monkeypatch.setattr(Colours, "fails_on", (2,))
    monkeypatch.setattr(Colours, "error", UsageError("the budget is spent", "allow more"))
    (notice,), (end,), _ = discover(photos, "colours")
    assert notice == "discover: colours: stopped: the budget is spent; allow more"
    assert (end.made, len(ASKED)) == (3, 2)
    assert len(kept(photos)) == 3


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("broken", "ModuleNotFoundError"),
        ("unmade", "weights are missing; pip install weights"),
        ("exits", "given up after 3 batches that failed"),
        ("nonsense", "score or box are not in 0..1"),
    ],
)
def test_a_broken_provider_is_told_and_the_next_one_is_asked(photos, name, said):
    notices, ends, errors = discover(photos, name, "colours")
    assert said in "\n".join(notices)
    assert errors
    assert (ends[-1].made, ends[-1].note) == (7, "colours: 14 labels")


def test_a_run_with_a_broken_provider_writes_its_tables(photos):
    with photos.job(discover=("broken",), fresh=True) as job:
        list(run_steps(job, steps_of("run", "discover")))
        assert job.run.file("results.csv").is_file()
        assert len(job.undiscovered) == 1


@pytest.mark.parametrize(
    "consent", [None, Consent(), Consent("vision.example.org"), Consent(requests=5)]
)
def test_who_needs_the_network_is_not_asked_unless_its_host_is_allowed(photos, consent):
    (notice,), ends, errors = discover(photos, "remote", consent=consent)
    assert "allow it for this command with --send-to vision.example" in notice
    assert (ends, ASKED) == ([], [])
    assert isinstance(errors[0], UsageError)


def test_with_consent_it_gets_thumbnails_and_nothing_that_names_a_photo(photos):
    discover(photos, "remote", consent=Consent("vision.example"))
    shown = [one for batch in ASKED for one in batch]
    assert all(one.thumbnail and one.vector is None for one in shown)
    assert not any(name in repr(shown) for name in ("sea", "town", str(photos.root)))


def test_a_name_that_no_provider_has_is_said_with_the_nearest(photos):
    with pytest.raises(UsageError, match="did you mean colours"):
        registry.check_names(["colors"])


def test_what_no_provider_proposes_is_damage(photos, monkeypatch):
    discover(photos, "colours")
    catalogue = Catalogue(photos.folder / "runs")
    sha1 = kept(photos)[0][0]
    with catalogue.transaction() as db:
        columns = ("discovery", "sha1", "found")
        put(db, "discovered", columns, [(1, sha1, '[["a|b", 0.5, null]]')])
    catalogue.close()
    with pytest.raises(Exception, match="discovered"):
        Catalogue(photos.folder / "runs")
