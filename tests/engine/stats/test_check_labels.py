"""Labels that are doubled, fit the library badly, or could be merged or split."""

from types import SimpleNamespace

import numpy as np
import pytest

from phototagger.core.label_tree import LabelTree
from phototagger.core.labels import read_label_lines
from phototagger.engine.library.library import Library
from phototagger.engine.stats.check_labels import Finding, _fitting, by_library, doubled
from phototagger.model.vectors import normalised
from tests.engine.decisions.test_learned import tell
from tests.engine.pictures import picture
from tests.engine.test_run import vector_of

NAMES = [f"more/{number:02}.png" for number in range(13)]


def taught(photos, vectors: dict[str, np.ndarray]) -> None:
    """Give labels vectors of the test's own, as if the model had made them."""
    with photos.job() as job:
        job.model.take_labels(list(vectors), np.array(list(vectors.values()), np.float32))


def findings(photos, labels) -> dict[tuple[str, ...], Finding]:
    with Library(photos.settings(threshold=0.05), list(labels)) as library:
        found = list(by_library(library, library.contents()))
    return {(one.kind, *one.labels): one for one in found}


def library_of_twenty(photos) -> np.ndarray:
    """Twenty photos; returns a direction that has the same cosine, over 0.05, with all of them."""
    for number, name in enumerate(NAMES):
        picture(photos.root / name, 100 + number)
    photos.run()
    found = [path for path in photos.root.rglob("*") if path.is_file()]
    vectors = normalised(np.array([vector_of(path) for path in found]))
    shared = np.linalg.pinv(vectors) @ np.ones(len(vectors))
    assert (vectors @ normalised(shared[None])[0]).min() > 0.06
    return shared


def test_lines_that_repeat_a_label_are_named_with_what_they_are(tmp_path):
    file = tmp_path / "labels.txt"
    file.write_text("# mine\ncat\n\n Sea   Side\nCAT \nsea side\ncat\n")
    found = list(doubled(read_label_lines(file)))
    assert [(one.labels, one.lines, one.said) for one in found] == [
        (("cat",), (2, 5), "line 5: 'CAT ' is 'cat', as is line 2"),
        (("sea side",), (4, 6), "line 6: 'sea side' is 'sea side', as is line 4"),
        (("cat",), (2, 7), "line 7: 'cat' is 'cat', as is line 2"),
    ]


def test_labels_that_never_or_always_fire_are_found(photos):
    middle = library_of_twenty(photos)
    taught(photos, {"always": middle, "never": -middle})
    found = findings(photos, ["always", "never"])
    assert found["always", "always"].said == (
        "always is over the threshold 0.05 on 20 of 20 photos"
    )
    assert found["never", "never"].said.startswith(
        "never is over the threshold 0.05 on none of 20 photos (best "
    )


def test_near_synonyms_on_the_same_photos_could_be_merged(photos):
    middle = library_of_twenty(photos)
    rng = np.random.default_rng(1)
    a_little = 0.01 * np.linalg.norm(middle) * rng.standard_normal(24) / 5
    away = {f"other {number}": rng.standard_normal(24) for number in range(6)}
    taught(photos, {"harbour": middle, "port": middle + a_little, **away})
    found = findings(photos, ["harbour", "port", *away])
    assert "one could go" in found["merge", "harbour", "port"].said
    assert ("synonyms", "harbour", "port") not in found


def test_near_synonyms_that_fire_nowhere_are_only_near(photos):
    middle = library_of_twenty(photos)
    rng = np.random.default_rng(1)
    away = {f"other {number}": rng.standard_normal(24) for number in range(6)}
    taught(photos, {"harbour": -middle, "port": -1.01 * middle, **away})
    found = findings(photos, ["harbour", "port", *away])
    assert found["synonyms", "harbour", "port"].said == (
        "harbour and port are near in meaning (1.00)"
    )


def test_a_label_on_many_photos_that_is_seldom_right_could_be_split(photos):
    middle = library_of_twenty(photos)
    taught(photos, {"thing": middle})
    tell(photos, {name: {"thing": number == 0} for number, name in enumerate(NAMES)})
    assert findings(photos, ["thing"])["split", "thing"].said == (
        "thing is over the threshold 0.05 on 20 of 20 photos, "
        "but right on 1 of 13 decided ones: narrower labels may fit"
    )
    tell(photos, {name: {"thing": True} for name in NAMES[:6]})
    assert ("split", "thing") not in findings(photos, ["thing"])


def test_without_a_root_all_known_photos_count(photos):
    photos.run()
    with Library(photos.settings(root=""), ["cat"]) as library:
        assert len(library.contents()) == 7
    with Library(photos.settings(root=str(photos.root / "sea")), ["cat"]) as library:
        assert len(library.contents()) == 3


def test_labels_without_vectors_say_nothing(photos):
    photos.run()
    assert findings(photos, ["cat", "unheard of"]) == {}


@pytest.mark.parametrize(
    ("cosine", "said"), [(0.24996, "0.249"), (0.1, "0.100"), (-0.05, "-0.050")]
)
def test_the_best_cosine_of_a_label_that_never_fires_reads_as_below_the_threshold(cosine, said):
    library = SimpleNamespace(
        labels=["cat"],
        settings=SimpleNamespace(threshold=0.25),
        model=SimpleNamespace(tree=LabelTree()),
    )
    none = np.zeros(1, np.int64)
    fired = SimpleNamespace(times=none, right=none, wrong=none, best=np.array([cosine]))
    [finding] = _fitting(library, 9, fired)
    assert finding.said == f"cat is over the threshold 0.25 on none of 9 photos (best {said})"
