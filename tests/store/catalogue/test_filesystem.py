"""Which folders lie on a network file system, by /proc/mounts."""

import os

import pytest

from phototagger.store.catalogue.filesystem import is_network

MOUNTS = rb"""
/dev/sda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
/dev/sdb1 /mnt/box/local ext4 rw 0 0
box:/export /mnt/box nfs4 rw,vers=4.2 0 0
//box/share /mnt/with\040space\134and\011tab cifs rw 0 0
me@box: /home/me/far fuse.sshfs rw 0 0
C:\134 /mnt/c 9p rw 0 0
box:/odd /mnt/caf""" + b"\xe9\xe2\x80\xa8" + rb"""s nfs rw 0 0
/dev/sdc1 /mnt/over nfs rw 0 0
/dev/sdc1 /mnt/over ext4 rw 0 0
cut short
"""  # fmt: skip


@pytest.fixture
def mounts(tmp_path):
    file = tmp_path / "mounts"
    file.write_bytes(MOUNTS)
    return file


@pytest.mark.parametrize(
    ("folder", "far"),
    [
        ("/home/me", False),
        ("/home/me/far/photos", True),
        ("/mnt/box", True),
        ("/mnt/box/2024/runs", True),
        ("/mnt/boxer", False),
        ("/mnt/box/local/runs", False),
        ("/mnt/with space\\and\ttab/runs", True),
        ("/mnt/c/Users", True),
        (os.fsdecode(b"/mnt/caf\xe9\xe2\x80\xa8s/runs"), True),
        ("/mnt/over/runs", False),
    ],
)
def test_the_innermost_and_last_mount_of_a_folder_decides(mounts, folder, far):
    assert is_network(folder, mounts) is far


def test_a_link_counts_where_it_leads(mounts, tmp_path):
    (tmp_path / "runs").symlink_to("/mnt/box/runs")
    assert is_network(tmp_path / "runs", mounts)


def test_without_a_list_of_mounts_a_folder_counts_as_local(tmp_path):
    assert not is_network(tmp_path, tmp_path / "absent")
