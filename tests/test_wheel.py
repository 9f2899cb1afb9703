"""What is installed from a wheel works on its own, far from the checkout."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        check=True, capture_output=True, cwd=CHECKOUT,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_samples_labels_and_the_class_matrix(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "phototagger/data/labels.txt" in names
    assert "phototagger/data/samples/SOURCES.md" in names
    assert sum(name.startswith("phototagger/data/samples/") for name in names) >= 11
    assert "phototagger/model/embedded/classes.npy" in names
    assert "phototagger/model/embedded/probes.npy" in names
    assert {f"phototagger/discover/{name}" for name in ("keywords.txt", "NOTICE")} <= {*names}
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]


def test_the_demo_runs_from_the_wheel_in_an_empty_environment(wheel, tmp_path):
    home = tmp_path / "env"
    venv.create(home, with_pip=False, symlinks=True)
    site = next((home / "lib").glob("python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # The third-party packages of this environment, without the checkout that is installed in it:
    # a folder named in a .pth file is added as it is, its own .pth files are not read.
    (site / "third-party.pth").write_text(sysconfig.get_path("purelib") + "\n")
    done = subprocess.run(
        [home / "bin" / "python", "-m", "phototagger", "demo"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "animals/cat.jpg" in done.stdout
    run = Path(done.stdout.splitlines()[-1])
    assert run.is_relative_to(tmp_path)
    assert (run / "results.csv").read_text().count("\n") == 20
    where = subprocess.run(
        [home / "bin" / "python", "-c", "import phototagger; print(phototagger.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(site))
