"""What has to be installed is read from one file, and torch is named once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from Med3DInsightLib.environment import TORCH, inspect_environment, read_requirements
from Med3DInsightLib.environment.requirement_language import RequirementLanguage
from Med3DInsightLib.errors import UserError

REPOSITORY = Path(__file__).resolve().parents[3]


def test_torch_is_required_as_the_project_requires_it():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    assert TORCH in project["project"]["dependencies"]
    assert read_requirements()[0] == TORCH


def test_comments_and_options_of_pip_are_passed_over(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("# all\n\n--only-binary :all:\neinops>=0.8  # for shapes\n-r other.txt\nrich\n")
    assert read_requirements(path) == (TORCH, "einops>=0.8", "rich")


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.txt: the requirements cannot be read.*Install the extension again"):
        read_requirements(tmp_path / "nowhere.txt")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match=r"binary\.txt: the requirements cannot be read"):
        read_requirements(tmp_path / "binary.txt")


def test_a_line_that_is_no_requirement_is_named():
    with pytest.raises(UserError, match="'monai>>1' is not a requirement"):
        inspect_environment(["torch", "monai>>1"])


def test_versions_that_cannot_be_read_fulfil_only_a_requirement_of_any():
    language = RequirementLanguage.find()
    assert language.accepts(language.requirement("scipy"), "1.2-g1234abc")
    assert not language.accepts(language.requirement("scipy>=1"), "1.2-g1234abc")
    assert language.same_release("1.2-g1234abc", "1.2-g1234abc")
    assert not language.same_release("1.2-g1234abc", "1.2")
