"""Fields of a CSV file are what Python's own csv and format make, only sooner."""

import csv
import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from phototagger.core.csv_fields import field, four_decimals, needs_quotes


@given(st.text())
def test_a_field_is_what_csv_writes(text):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow([text, "x"])
    assert field(text) + ",x\r\n" == out.getvalue()
    assert needs_quotes(text) == (field(text) != text)


COSINES = st.floats(-1, 1, width=32) | st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.03125, -1e-9])


@given(arrays(np.float32, (3, 4), elements=COSINES))
def test_four_decimals_are_what_format_gives(values):
    assert four_decimals(values) == [[f"{one:.4f}" for one in row] for row in values.tolist()]


def test_every_number_half_way_between_two_is_rounded_as_format_does():
    exact = np.arange(-(2**12), 2**12 + 1, dtype=np.float32)[None] / 2**12
    assert four_decimals(exact) == [[f"{one:.4f}" for one in exact[0].tolist()]]


def test_what_is_no_cosine_has_its_four_decimals_too():
    odd = np.array([[1.5, -2.0, np.inf, np.nan, 0.25]], np.float32)
    assert four_decimals(odd) == [["1.5000", "-2.0000", "inf", "nan", "0.2500"]]
    assert four_decimals(np.zeros((0, 5), np.float32)) == []
