"""Every package is installed, missing, too old or broken, and the broken ones say why."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys

import pytest

from Med3DInsightLib.environment import State, inspect_environment, read_requirements
from Med3DInsightLib.environment.package_files import PackageFiles
from Med3DInsightLib.environment.requirement_language import RequirementLanguage, canonical

REQUIRED = "einops>=0.8"


def report_of(site, requirement=REQUIRED):
    """What is found out about one package; it stands where torch does, so that nothing else is looked at."""
    return inspect_environment([requirement], site.path).torch


def test_everything_this_project_needs_is_found_with_the_version_that_pip_tells():
    report = inspect_environment()
    assert report.complete
    assert {package.name: package.found for package in report.all_packages} == {
        name: importlib.metadata.version(name)
        for name in map(canonical, ("torch", *(each.name for each in report.packages)))
    }
    assert report.to_install == report.must_go_first == ()


@pytest.mark.parametrize("line", read_requirements())
def test_a_package_is_imported_by_its_own_name_and_tells_the_version_that_is_recorded(line):
    language = RequirementLanguage.find()
    files = PackageFiles(language.requirement(line).name)
    assert files.name in map(canonical, importlib.metadata.packages_distributions()[files.import_name])
    assert files.own_version.text in {"", files.recorded_version}


def test_a_version_is_read_from_the_files_of_most_packages():
    told = {
        line
        for line in read_requirements()
        if PackageFiles(RequirementLanguage.find().requirement(line).name).own_version.text
    }
    assert len(told) >= 6
    assert {"torch>=2.8", "pydantic>=2.9"} <= told


def test_looking_imports_nothing():
    code = (
        "import sys; before = set(sys.modules)\n"
        "from Med3DInsightLib.environment import inspect_environment, frozen_constraints\n"
        "assert inspect_environment().complete and frozen_constraints()\n"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Med3DInsightLib", "packaging"]


def test_a_package_that_is_not_there_is_missing(a_site):
    report = report_of(a_site)
    assert (report.state, report.found, report.to_install) == (State.MISSING, "", (REQUIRED,))


@pytest.mark.parametrize(
    ("version", "state"),
    [("0.8", State.INSTALLED), ("0.8.0", State.INSTALLED), ("1.0rc1", State.INSTALLED), ("0.7.9", State.TOO_OLD)],
)
def test_a_version_is_compared_as_pip_compares(a_site, version, state):
    a_site.install("einops", version)
    report = report_of(a_site)
    assert (report.state, report.found) == (state, version)
    assert not report.must_go_first


@pytest.mark.parametrize("told_in", ["__init__.py", "version.py", "_version.py"])
def test_a_local_label_is_no_difference_and_another_version_is(a_site, told_in):
    a_site.install("torch", "2.8.0+cu126", own_version="2.8.0", told_in=told_in)
    assert report_of(a_site, "torch>=2.8").state == State.INSTALLED
    shutil.rmtree(a_site.folder / "torch")
    shutil.rmtree(a_site.folder / "torch-2.8.0+cu126.dist-info")
    a_site.install("torch", "2.8.0+cu126", own_version="2.5.1+cu121", told_in=told_in)
    report = report_of(a_site, "torch>=2.8")
    assert report.state == State.BROKEN
    assert report.reason == "version 2.8.0+cu126 is recorded, but its files are those of 2.5.1+cu121"


def test_a_version_that_authors_forgot_to_write_is_believed_only_if_it_is_too_old(a_site):
    a_site.install("einops", "0.8.2", own_version="0.8.1")
    assert report_of(a_site).state == State.INSTALLED
    assert report_of(a_site, "einops>=0.8.2").reason == "version 0.8.2 is recorded, but its files are those of 0.8.1"
    (a_site.folder / "einops" / "version.py").write_text("VERSION: str = '0.8.1'\n")
    assert report_of(a_site).state == State.BROKEN


def leave_an_empty_folder(site):
    shutil.rmtree(site.folder / "einops-0.8.2.dist-info")
    for path in (site.folder / "einops").iterdir():
        path.unlink()
    (site.folder / "einops" / "lib").mkdir()


def empty_the_folder_of_a_recorded_package(site):
    (site.folder / "einops" / "__init__.py").unlink()


def lose_the_files(site):
    shutil.rmtree(site.folder / "einops")


def lose_the_record(site):
    shutil.rmtree(site.folder / "einops-0.8.2.dist-info")


def record_another_version(site):
    site.record("einops", "0.9.0")


def lose_a_library(site):
    (site.folder / "einops" / "core.so").unlink()


def lose_the_metadata(site):
    (site.folder / "einops-0.8.2.dist-info" / "METADATA").unlink()


def garble_the_metadata(site):
    (site.folder / "einops-0.8.2.dist-info" / "METADATA").write_bytes(b"\xff\xfe\x00Version: 0.8.2")


def garble_the_list_of_files(site):
    (site.folder / "einops-0.8.2.dist-info" / "RECORD").write_text("x" * 200_000)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (leave_an_empty_folder, "only a folder without content is left of it"),
        (empty_the_folder_of_a_recorded_package, "only a folder without content is left of it"),
        (lose_the_files, "version 0.8.2 is recorded, but its files are gone"),
        (lose_the_record, "its files are there, but nothing records that it is installed"),
        (record_another_version, "several versions are recorded: 0.8.2, 0.9.0"),
        (lose_a_library, "1 of its files are gone, such as einops/core.so"),
        (lose_the_metadata, "its files are there, but its record cannot be read"),
        (garble_the_metadata, "its files are there, but its record cannot be read"),
        (garble_the_list_of_files, "its files cannot be read (Error: field larger than field limit"),
    ],
)
def test_a_broken_package_says_why_and_is_removed_before_it_is_installed_again(a_site, damage, reason):
    a_site.install("einops", "0.8.2", libraries=["core.so"])
    assert report_of(a_site).state == State.INSTALLED
    damage(a_site)
    report = report_of(a_site)
    assert report.state == State.BROKEN
    assert report.reason.startswith(reason)
    assert report.must_go_first
    assert report.to_install == (REQUIRED,)


def test_what_a_package_requires_is_looked_at_as_well_and_only_that_is_installed(a_site):
    a_site.install("einops", "0.8.2", requires=["a-part==1.2", "never; python_version < '3'", "more; extra == 'all'"])
    report = report_of(a_site)
    assert (report.state, report.reason, report.to_install) == (State.BROKEN, "it needs a-part==1.2", ("a-part==1.2",))
    assert not report.must_go_first
    a_site.install("a-part", "1.2", requires=["its-part>=3", "einops"])
    assert report_of(a_site).to_install == ("its-part>=3",)
    a_site.install("its-part", "2.0")
    assert report_of(a_site).to_install == ("its-part>=3",)
    shutil.rmtree(a_site.folder / "its_part-2.0.dist-info")
    a_site.install("its-part", "3.0")
    assert report_of(a_site).state == State.INSTALLED


def test_an_upper_bound_on_a_part_is_no_reason_to_call_a_package_broken(a_site):
    a_site.install("rich", "15.0", requires=["pygments<3,>=2.13", "exact==1.5", "old (>=1.0<2.0)"])
    a_site.install("pygments", "3.1")
    a_site.install("exact", "1.5")
    assert report_of(a_site, "rich>=13.9").state == State.INSTALLED
    shutil.rmtree(a_site.folder / "pygments-3.1.dist-info")
    shutil.rmtree(a_site.folder / "exact-1.5.dist-info")
    a_site.install("pygments", "2.1")
    a_site.install("exact", "1.6")
    assert report_of(a_site, "rich>=13.9").to_install == ("pygments<3,>=2.13", "exact==1.5")


def test_what_must_not_be_changed_is_no_reason_to_call_a_package_broken(a_site):
    a_site.install("monai", "1.6.1", requires=["torch>=2.8", "numpy<2", "SimpleITK"])
    assert report_of(a_site, "monai>=1.6").state == State.INSTALLED


def test_a_trial_knows_more_than_files_do():
    report = inspect_environment().after_trial({"torch": "OSError: no such library", "monai": "ImportError: torch"})
    assert not report.complete
    assert (report.torch.state, report.torch.reason) == (State.BROKEN, "OSError: no such library")
    assert report.must_go_first == ("monai",)
    assert report.to_install == ("monai>=1.6",)
