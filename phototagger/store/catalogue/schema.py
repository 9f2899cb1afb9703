"""The catalogue's tables, and how an older catalogue becomes one of this version."""

import math
import sqlite3

VERSION = 12
"""``PRAGMA user_version`` of the catalogues that this phototagger writes."""

# Paths are bytes (os.fsencode), photos their SHA-1 (20 bytes), times microseconds UTC.
# Every table but seal gets one more column, row_digest: rows.py writes it. A column that is added
# is NULL where nothing is known.
TABLES = """
-- What is known of a content. reason: why it could not be decoded, JSON {"code": ..., fields}.
CREATE TABLE photo (
    sha1 BLOB PRIMARY KEY, width INTEGER, height INTEGER, reason TEXT
) WITHOUT ROWID;

-- Where a content was seen last; the file is read again only when size or time of change differ.
CREATE TABLE file (
    path BLOB PRIMARY KEY, sha1 BLOB NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX file_of_photo ON file (sha1);

-- Weights that were loaded once: files is JSON [[path, size, mtime_ns], ...].
CREATE TABLE weights (
    model_name TEXT NOT NULL, pretrained TEXT NOT NULL, files TEXT NOT NULL,
    digest TEXT NOT NULL, model TEXT NOT NULL, PRIMARY KEY (model_name, pretrained)
) WITHOUT ROWID;

-- Suggestions of one model for one list of labels; positions in them count from 0.
CREATE TABLE scoring (
    id INTEGER PRIMARY KEY, model TEXT NOT NULL, labels_digest BLOB NOT NULL, prompt TEXT NOT NULL,
    threshold REAL NOT NULL, topk INTEGER NOT NULL, labels TEXT NOT NULL,
    UNIQUE (model, labels_digest, prompt, threshold, topk)
);
-- positions: int32, scores: float32, best first.
CREATE TABLE suggestion (
    scoring INTEGER NOT NULL REFERENCES scoring, sha1 BLOB NOT NULL,
    positions BLOB NOT NULL, scores BLOB NOT NULL, PRIMARY KEY (scoring, sha1)
) WITHOUT ROWID;

-- The typical photo of a folder, until its members (a digest of them) change.
CREATE TABLE medoid (
    model TEXT NOT NULL, folder BLOB NOT NULL, members BLOB NOT NULL,
    path BLOB NOT NULL, cosine REAL NOT NULL, PRIMARY KEY (model, folder)
) WITHOUT ROWID;

-- One thing a person (or auto) did: one undo. state: 0 done, 1 undone, 2 undone for good.
CREATE TABLE act (
    id INTEGER PRIMARY KEY, root BLOB NOT NULL, who TEXT NOT NULL, at INTEGER NOT NULL,
    model TEXT NOT NULL, state INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX act_of_root ON act (root, state, id);
-- What it said of a photo's label (the empty label: of the photo as a whole).
-- approved: 1, 0 rejected, NULL forgotten.
CREATE TABLE verdict (
    id INTEGER PRIMARY KEY, act INTEGER NOT NULL REFERENCES act, sha1 BLOB NOT NULL,
    label TEXT NOT NULL, approved INTEGER, score REAL
);
CREATE INDEX verdict_of_act ON verdict (act);
CREATE INDEX verdict_of_photo ON verdict (sha1, label);
-- Which verdict holds: the last one whose act is done.
CREATE TABLE decision (
    sha1 BLOB NOT NULL, label TEXT NOT NULL, verdict INTEGER REFERENCES verdict,
    PRIMARY KEY (sha1, label)
) WITHOUT ROWID;

-- What the sidecar writer knows of each sidecar (JSON), and its bytes before the last write.
CREATE TABLE sidecar (path BLOB PRIMARY KEY, entry TEXT NOT NULL, previous BLOB);
-- What it is about to do to one; after a kill the disk says whether it happened.
CREATE TABLE sidecar_intent (path BLOB PRIMARY KEY, intent TEXT NOT NULL);
"""

_REVIEW = """
-- Checks that were changed in the review and not yet approved: JSON [[checked ...], [shown ...]].
CREATE TABLE draft (sha1 BLOB PRIMARY KEY, checks TEXT NOT NULL) WITHOUT ROWID;
-- Labels that were added in the review, after those of the labels file.
CREATE TABLE word (id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE);
-- Up to which decisions a run's tables were written.
CREATE TABLE exported (
    run BLOB PRIMARY KEY, last_act INTEGER NOT NULL, undone INTEGER NOT NULL
) WITHOUT ROWID;
"""

_EDITIONS = """
-- Of a content, the digest of its picture data alone (NULL: none is found), and of what else
-- decides how it looks: where both are equal, so is every pixel.
CREATE TABLE picture (sha1 BLOB PRIMARY KEY, digest BLOB, look BLOB) WITHOUT ROWID;
CREATE INDEX picture_of_digest ON picture (digest);
-- Contents that are one photo whose metadata were edited: what was decided is kept under the first.
CREATE TABLE edition (sha1 BLOB PRIMARY KEY, first BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX edition_of_first ON edition (first);
-- The content of another picture, or of a copy, whose decisions are offered for a file.
CREATE TABLE former (path BLOB PRIMARY KEY, sha1 BLOB NOT NULL) WITHOUT ROWID;
-- Contents that were seen before their pictures were told apart.
CREATE TABLE unread (sha1 BLOB PRIMARY KEY) WITHOUT ROWID;
"""

_UNREAD = "INSERT INTO unread SELECT DISTINCT sha1 FROM file;\n"

_SEALS = """
-- How many rows a table has, and the sum of their digests. The row without a name is the catalogue
-- itself: how often it was changed, and a number by which it is known.
CREATE TABLE seal (name TEXT PRIMARY KEY, rows INTEGER NOT NULL, total INTEGER NOT NULL)
WITHOUT ROWID;
-- The sum of the digests of what an act said.
ALTER TABLE act ADD COLUMN verdicts INTEGER;
"""

_LETTERS = """
-- The letter by which a label is checked in the review, once it is its own.
CREATE TABLE letter (label TEXT PRIMARY KEY, letter TEXT NOT NULL) WITHOUT ROWID;
"""

_NAMES = """
-- What a label is called since an act: kind is how it came to that, becomes is the empty label
-- where it is none any more.
CREATE TABLE naming (
    act INTEGER PRIMARY KEY REFERENCES act, kind TEXT NOT NULL, label TEXT NOT NULL,
    becomes TEXT NOT NULL
) WITHOUT ROWID;
-- The verdict that this one repeats under another label: who said it, and when, is of that one.
ALTER TABLE verdict ADD COLUMN said INTEGER;
-- The last act before these checks were kept: they name labels as they were called then.
ALTER TABLE draft ADD COLUMN act INTEGER;
"""

_CERTIFICATES = """
-- A sample of photos and what it was drawn for; once it is certified, which act that allowed.
-- labels: JSON; library: SHA-1s, 20 bytes each; pairs: what could be approved: int32 photos, int32
-- labels, float32 scores. state: 0 open, 1 certified, 2 given up.
CREATE TABLE certificate (
    id INTEGER PRIMARY KEY, root BLOB NOT NULL, at INTEGER NOT NULL, model TEXT NOT NULL,
    labels TEXT NOT NULL, taught INTEGER NOT NULL, precision REAL NOT NULL,
    confidence REAL NOT NULL, over_labels INTEGER NOT NULL, seed INTEGER NOT NULL,
    state INTEGER NOT NULL, tests INTEGER NOT NULL, tested INTEGER NOT NULL,
    library BLOB NOT NULL, pairs BLOB NOT NULL,
    act INTEGER REFERENCES act, threshold REAL, bound REAL, looks INTEGER, wrong INTEGER,
    photos INTEGER, approved INTEGER
);
CREATE INDEX certificate_of_act ON certificate (act);
CREATE TABLE drawn (
    certificate INTEGER NOT NULL REFERENCES certificate, place INTEGER NOT NULL,
    sha1 BLOB NOT NULL, PRIMARY KEY (certificate, place)
) WITHOUT ROWID;
"""

_ANSWERS = """
-- A digest of the answers that the last test of an open sample stood on.
ALTER TABLE certificate ADD COLUMN answers BLOB;
"""

_DISCOVERY = """
-- A provider of labels beyond the labels file. model: empty where its answers need none of ours.
CREATE TABLE discovery (
    id INTEGER PRIMARY KEY, provider TEXT NOT NULL, version TEXT NOT NULL, model TEXT NOT NULL,
    UNIQUE (provider, version, model)
);
-- What it proposed for a photo: JSON [[label, score, [x, y, width, height] or null], ...].
CREATE TABLE discovered (
    sha1 BLOB NOT NULL, discovery INTEGER NOT NULL REFERENCES discovery, found TEXT NOT NULL,
    PRIMARY KEY (sha1, discovery)
) WITHOUT ROWID;
"""

_THRESHOLDS = """
-- The threshold that was settled for a root and a model.
CREATE TABLE threshold (
    root BLOB NOT NULL, model TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (root, model)
) WITHOUT ROWID;
"""

_STACKS = """
-- When a content was taken by its camera's clock, in microseconds as if that were UTC, and how many
-- minutes ahead of UTC the clock was; NULL: its EXIF does not say. Without a row nobody has looked.
CREATE TABLE taken (sha1 BLOB PRIMARY KEY, clock INTEGER, zone INTEGER) WITHOUT ROWID;
-- What an act said of how photos stand: 0 alone, else together with all of this number.
CREATE TABLE grouping (
    act INTEGER NOT NULL REFERENCES act, sha1 BLOB NOT NULL, stack INTEGER NOT NULL,
    PRIMARY KEY (act, sha1)
) WITHOUT ROWID;
CREATE INDEX grouping_of_photo ON grouping (sha1);
-- What was decided at once: "stack"; NULL where nobody said.
ALTER TABLE act ADD COLUMN source TEXT;
"""

_CAMERAS = """
-- The make and model of a content's camera, empty where its EXIF does not say; NULL: nobody looked.
ALTER TABLE taken ADD COLUMN camera TEXT;
"""

VERDICTS_BY_PHOTO = """
SELECT act, row_number() OVER (PARTITION BY act ORDER BY min(id)) - 1, sha1,
    json_group_object(label, json(
        '[' || CASE approved WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END
        || coalesce(',' || shortest(score), iif(first IS NULL, '', ',null'))
        || coalesce(',' || first, '') || ']'
    ))
FROM (
    SELECT v.act, v.sha1, v.label, v.approved, v.score, o.act AS first, max(v.id) AS id
    FROM {table} v LEFT JOIN {table} o ON o.id = v.said
    GROUP BY v.act, v.sha1, v.label ORDER BY v.act, v.sha1, id
) GROUP BY act, sha1
"""
"""The SQL of version 12's verdicts, from a table of those before: one row for each label."""

# Until then another table, decision, told which verdict holds.
_ROWS = f"""
-- What an act said of a photo: labels is JSON {{label: [approved, score, act]}}, without the nulls
-- at the end of a list. The empty label: of the photo as a whole. approved: true, false for
-- rejected, null for forgotten. act: by which it counts, where it said so of another label before.
CREATE TABLE said (
    act INTEGER NOT NULL REFERENCES act, place INTEGER NOT NULL, sha1 BLOB NOT NULL,
    labels TEXT NOT NULL, PRIMARY KEY (act, place)
) WITHOUT ROWID;
INSERT INTO said {VERDICTS_BY_PHOTO.format(table="verdict")};
DROP TABLE decision;
DROP TABLE verdict;
ALTER TABLE said RENAME TO verdict;
CREATE INDEX verdict_of_photo ON verdict (sha1);
"""

# A sentence that was kept becomes its code; only what a size says is true for this decoder, too.
_REASON_CODES = """
UPDATE photo SET reason = CASE
  WHEN reason GLOB 'has [0-9]* x [0-9]* pixels, more than max_pixels ([0-9]*' THEN json_object(
    'code', 'too_large',
    'width', CAST(substr(reason, 5) AS INTEGER),
    'height', CAST(substr(reason, instr(reason, ' x ') + 3) AS INTEGER),
    'max_pixels', CAST(replace(substr(reason, instr(reason, '(') + 1), ',', '') AS INTEGER))
  WHEN reason = 'is an empty file' THEN json_object('code', 'empty')
  WHEN reason = 'is not an image that can be recognised' THEN json_object('code', 'unknown_kind')
  WHEN reason = 'is broken: its header cannot be read' THEN json_object('code', 'header')
  WHEN reason GLOB 'is broken or cut short: *' THEN json_object(
    'code', 'broken', 'detail', substr(reason, length('is broken or cut short: ') + 1))
  ELSE json_object('code', 'other', 'text', reason)
END WHERE reason IS NOT NULL;
"""

TABLES += _REVIEW + _EDITIONS + _SEALS + _LETTERS + _NAMES + _CERTIFICATES + _ANSWERS + _DISCOVERY
TABLES += _THRESHOLDS + _STACKS + _CAMERAS + _ROWS

REMOVED = {("table", "decision"), ("index", "verdict_of_act")}
"""Kinds and names of what only older catalogues have; all in that table followed from others."""

REWRITTEN = {"act", "verdict"}
"""Tables with seals whose rows a step below changes, or the sealing that follows it."""

MIGRATIONS: dict[int, str] = {
    1: _REVIEW,
    2: _SEALS + _REASON_CODES + _EDITIONS + _UNREAD,
    3: _LETTERS,
    4: _NAMES,
    5: _CERTIFICATES,
    6: _ANSWERS,
    7: _DISCOVERY,
    8: _THRESHOLDS,
    9: _STACKS,
    10: _CAMERAS,
    11: _ROWS,
}
"""The SQL that brings a catalogue of the version that is its key to the next one."""


def add_functions(db: sqlite3.Connection) -> None:
    """Add what the statements above call: SQLite's text of a number may be another number."""
    db.create_function("shortest", 1, _shortest, deterministic=True)


def _shortest(number: float | None) -> str | None:
    return repr(float(number)) if number is not None and math.isfinite(number) else None
