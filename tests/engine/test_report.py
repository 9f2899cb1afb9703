"""REPORT.md: the headings that were asked for, each with something below it."""

import re

from phototagger.engine.report import Report, write_report

HEADINGS = [
    "# Build/Run Report",
    "## Step that failed",
    "## Command executed",
    "## Error output",
    "## Likely cause",
    "## Proposed fix",
    "## What completed successfully",
    "## Awaiting User confirmation",
]
REPORT = Report(
    step="embed",
    command="phototagger run --root '/my photos'",
    output="Traceback (most recent call last):\n  …\nOSError: full\n",
    cause="the disk is full",
    fix="make room,\nthen run again",
    completed=["scan: 3 new, 0.10 s"],
)


def sections(text: str) -> dict[str, str]:
    """Each heading with what stands below it, code apart from the headings."""
    parts = re.split(r"^(#+ .*)$", text, flags=re.MULTILINE)
    assert parts[0] == ""
    return {head: body.strip() for head, body in zip(parts[1::2], parts[2::2], strict=True)}


def test_it_has_exactly_the_headings_in_their_order_each_filled():
    found = sections(REPORT.text())
    assert list(found) == HEADINGS
    assert all(found.values())


def test_each_section_says_what_its_heading_promises():
    found = sections(REPORT.text())
    assert found["## Step that failed"] == "embed"
    assert "phototagger run --root '/my photos'" in found["## Command executed"]
    assert "OSError: full" in found["## Error output"]
    assert found["## Likely cause"] == "the disk is full"
    assert found["## Proposed fix"] == "make room, then run again"
    assert found["## What completed successfully"] == "- scan: 3 new, 0.10 s"
    assert found["## Awaiting User confirmation"] == "no"


def test_nothing_completed_and_nothing_said_is_filled_as_well():
    found = sections(Report("start", "", "", "unknown", "try again", [], awaiting=True).text())
    assert list(found) == HEADINGS
    assert all(body.replace("`", "").strip() for body in found.values())
    assert found["## What completed successfully"] == "- nothing yet"
    assert found["## Awaiting User confirmation"] == "yes"


def test_a_line_of_the_error_cannot_be_taken_for_a_heading():
    odd = Report("scan", "a ``` b", "## Likely cause\n```\n# x", "cause", "fix", [])
    lines = odd.text().split("\n")
    fence = ""
    outside = []
    for line in lines:
        if fence:
            fence = "" if line == fence else fence
        elif line.startswith("```"):
            fence = line
        else:
            outside.append(line)
    assert [line for line in outside if line.startswith("#")] == HEADINGS


def test_names_that_are_not_utf_8_do_not_keep_it_from_being_written(tmp_path):
    report = Report("scan", "phototagger /caf\udce9", "/caf\udce9: no", "/caf\udce9", "mend it", [])
    write_report(report, tmp_path / "REPORT.md")
    assert list(sections((tmp_path / "REPORT.md").read_text(encoding="utf-8"))) == HEADINGS
    assert [path.name for path in tmp_path.iterdir()] == ["REPORT.md"]
