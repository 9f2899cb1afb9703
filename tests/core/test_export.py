"""Results and decisions → CSV and Parquet, to the byte."""

import csv
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.core.export import (
    Approval,
    LearnedColumn,
    Results,
    path_bytes,
    shown,
    write_approvals_parquet,
    write_approved_csv,
    write_failures_csv,
    write_medoids_csv,
    write_photos_parquet,
    write_results_csv,
    write_results_parquet,
)
from phototagger.core.scan import FoundPhotos
from tests.shared import names_in

RAW = os.fsdecode(b"\xff\xfe.jpg")
ODD = ["plain.jpg", "a,b.jpg", 'say "x".jpg', "two\nlines.jpg", "re\rturn.jpg", " space .jpg", RAW]


def results(names: list[str], **changed: Any) -> Results:
    count = len(names)
    return replace(
        Results(
            paths=[f"/p/{name}" for name in names],
            root="/p",
            sizes=np.full((count, 2), (640, 480), np.int32),
            labels=["dog", "cat, big", "sea"],
            best=np.tile(np.array([2, 0], np.int32), (count, 1)),
            scores=np.tile(np.array([0.31416, -0.00004], np.float32), (count, 1)),
            approved={},
            run_id="20250102-030405",
            model_name="ViT-L-14",
        ),
        **changed,
    )


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def columns(path: Path) -> dict[str, str]:
    return {name: str(kind) for name, kind in pl.read_parquet_schema(path).items()}


def test_learned_is_the_last_column_with_a_list_for_each_photo(tmp_path: Path) -> None:
    counts, labels = np.array([2, 0, 1]), np.array([2, 0, 1], np.int32)
    learned = LearnedColumn(counts, labels, np.array([0.75, 0.5, 1.0], np.float32))
    write_results_parquet(results(["a.jpg", "b.jpg", RAW], learned=learned), tmp_path / "r.parquet")
    table = pl.read_parquet(tmp_path / "r.parquet")
    assert table.columns[-2:] == ["path_bytes", "learned"]
    assert str(table.schema["learned"]) == "List(Struct({'label': String, 'score': Float32}))"
    assert table["learned"].to_list() == [
        [{"label": "sea", "score": 0.75}, {"label": "dog", "score": 0.5}],
        [],
        [{"label": "cat, big", "score": 1.0}],
    ]


@pytest.mark.parametrize("names", [[], ["a.jpg"]])
def test_learned_keeps_its_type_where_nothing_is_suggested(tmp_path: Path, names) -> None:
    none = LearnedColumn(
        np.zeros(len(names), np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32)
    )
    write_results_parquet(results(names, learned=none), tmp_path / "r.parquet")
    table = pl.read_parquet(tmp_path / "r.parquet")
    assert table.schema["learned"] == pl.List(pl.Struct({"label": pl.String, "score": pl.Float32}))
    assert table["learned"].to_list() == [[] for _ in names]


# CSV


def test_results_csv_is_exactly_this(tmp_path: Path) -> None:
    made = results(["a.jpg", "in/b.png"], approved={1: ["sea", "dog"]})
    made.best[1], made.scores[1], made.sizes[1] = [1, 2], [0.25, 0.12345], [3, 4]
    write_results_csv(made, tmp_path / "results.csv")
    assert (tmp_path / "results.csv").read_bytes() == (
        b"path,rel_path,width,height,top1,top1_score,top5_labels,top5_scores,"
        b"approved_labels,run_id,model_name\n"
        b"/p/a.jpg,a.jpg,640,480,sea,0.3142,sea|dog,0.3142|-0.0000,,20250102-030405,ViT-L-14\n"
        b'/p/in/b.png,in/b.png,3,4,"cat, big",0.2500,"cat, big|sea",0.2500|0.1235,sea|dog,'
        b"20250102-030405,ViT-L-14\n"
    )


def test_medoids_csv_is_exactly_this(tmp_path: Path) -> None:
    rows = [(".", "a.jpg", 1.0), ("in, deep/b", "in, deep/b/c.jpg", 0.98765)]
    write_medoids_csv(iter(rows), tmp_path / "m.csv")
    assert (tmp_path / "m.csv").read_bytes() == (
        b"folder,medoid_rel_path,cosine_to_centroid\n"
        b".,a.jpg,1.0000\n"
        b'"in, deep/b","in, deep/b/c.jpg",0.9877\n'
    )


def test_approved_csv_is_exactly_this(tmp_path: Path) -> None:
    rows = [("/p/a.jpg", "a.jpg", ["dog"]), ("/p/b.jpg", "b.jpg", ["sea", "cat, big"])]
    write_approved_csv(rows, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == (
        b'path,rel_path,approved_labels\n/p/a.jpg,a.jpg,dog\n/p/b.jpg,b.jpg,"sea|cat, big"\n'
    )


def test_failures_csv_is_exactly_this(tmp_path: Path) -> None:
    rows = [("/p/a.jpg", "is an empty file"), ("/p/b.jpg", "is broken, or cut short")]
    write_failures_csv(rows, tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_bytes() == (
        b'path,reason\n/p/a.jpg,is an empty file\n/p/b.jpg,"is broken, or cut short"\n'
    )


def test_tables_without_rows_are_their_headers(tmp_path: Path) -> None:
    write_results_csv(none(), tmp_path / "r.csv")
    write_medoids_csv([], tmp_path / "m.csv")
    write_approved_csv([], tmp_path / "a.csv")
    write_failures_csv([], tmp_path / "f.csv")
    assert [(tmp_path / f"{name}.csv").read_bytes().count(b"\n") for name in "rmaf"] == [1] * 4


def none() -> Results:
    empty = np.zeros((0, 2))
    return results([], best=empty.astype(np.int32), scores=empty.astype(np.float32))


def test_names_of_any_kind_are_quoted_where_they_must_be_and_are_utf_8(tmp_path: Path) -> None:
    assert write_failures_csv(((name, "gone") for name in ODD), tmp_path / "f.csv") == 1
    assert (tmp_path / "f.csv").read_bytes() == (
        b"path,reason\n"
        b"plain.jpg,gone\n"
        b'"a,b.jpg",gone\n'
        b'"say ""x"".jpg",gone\n'
        b'"two\nlines.jpg",gone\n'
        b'"re\rturn.jpg",gone\n'
        b" space .jpg,gone\n"
        b"\xef\xbf\xbd\xef\xbf\xbd.jpg,gone\n"
    )


def test_a_reason_is_one_line_that_nothing_can_act_on(tmp_path: Path) -> None:
    write_failures_csv([("a\x1b.jpg", "bad\n\x1b[2Jfile")], tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_bytes() == b"path,reason\na\x1b.jpg,bad \\x1b[2Jfile\n"


@pytest.mark.parametrize("name", [os.fsdecode(b"\xe9t\xe9.jpg"), "half \ud800.jpg", *ODD])
def test_the_readers_of_data_people_take_every_table_with_their_defaults(tmp_path, name) -> None:
    write_results_csv(results(["a.jpg", name]), tmp_path / "r.csv")
    table = pl.read_csv(tmp_path / "r.csv")
    assert table["path"].to_list() == ["/p/a.jpg", f"/p/{shown(name)}"]
    assert table.columns[-1] == "model_name"


def test_names_of_any_kind_are_read_back_from_every_table(tmp_path: Path) -> None:
    made = results(ODD, approved={row: ["dog"] for row in range(len(ODD))})
    write_results_csv(made, tmp_path / "r.csv")
    write_medoids_csv([(name, name, 1) for name in ODD], tmp_path / "m.csv")
    write_approved_csv([(name, name, ["dog"]) for name in ODD], tmp_path / "a.csv")
    names = list(map(shown, ODD))
    assert [row[1] for row in read_csv(tmp_path / "r.csv")[1:]] == names
    assert [row[0] for row in read_csv(tmp_path / "m.csv")[1:]] == names
    assert [row[1] for row in read_csv(tmp_path / "a.csv")[1:]] == names


names = st.binary(min_size=1).map(os.fsdecode) | st.text(
    "a,\"'\n\r\t |;é\x00\x85\u2028", min_size=1
)


@given(st.lists(st.tuples(names, names)))
def test_whatever_is_written_is_read_back(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    replaced = write_approved_csv([(*row, ["dog"]) for row in rows], tmp_path / "f.csv")
    utf8 = [[*map(shown, row), "dog"] for row in rows]
    assert read_csv(tmp_path / "f.csv")[1:] == utf8
    assert replaced == sum(any(map(path_bytes, row)) for row in rows)
    assert not (tmp_path / "f.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_table_that_fails_half_way_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(b"old")

    def rows() -> Any:
        yield "a.jpg", "gone"
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_failures_csv(rows(), tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_bytes() == b"old"
    assert names_in(tmp_path) == ["f.csv"]


# Parquet


def test_results_parquet_has_the_columns_of_the_csv_with_real_lists(tmp_path: Path) -> None:
    made = results(["a.jpg", "b.jpg"], approved={1: ["sea", "dog"]})
    write_results_parquet(made, tmp_path / "r.parquet")
    assert columns(tmp_path / "r.parquet") == {
        "path": "String", "rel_path": "String", "width": "Int32", "height": "Int32",
        "top1": "String", "top1_score": "Float32", "top5_labels": "List(String)",
        "top5_scores": "List(Float32)", "approved_labels": "List(String)", "run_id": "String",
        "model_name": "String", "path_bytes": "Binary",
    }  # fmt: skip
    first, second = pl.read_parquet(tmp_path / "r.parquet").to_dicts()
    assert first == {
        "path": "/p/a.jpg", "rel_path": "a.jpg", "width": 640, "height": 480, "top1": "sea",
        "top1_score": float(np.float32(0.31416)), "top5_labels": ["sea", "dog"],
        "top5_scores": [float(np.float32(0.31416)), float(np.float32(-0.00004))],
        "approved_labels": [], "run_id": "20250102-030405", "model_name": "ViT-L-14",
        "path_bytes": None,
    }  # fmt: skip
    assert second["approved_labels"] == ["sea", "dog"]


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_both_results_hold_as_many_labels_as_were_kept(tmp_path: Path, kept: int) -> None:
    best = np.array([[2, 0, 1][:kept]], np.int32)
    scores = np.array([[0.5, 0.25, 0.125][:kept]], np.float32)
    made = results(["a.jpg"], best=best, scores=scores)
    write_results_csv(made, tmp_path / "r.csv")
    write_results_parquet(made, tmp_path / "r.parquet")
    wanted = ["sea", "dog", "cat, big"][:kept]
    assert read_csv(tmp_path / "r.csv")[1][6].split("|") == wanted
    [row] = pl.read_parquet(tmp_path / "r.parquet").to_dicts()
    assert (row["top5_labels"], row["top5_scores"]) == (wanted, [0.5, 0.25, 0.125][:kept])


def test_parquet_shows_names_that_are_not_utf_8_and_has_their_bytes(tmp_path: Path) -> None:
    write_results_parquet(results(ODD), tmp_path / "r.parquet")
    rows = pl.read_parquet(tmp_path / "r.parquet").to_dicts()
    assert [row["rel_path"] for row in rows] == [*ODD[:-1], "\ufffd\ufffd.jpg"]
    assert rows[-1]["path"] == "/p/\ufffd\ufffd.jpg"
    assert [row["path_bytes"] for row in rows] == [None] * 6 + [b"/p/\xff\xfe.jpg"]


def test_a_model_in_a_folder_that_is_not_utf_8_is_shown(tmp_path: Path) -> None:
    made = results(["a.jpg"], model_name=os.fsdecode(b"local-dir:/\xff"))
    write_results_parquet(made, tmp_path / "r.parquet")
    write_results_csv(made, tmp_path / "r.csv")
    [row] = pl.read_parquet(tmp_path / "r.parquet").to_dicts()
    assert row["model_name"] == "local-dir:/\ufffd"
    assert (tmp_path / "r.csv").read_text().endswith("local-dir:/\ufffd\n")


def test_parquet_without_rows_has_its_columns(tmp_path: Path) -> None:
    write_results_parquet(none(), tmp_path / "r.parquet")
    write_results_parquet(results(["a.jpg"]), tmp_path / "one.parquet")
    assert columns(tmp_path / "r.parquet") == columns(tmp_path / "one.parquet")
    assert len(pl.read_parquet(tmp_path / "r.parquet")) == 0
    write_approvals_parquet([], tmp_path / "a.parquet")
    assert list(columns(tmp_path / "a.parquet")) == list(Approval._fields)
    write_photos_parquet(FoundPhotos(), "/p", tmp_path / "p.parquet")
    assert len(pl.read_parquet(tmp_path / "p.parquet")) == 0


def test_photos_parquet_holds_what_the_scan_found(tmp_path: Path) -> None:
    photos = FoundPhotos()
    photos.add("/p/a.jpg", 5, 1_700_000_000_123_456_789)
    photos.add(f"/p/in/{RAW}", 2**40, -1)
    write_photos_parquet(photos, "/p", tmp_path / "p.parquet")
    assert columns(tmp_path / "p.parquet") == {
        "path": "String", "rel_path": "String", "size": "Int64",
        "mtime": "Datetime(time_unit='ns', time_zone='UTC')", "path_bytes": "Binary",
    }  # fmt: skip
    frame = pl.read_parquet(tmp_path / "p.parquet")
    assert frame["rel_path"].to_list() == ["a.jpg", "in/\ufffd\ufffd.jpg"]
    assert frame["size"].to_list() == [5, 2**40]
    assert frame["mtime"].cast(pl.Int64).to_list() == [1_700_000_000_123_456_789, -1]
    assert frame["path_bytes"].to_list() == [None, b"/p/in/\xff\xfe.jpg"]


def test_approvals_parquet_has_exactly_these_columns_and_times_in_utc(tmp_path: Path) -> None:
    when = datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    rows = [
        Approval("/p/a.jpg", "a.jpg", "ab" * 20, "dog", "approved", 0.5, "person", when, "ViT"),
        Approval(f"/p/{RAW}", RAW, "cd" * 20, "sea", "rejected", None, "auto", when, "ViT"),
    ]
    write_approvals_parquet(rows, tmp_path / "a.parquet")
    assert columns(tmp_path / "a.parquet") == {
        "path": "String", "rel_path": "String", "sha1": "String", "label": "String",
        "decision": "String", "score": "Float32", "who": "String",
        "when": "Datetime(time_unit='us', time_zone='UTC')", "model": "String",
    }  # fmt: skip
    first, second = pl.read_parquet(tmp_path / "a.parquet").rows()
    assert first == tuple(rows[0])
    assert second[1:6] == ("\ufffd\ufffd.jpg", "cd" * 20, "sea", "rejected", None)


@given(st.binary())
def test_a_path_is_shown_as_utf_8_and_its_bytes_are_kept_where_that_loses_them(raw: bytes) -> None:
    path = os.fsdecode(raw)
    assert shown(path).encode().decode() == shown(path)
    assert path_bytes(path) in (None, raw)
    assert (path_bytes(path) is None) == (shown(path) == path)
