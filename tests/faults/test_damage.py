"""A damaged catalogue is noticed: no wrong table, nothing written into it, and it is repaired.

A few dozen damages are tried here; ``PHOTOTAGGER_DAMAGES=1000`` tries so many.
"""

import os
import sqlite3
from collections import Counter

import pytest

from tests.faults.damaged_library import DamagedLibrary, cases, damage, every_row

CASES = int(os.environ.get("PHOTOTAGGER_DAMAGES", "28"))


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return DamagedLibrary(tmp_path_factory.mktemp("damaged"))


@pytest.fixture(scope="module")
def truth(library):
    """What each command makes of the sound catalogues, and all that is in them."""
    found = {}
    for kept in (library.sound, library.hot):
        made = {}
        for name, act in library.acts().items():
            library.put_back(kept)
            made[name] = act()
            assert made[name].code == 0, made[name].stderr
        library.put_back(kept)
        db = sqlite3.connect(library.run_dir / "catalogue.db")
        found[kept] = made, every_row(db)
        db.close()
    return found


@pytest.mark.timeout(300 + 5 * CASES)
def test_no_damage_makes_a_wrong_table_and_nothing_is_written_into_it(library, truth):
    counts = Counter()
    wrong, written, unnamed = [], [], []
    for case in cases(CASES):
        for name, act in library.acts().items():
            kept = damage(library, case)
            made, rows = truth[kept]
            is_damaged = library.is_damaged(rows)
            before = library.files()
            said = act()
            counts[
                "damaged" if is_damaged else "harmless", "done" if not said.code else "ended"
            ] += 1
            if said.code and "doctor --repair" not in said.stderr:
                unnamed.append((case, name, said.stderr[:300]))
            if not said.code and said.made != made[name].made:
                wrong.append((case, name))
            if is_damaged and library.files() != before:
                written.append((case, name, said.code))
    print(dict(counts))
    for one in [*wrong, "--", *written, "--", *unnamed]:
        print(one)
    assert (wrong, written, unnamed) == ([], [], [])
