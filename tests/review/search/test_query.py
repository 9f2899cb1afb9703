"""What a line asks for."""

import pytest

from phototagger.review.search.query import Query, parse_query

KNOWN = {"dog", "golden gate", "golden", "best of 2026"}


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("dog on a  beach", Query("dog on a beach")),
        ("label:dog", Query(labels=("dog",))),
        ("label:Golden Gate at night", Query("at night", labels=("golden gate",))),
        ('label:"golden gate bridge" fog', Query("fog", labels=("golden gate bridge",))),
        ("label:unknown word", Query("word", labels=("unknown",))),
        ("label:best of 2026 label:dog", Query(labels=("best of 2026", "dog"))),
        ("2024-04 sea", Query("sea", dates=("2024-04",))),
        ("2024-04-12 date:2023", Query(dates=("2024-04-12", "2023"))),
        ("best of 2026", Query("best of 2026")),
        ("2024-13 date:soon", Query("2024-13 date:soon")),
        ("name:IMG_12 name:sea/", Query(names=("img_12", "sea/"))),
        ("label: name:", Query("label: name:")),
        ('label:"dog', Query(labels=('"dog',))),
        ("", Query()),
    ],
)
def test_a_line_asks_for_words_labels_names_and_dates(line, asked):
    assert parse_query(line, KNOWN) == asked
    assert bool(asked) is bool(line)
