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
    ("cli/commands/demo.py", "demo", "tempfile.mkdtemp"): NEW,
    ("cli/commands/demo.py", "demo", "shutil.copytree"): "into the new folder",
    ("sidecars/exiftool/edit.py", "Reader._asked", ".unlink"): STAGE,
    ("sidecars/exiftool/edit.py", "Reader._asked.prepare", ".symlink_to"): STAGE,
    ("sidecars/exiftool/edit.py", "Reader._asked.prepare", ".unlink"): STAGE,
    ("sidecars/exiftool/edit.py", "Reader.makes_nothing_of", ".unlink"): STAGE,
    ("sidecars/exiftool/edit.py", "Reader.makes_nothing_of", ".write_bytes"): STAGE,
    ("sidecars/exiftool/edit.py", "Writer.edit", ".unlink"): STAGE,
    ("sidecars/exiftool/edit.py", "Writer.edit.prepare", ".unlink"): STAGE,
    ("sidecars/exiftool/edit.py", "Writer.edit.prepare", ".write_bytes"): STAGE,
    ("core/export.py", "write_approvals_parquet", ".write_parquet"): BUFFER,
    ("core/thumbs.py", "encode_thumbnail", "open"): "in memory",
    ("files/atomic.py", "remove_leftovers", "os.unlink"): "a regular file with a temporary name",
    ("files/atomic.py", "sync_folder", "os.open"): READS,
    ("files/atomic.py", "write_atomically", "open"): BUFFER,
    ("files/atomic.py", "write_atomically", "os.replace"): WHOLE,
    ("files/atomic.py", "write_atomically", "os.unlink"): "its own temporary name",
    ("files/atomic.py", "write_new", "os.unlink"): "the new name that it made",
    ("files/named.py", "open_named", "os.open"): READS,
    ("files/own.py", "_uid_in", "os.unlink"): "the probe that it made",
    ("files/own.py", "create_file", "os.open"): NEW,
    ("files/own.py", "_share", "os.fchmod"): "the file or folder that it made",
    ("files/own.py", "new_folder", "os.mkdir"): NEW,
    ("files/own.py", "new_folder", "os.open"): READS,
    ("files/own.py", "open_own", "os.open"): OURS,
    ("files/own.py", "open_to_read", "os.open"): READS,
    ("files/private.py", "_remove_abandoned", ".rmdir"): "an empty folder of its name",
    ("files/private.py", "_remove_abandoned", "os.open"): READS,
    (
        "files/private.py",
        "_remove_abandoned",
        "shutil.rmtree",
    ): "of a killed owner, by its lock",
    ("files/private.py", "private_folder", "os.open"): STAGE,
    ("files/private.py", "private_folder", "shutil.rmtree"): STAGE,
    ("files/private.py", "private_folder", "tempfile.mkdtemp"): NEW,
    ("imaging/photo_file.py", "open_photo", "os.open"): READS,
    ("imaging/preview.py", "_head", "os.open"): READS,
    ("sidecars/commit.py", "discard", ".unlink"): SIDECAR,
    ("sidecars/file.py", "OnDisk.put", ".unlink"): SIDECAR,
    ("sidecars/file.py", "OnDisk.put", "os.replace"): SIDECAR,
    ("sidecars/file.py", "OnDisk.write_beside", ".unlink"): SIDECAR,
    ("sidecars/file.py", "OnDisk.write_beside", "open"): BUFFER,
    ("sidecars/file.py", "_copy_owner", "os.fchmod"): SIDECAR,
    ("sidecars/file.py", "_copy_owner", "os.fchown"): SIDECAR,
    ("sidecars/file.py", "_copy_owner", "os.setxattr"): SIDECAR,
    ("sidecars/ledger.py", "settle", ".unlink"): SIDECAR,
    ("cli/output/streams.py", "SafeStream._fail", "os.open"): DEVICE,
    ("cli/output/streams.py", "open_streams", "os.open"): DEVICE,
    ("cli/output/streams.py", "write_bytes", ".write_bytes"): BUFFER,
    ("core/thumb_cache.py", "prune_thumbnails", "os.unlink"): "is_thumbnail, in a marked cache",
    ("engine/photo_reader/shared.py", "SharedArray.__init__", "os.ftruncate"): "in memory",
    ("engine/process/serving.py", "own_pipes", "os.open"): DEVICE,
    ("engine/process/model_process.py", "_tell_linux", ".write_text"): DEVICE,
    ("engine/runner.py", "run_steps", ".unlink"): "REPORT.md of a run folder that is no link",
    ("engine/tables/approvals_file.py", "write_approvals", ".write_parquet"): BUFFER,
    ("settings/keep.py", "ConfigFile.save", "os.fchmod"): "the new file, before it is renamed",
    (
        "store/catalogue/database.py",
        "Catalogue._connect",
        "sqlite3.connect",
    ): "foreign.check_files, twice",
    ("store/catalogue/database.py", "Catalogue._saved", ".mkdir"): NEW,
    ("store/catalogue/database.py", "Catalogue.connection", "os.open"): READS,
    ("store/catalogue/copies.py", "_copy_database", "sqlite3.connect"): NEW,
    ("store/catalogue/copies.py", "_temporary_beside", ".unlink"): "its own temporary name",
    ("store/catalogue/copies.py", "copy_whole", ".replace"): WHOLE,
    ("store/catalogue/copies.py", "keep_copy", ".replace"): WHOLE,
    ("store/vectors/embeddings.py", "save_embeddings", ".write_parquet"): BUFFER,
    ("store/vectors/embeddings.py", "save_embeddings", "np.save"): BUFFER,
    ("store/catalogue/foreign.py", "_made_of", "sqlite3.connect"): "in memory",
    ("store/catalogue/head.py", "Head.write", "os.pwrite"): OURS,
    ("store/lock.py", "RunDirLock._take", "os.ftruncate"): OURS,
    ("store/lock.py", "RunDirLock._take", "os.pwrite"): OURS,
    ("store/lock.py", "RunDirLock.release", "os.ftruncate"): OURS,
    ("store/vectors/parts.py", "Parts.remove", ".unlink"): "a part's name, in make_below's folder",
    ("store/vectors/parts.py", "Parts.tidy", ".unlink"): "a part's name, in make_below's folder",
    ("store/catalogue/reading.py", "Reading._copied", ".unlink"): STAGE,
    ("store/catalogue/reading.py", "Reading._copy", ".open"): STAGE,
    ("store/catalogue/reading.py", "Reading._copy", "shutil.copyfileobj"): STAGE,
    ("store/catalogue/reading.py", "Reading._working_uri", "sqlite3.connect"): READS,
    ("store/repair/rebuild.py", "_is_ready", "sqlite3.connect"): READS,
    ("store/repair/rebuild.py", "_make", ".chmod"): STAGE,
    ("store/repair/rebuild.py", "_make", ".replace"): WHOLE,
    ("store/repair/rebuild.py", "_make", "shutil.rmtree"): STAGE,
    ("store/repair/rebuild.py", "_make", "tempfile.mkdtemp"): NEW,
    ("store/repair/rebuild.py", "_swap", ".rename"): "to a name that nothing has",
    (
        "store/repair/rebuild.py",
        "_swap",
        ".unlink",
    ): "what SQLite's readers share, of a closed catalogue",
    ("store/repair/rebuild.py", "_swap", "sqlite3.connect"): READS,
    ("store/repair/salvage.py", "Database.__init__", "sqlite3.connect"): READS,
    ("tui/graphics/probe.py", "_terminal", "os.open"): DEVICE,
    ("tui/library_output.py", "kept_off_screen", "tempfile.TemporaryFile"): NEW,
}
"""(file, function, call) → what keeps it from a file of somebody else's."""


def test_every_write_has_its_guard():
    found = Counter(writes())
    assert set(found) - set(GUARDS) == set(), "name what keeps a new write to files of ours"
    assert set(GUARDS) - set(found) == set(), "a write that is no more"
