"""A file of decisions comes back as it was written; one that holds anything else is refused."""

import io
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.core.labels import normalise_label
from phototagger.engine.tables.approvals_file import COLUMNS, read_approvals, write_approvals
from phototagger.errors import ApprovalsError
from phototagger.store.labels.edits import WHOLE_PHOTO, Who
from phototagger.store.labels.holding import Decision

HEADER = ",".join(COLUMNS)
SHA1 = "ab" * 20
GOOD = f"{SHA1},cat,approved,0.5,person,2026-01-02T03:04:05+00:00,m"


def is_label(text: str) -> bool:
    try:
        normalise_label(text)
    except ValueError:
        return False
    return True


labels = st.just(WHOLE_PHOTO) | st.text(max_size=210).filter(is_label).map(normalise_label)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC))
decided = st.builds(
    Decision,
    st.binary(min_size=20, max_size=20),
    labels,
    st.booleans(),
    st.none() | st.floats(-1, 1),
    st.sampled_from(Who),
    moments,
    st.sampled_from(["", "ViT-L-14-abc", 'a,"b"']),
    st.none(),
    st.just(""),
)


@given(st.lists(decided, max_size=8), st.booleans())
def test_what_is_written_is_read_back(decisions: list[Decision], parquet: bool) -> None:
    file = io.BytesIO()
    assert write_approvals(file, decisions, parquet=parquet) == len(decisions)
    file.seek(0)
    assert read_approvals(file, "a", parquet=parquet) == decisions


def mistakes(data: str | bytes) -> tuple[str, ...]:
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    with pytest.raises(ApprovalsError) as caught:
        read_approvals(io.BytesIO(raw), "a.csv")
    return caught.value.messages


def row(**changed: str) -> str:
    values = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | changed
    return ",".join(f'"{value}"' for value in values.values())


def test_without_a_time_a_decision_is_of_this_moment_and_a_question_is_passed_over() -> None:
    text = f"{HEADER}\n{row(when='')}\n{row(decision='', when='')}\n"
    (one,) = read_approvals(io.BytesIO(text.encode()), "a.csv")
    assert abs(datetime.now(UTC) - one.when) < timedelta(minutes=1)


@pytest.mark.parametrize("score", ["inf", "-inf", "nan", "1e999", "-7", "much", "1.01", "0x1"])
def test_a_score_that_is_no_cosine_is_a_mistake(score: str) -> None:
    assert mistakes(f"{HEADER}\n{row(score=score)}\n") == (
        f"a.csv:2: score: must be a cosine from -1 to 1, or nothing, not '{score}'",
    )


@pytest.mark.parametrize(
    "when",
    ["0000-01-01T00:00:00+00:00", "0001-01-01", "99999-01-01", "9999-12-31T23:59:59-23:59",
     "1969-12-31T00:00:00+00:00", "yesterday", "12:00", "1e5"],
)  # fmt: skip
def test_a_time_that_is_none_is_a_mistake(when: str) -> None:
    (said,) = mistakes(f"{HEADER}\n{row(when=when)}\n")
    assert said.startswith("a.csv:2: when: must be a time such as 2026-05-01T12:00:00+00:00, 1970")


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("sha1", "ab", "must be the 40 hexadecimal digits of a SHA-1, not 'ab'"),
        ("sha1", SHA1 + "00", "must be the 40"),
        ("sha1", " " + SHA1[1:], "must be the 40"),
        ("sha1", SHA1[1:] + "\u0663", "must be the 40"),
        ("label", "a|b", "holds `|`"),
        ("label", "a\x1b]0;x\x07", "holds a control character"),
        ("label", "a\nb", "holds a control character"),
        ("label", "   ", "is empty"),
        ("label", "x" * 201, "is 201 characters long"),
        ("decision", "maybe", "must be approved or rejected, not 'maybe'"),
        ("decision", "", "must be approved or rejected"),
        ("who", "root", "must be person or auto, not 'root'"),
        ("model", "\x9b31m", "must be the name of a model, not '\\xc2\\x9b31m'"),
        ("model", "m" * 1001, "must be the name of a model"),
    ],
)
def test_each_field_is_checked(column: str, value: str, said: str) -> None:
    (message,) = mistakes(f"{HEADER}\n{row(**{column: value})}\n")
    assert message.startswith(f"a.csv:2: {column}: ")
    assert said in message


def test_all_mistakes_are_told_at_once_each_with_its_line() -> None:
    bad = row(score="inf", who="x")
    said = mistakes(f'{HEADER}\n{GOOD}\n{bad}\n"a\nb"\n\n{GOOD},more\n{row(sha1="")}\n')
    assert [one.partition(": ")[0] for one in said] == [
        "a.csv:3", "a.csv:3", "a.csv:4", "a.csv:7", "a.csv:8",
    ]  # fmt: skip
    assert "has 1 fields, not 7 as the header" in said[2]
    assert "has 8 fields, not 7 as the header" in said[3]


def test_of_very_many_mistakes_the_first_twenty_are_told() -> None:
    said = mistakes(f"{HEADER}\n" + f"{row(score='nan')}\n" * 1000)
    assert len(said) == 21
    assert said[-1] == "a.csv: there are more mistakes"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "a.csv:1: is UTF-16; save the file as UTF-8"),
        (f"{HEADER}\n{GOOD}é\n".encode("latin-1"), "a.csv:2: is not UTF-8"),
        (f'{HEADER}\n{GOOD}\n"{"x" * 100_000}'.encode(), "a.csv:3: is longer than 65,536 bytes"),
        (b"x" * 70_000, "a.csv:1: is longer than"),
        (f'{HEADER}\n{GOOD}\n"{SHA1},cat\n'.encode(), "a.csv:3: is no CSV: unexpected end"),
        (f'{HEADER}\n"{SHA1}"x,cat\n'.encode(), "a.csv:2: is no CSV"),
        (f"{HEADER}\r{GOOD}\r".encode(), "a.csv:1: is no CSV"),
        (f"{HEADER},sha1\n".encode(), "a.csv:1: has two columns sha1"),
        (b"sha1,label\n", "a.csv:1: has no column decision, score, who, when, model"),
    ],
)
def test_what_is_no_table_of_ours_is_named_with_its_line(data: bytes, said: str) -> None:
    assert mistakes(data)[-1].startswith(said)


def test_a_mark_at_the_beginning_line_ends_of_windows_and_other_columns_are_taken() -> None:
    data = f"\ufeffpath,{HEADER}\r\n/p,{GOOD}\r\n".encode()
    (found,) = read_approvals(io.BytesIO(data), "a.csv")
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found == Decision(bytes.fromhex(SHA1), "cat", True, 0.5, Who.PERSON, when, "m")


def test_a_file_without_even_the_names_of_columns_is_no_table() -> None:
    with pytest.raises(ApprovalsError, match=r"^a\.csv: is empty; name the CSV or"):
        read_approvals(io.BytesIO(b""), "a.csv")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"score": float("inf")}, "a.parquet:row 2: score: must be a cosine"),
        ({"sha1": 7}, "a.parquet:row 2: sha1: must be text, not '7'"),
        ({"when": 5}, "a.parquet:row 2: when: must be a time"),
        ({"label": None}, "a.parquet:row 2: label: must be text, not 'None'"),
        ({"who": True}, "a.parquet:row 2: who: must be person or auto, not 'True'"),
    ],
)
def test_the_columns_of_parquet_may_hold_anything_and_are_checked_too(values, said) -> None:
    good = dict(zip(COLUMNS, GOOD.split(","), strict=True))
    file = io.BytesIO()
    (name, value), kept = *values.items(), {key: [good[key]] * 2 for key in COLUMNS}
    kept[name] = [None, value] if name == "score" else [value, value]
    pl.DataFrame(kept).write_parquet(file)
    file.seek(0)
    with pytest.raises(ApprovalsError) as caught:
        read_approvals(file, "a.parquet", parquet=True)
    assert caught.value.messages[-1].startswith(said)
