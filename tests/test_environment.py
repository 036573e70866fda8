"""What wslearn needs is said alike by pyproject.toml, environment.yml, the locks and what is installed."""

import platform
import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler import BuildString, MatchSpec, PackageRecord

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CONDA: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
SPECS = [spec for spec in CONDA["dependencies"] if isinstance(spec, str)]

LAB = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["lab"]]
PIN = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def parse(requirements: Iterable[str]) -> dict[str, Requirement]:
    parsed = map(Requirement, requirements)
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def conda_name(spec: str) -> str:
    name = MatchSpec(spec, strict=True).name
    assert name is not None
    return name.normalized


def installed(name: str) -> str:
    return platform.python_version() if name == "python" else metadata.version(name)


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.lock").read_text("utf-8")


class TestCondaEnvironment:
    def test_has_the_keys_that_conda_reads_and_no_other(self) -> None:
        assert CONDA.keys() == {"name", "channels", "dependencies"}
        assert CONDA["name"] == PROJECT["name"]
        assert CONDA["channels"] == ["conda-forge", "nodefaults"]

    def test_installs_the_project_itself_by_pip(self) -> None:
        assert [step for step in CONDA["dependencies"] if not isinstance(step, str)] == [
            {"pip": ["-e .[cluster,interview]"]}
        ]
        assert "pip" in SPECS

    def test_asks_for_what_pyproject_asks_for(self) -> None:
        conda = {conda_name(spec): spec for spec in SPECS}
        assert conda.keys() - {"python", "pip"} == parse(LAB).keys()

    def test_asks_for_the_python_that_pyproject_asks_for(self) -> None:
        assert f"python {PROJECT['requires-python']}" in SPECS

    @pytest.mark.parametrize("requirement", LAB)
    def test_bounds_are_those_of_pyproject(self, requirement: str) -> None:
        wanted = Requirement(requirement)
        assert f"{wanted.name} {wanted.specifier}" in SPECS

    @pytest.mark.parametrize("spec", SPECS)
    def test_each_spec_is_satisfied_by_what_is_installed(self, spec: str) -> None:
        name = conda_name(spec)
        record = PackageRecord(name, installed(name), BuildString("0"), 0, "noarch")
        assert MatchSpec(spec, strict=True).matches(record)


class TestLocks:
    @pytest.mark.parametrize("name", ["lab", "test"])
    def test_says_nothing_of_where_packages_come_from(self, name: str) -> None:
        assert "://" not in lock(name)
        assert set(re.findall(r"--[\w-]+", lock(name))) == {"--hash"}

    @pytest.mark.parametrize("name", ["lab", "test"])
    def test_pins_all_that_pyproject_asks_for(self, name: str) -> None:
        assert parse(LAB).keys() <= dict(PIN.findall(lock(name))).keys()

    def test_test_is_lab_and_more_at_the_same_versions(self) -> None:
        lab, test = (set(PIN.findall(lock(name))) for name in ("lab", "test"))
        assert lab
        assert lab < test

    @pytest.mark.parametrize("name", ["lab", "bench"])
    def test_pyproject_is_satisfied_by_what_is_installed(self, name: str) -> None:
        wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"][name]]
        for requirement in parse(wanted).values():
            assert requirement.specifier.contains(installed(requirement.name)), requirement

    def test_the_installed_project_is_this_one(self) -> None:
        assert metadata.version("wslearn") == PROJECT["version"]


class TestNodePackages:
    def test_lock_says_nothing_of_where_packages_come_from(self) -> None:
        text = (ROOT / "tests/interop/package-lock.json").read_text("utf-8")
        assert '"integrity"' in text
        assert '"resolved"' not in text
