"""Every place where a file is made, changed, moved or removed, with what keeps it to our own."""

from collections import Counter

from tests.writes import writes

NEW = "makes a new name only (O_EXCL, mkdir): nothing that is there is touched"
WHOLE = "a new name, renamed over the target: a link there is replaced, never followed"
OURS = "open_own: a regular file with one name, of a trusted owner, looked at before"
STAGE = "lies in a private folder that this process made (0700)"
READS = "opens only to read"
BUFFER = "writes into a file that is open already"
DEVICE = "a device or a file of the system's own"
SIDECAR = "a sidecar or its temporary file, by the rules of core.sidecar_*"

GUARDS = {
    ("cli/demo.py", "demo", "tempfile.mkdtemp"): NEW,
    ("cli/demo.py", "demo", "shutil.copytree"): "into the new folder",
    ("core/exiftool.py", "Reader._asked", ".unlink"): STAGE,
    ("core/exiftool.py", "Reader._asked.prepare", ".symlink_to"): STAGE,
    ("core/exiftool.py", "Reader._asked.prepare", ".unlink"): STAGE,
    ("core/exiftool.py", "Reader.makes_nothing_of", ".unlink"): STAGE,
    ("core/exiftool.py", "Reader.makes_nothing_of", ".write_bytes"): STAGE,
    ("core/exiftool.py", "Writer.edit", ".unlink"): STAGE,
    ("core/exiftool.py", "Writer.edit.prepare", ".unlink"): STAGE,
    ("core/exiftool.py", "Writer.edit.prepare", ".write_bytes"): STAGE,
    ("core/export.py", "write_approvals_parquet", ".write_parquet"): BUFFER,
    ("core/files.py", "remove_leftovers", "os.unlink"): "a regular file with a temporary name",
    ("core/files.py", "sync_folder", "os.open"): READS,
    ("core/files.py", "write_atomically", "open"): BUFFER,
    ("core/files.py", "write_atomically", "os.replace"): WHOLE,
    ("core/files.py", "write_atomically", "os.unlink"): "its own temporary name",
    ("core/named_files.py", "open_named", "os.open"): READS,
    ("core/own_files.py", "_uid_in", "os.unlink"): "the probe that it made",
    ("core/own_files.py", "create_file", "os.open"): NEW,
    ("core/own_files.py", "_share", "os.fchmod"): "the file or folder that it made",
    ("core/own_files.py", "new_folder", "os.mkdir"): NEW,
    ("core/own_files.py", "new_folder", "os.open"): READS,
    ("core/own_files.py", "open_own", "os.open"): OURS,
    ("core/own_files.py", "open_to_read", "os.open"): READS,
    ("core/photo_file.py", "read_photo", "os.open"): READS,
    ("core/sidecar_commit.py", "discard", ".unlink"): SIDECAR,
    ("core/sidecar_file.py", "OnDisk.put", ".unlink"): SIDECAR,
    ("core/sidecar_file.py", "OnDisk.put", "os.replace"): SIDECAR,
    ("core/sidecar_file.py", "OnDisk.write_beside", ".unlink"): SIDECAR,
    ("core/sidecar_file.py", "OnDisk.write_beside", "open"): BUFFER,
    ("core/sidecar_file.py", "_copy_owner", "os.fchmod"): SIDECAR,
    ("core/sidecar_file.py", "_copy_owner", "os.fchown"): SIDECAR,
    ("core/sidecar_file.py", "_copy_owner", "os.setxattr"): SIDECAR,
    ("core/sidecar_file.py", "_remove_abandoned", ".rmdir"): STAGE,
    ("core/sidecar_file.py", "_remove_abandoned", "os.open"): READS,
    ("core/sidecar_file.py", "_remove_abandoned", "shutil.rmtree"): STAGE,
    ("core/sidecar_file.py", "stage_folder", "os.open"): STAGE,
    ("core/sidecar_file.py", "stage_folder", "shutil.rmtree"): STAGE,
    ("core/sidecar_file.py", "stage_folder", "tempfile.mkdtemp"): NEW,
    ("core/sidecar_ledger.py", "settle", ".unlink"): SIDECAR,
    ("core/streams.py", "SafeStream._fail", "os.open"): DEVICE,
    ("core/streams.py", "open_streams", "os.open"): DEVICE,
    ("core/streams.py", "write_bytes", ".write_bytes"): BUFFER,
    ("core/thumb_cache.py", "prune_thumbnails", "os.unlink"): "is_thumbnail, in a marked cache",
    ("engine/model_process.py", "_own_pipes", "os.open"): DEVICE,
    ("engine/model_process.py", "_stand_back", ".write_text"): DEVICE,
    ("engine/runner.py", "run_steps", ".unlink"): "REPORT.md of a run folder that is no link",
    ("store/approvals_file.py", "write_approvals", ".write_parquet"): BUFFER,
    ("store/catalogue.py", "Catalogue._back_up", ".replace"): WHOLE,
    ("store/catalogue.py", "Catalogue._connect", "sqlite3.connect"): "foreign.check_files, twice",
    ("store/catalogue.py", "Catalogue._saved", ".mkdir"): NEW,
    ("store/catalogue.py", "Catalogue.connection", "os.open"): READS,
    ("store/copies.py", "copy_database", "sqlite3.connect"): NEW,
    ("store/copies.py", "keep_copy", ".replace"): WHOLE,
    ("store/copies.py", "keep_copy", ".unlink"): "its own temporary name",
    ("store/embeddings.py", "save_embeddings", ".write_parquet"): BUFFER,
    ("store/embeddings.py", "save_embeddings", "np.save"): BUFFER,
    ("store/foreign.py", "_made_of", "sqlite3.connect"): "in memory",
    ("store/head.py", "Head.write", "os.pwrite"): OURS,
    ("store/lock.py", "RunDirLock._take", "os.ftruncate"): OURS,
    ("store/lock.py", "RunDirLock._take", "os.pwrite"): OURS,
    ("store/lock.py", "RunDirLock.release", "os.ftruncate"): OURS,
    ("store/parts.py", "Parts.remove", ".unlink"): "a part's name, in make_below's folder",
    ("store/parts.py", "Parts.tidy", ".unlink"): "a part's name, in make_below's folder",
    ("store/reading.py", "Reading._copied", ".unlink"): STAGE,
    ("store/reading.py", "Reading._copied", "tempfile.mkdtemp"): NEW,
    ("store/reading.py", "Reading._copy", ".open"): STAGE,
    ("store/reading.py", "Reading._copy", "shutil.copyfileobj"): STAGE,
    ("store/reading.py", "Reading._found", "sqlite3.connect"): READS,
    ("store/reading.py", "Reading.close", "shutil.rmtree"): STAGE,
    ("store/repair.py", "_is_ready", "sqlite3.connect"): READS,
    ("store/repair.py", "_make", ".chmod"): STAGE,
    ("store/repair.py", "_make", ".replace"): WHOLE,
    ("store/repair.py", "_make", "shutil.rmtree"): STAGE,
    ("store/repair.py", "_make", "tempfile.mkdtemp"): NEW,
    ("store/repair.py", "_swap", ".rename"): "to a name that nothing has",
    ("store/repair.py", "_swap", ".unlink"): "what SQLite's readers share, of a closed catalogue",
    ("store/repair.py", "_swap", "sqlite3.connect"): READS,
    ("store/salvage.py", "Database.__init__", "sqlite3.connect"): READS,
    ("tui/probe.py", "_terminal", "os.open"): DEVICE,
}
"""(file, function, call) → what keeps it from a file of somebody else's."""


def test_every_write_has_its_guard():
    found = Counter(writes())
    assert set(found) - set(GUARDS) == set(), "name what keeps a new write to files of ours"
    assert set(GUARDS) - set(found) == set(), "a write that is no more"
