"""What a line asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ("2024-02-29 2023-02-29", Query("2023-02-29", dates=("2024-02-29",))),
        ("date:2024-04-31 sea", Query("date:2024-04-31 sea")),
        ("name:IMG_12 name:sea/", Query(names=("img_12", "sea/"))),
        ('name:"IMG 12" sea', Query("sea", names=("img 12",))),
        ("camera:Canon fog", Query("fog", cameras=("canon",))),
        ('fog camera:"EOS  5D" camera:mark', Query("fog", cameras=("eos 5d", "mark"))),
        ('camera:"eos 5d', Query("5d", cameras=('"eos',))),
        ('camera: camera:"" label:""', Query('camera: camera:"" label:""')),
        ('date:"2024"', Query(dates=("2024",))),
        ('date:"so on" sea', Query('date:"so on" sea')),
        ("label: name:", Query("label: name:")),
        ('label:"dog', Query(labels=('"dog',))),
        ("", Query()),
    ],
)
def test_a_line_asks_for_words_labels_names_dates_and_cameras(line, asked):
    assert parse_query(line, KNOWN) == asked
    assert bool(asked) is bool(line)


@given(st.text().filter(lambda text: text.strip() and '"' not in text))
def test_a_camera_in_quotes_is_all_of_it(camera):
    asked = parse_query(f'dog camera:"{camera}" sea', KNOWN)
    assert asked.words == "dog sea"
    assert asked.cameras == (" ".join(camera.split()).lower(),)
