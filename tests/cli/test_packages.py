"""Which packages are there, and whether they are new enough."""

import re
import tomllib
from pathlib import Path

import pytest

from phototagger.cli.packages import OLDEST, Unfit, check_packages, cure_of, unfit
from phototagger.errors import MissingError
from phototagger.formats import FORMATS

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Returns what makes a package seem installed in some version, before all others."""
    monkeypatch.syspath_prepend(tmp_path)

    def seem_installed(name: str, version: str) -> None:
        folder = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )

    return seem_installed


def test_pyproject_asks_for_the_same_versions():
    asked = dict(re.findall(r"([\w-]+)>=([\d.]+)", " ".join(PROJECT["dependencies"])))
    assert asked == OLDEST


def test_the_extra_of_a_format_brings_its_package_and_the_tests_have_all():
    extras = PROJECT["optional-dependencies"]
    brought = {row.name: row.package for row in FORMATS.values() if row.package}
    assert brought == {name: extras[name][0].partition(">=")[0] for name in brought}
    [own] = [one for one in extras["dev"] if one.startswith("phototagger[")]
    assert set(brought) <= set(own.removeprefix("phototagger[").removesuffix("]").split(","))


def test_what_the_tests_run_with_is_new_enough():
    assert unfit() == []
    check_packages()


@pytest.mark.parametrize("version", ["1.26.0", "1.29.9", "1.29.0rc1", "0.20.31", "1"])
def test_an_older_package_is_named_with_its_cure(install, version):
    install("polars", version)
    assert unfit() == [Unfit("polars", version)]
    with pytest.raises(MissingError) as caught:
        check_packages()
    assert f"polars {version} is older than 1.30" in str(caught.value)
    assert "pip install --upgrade 'polars>=1.30'" in str(caught.value)


@pytest.mark.parametrize("version", ["1.30.0", "1.30", "1.100.0", "2.0.0b1", "1.30.0+cpu"])
def test_a_package_as_new_as_asked_for_or_newer_will_do(install, version):
    install("polars", version)
    assert unfit() == []


def test_one_cure_for_all():
    packages = [Unfit("polars", "1.26.0"), Unfit("open-clip-torch", "")]
    assert list(map(str, packages)) == [
        "polars 1.26.0 is older than 1.30",
        "open-clip-torch is not installed",
    ]
    assert cure_of(packages) == "pip install --upgrade 'polars>=1.30' 'open-clip-torch>=3.0'"
