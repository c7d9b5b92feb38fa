"""What settings cannot be is told without a traceback, on every level of a command and in its file."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pytest
import tyro

from Med3DInsightLib.errors import UserError
from med3dtrain.captioned_set.settings import CaptionedSetSettings
from med3dtrain.finetuning.settings.recipe import FineTuningRecipe
from med3dtrain.head_contrasts.settings import HeadContrastSettings
from med3dtrain.pretraining.recipe import PretrainingRecipe
from med3dtrain.runs.parsed_command import parsed_command

TRAINING = Path(__file__).resolve().parents[3] / "training"


@dataclass(frozen=True)
class Table:
    size: int = 1

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError("size is at least 1")


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    table: Table = field(default_factory=Table)

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError("seed is not negative")


@dataclass(frozen=True)
class Command:
    recipe: Annotated[Recipe, tyro.conf.arg(name="")]
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("count is at least 1")


def module_of(script, monkeypatch):
    """training/SCRIPT.py."""
    spec = importlib.util.spec_from_file_location(f"{script}_command", TRAINING / f"{script}.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_right_arguments_become_the_command():
    command = parsed_command(Command, ["--seed", "3", "--table.size", "2", "--count", "4"])
    assert command == Command(Recipe(3, Table(2)), 4)


def test_a_recipe_that_cannot_be_is_told_in_one_line():
    with pytest.raises(SystemExit) as ended:
        parsed_command(Command, ["--seed", "-1"])
    assert ended.value.code == "Error: seed is not negative. See --help."


@pytest.mark.parametrize(
    ("arguments", "said"), [(["--table.size", "0"], "size is at least 1"), (["--count", "0"], "count is at least 1")]
)
def test_tables_and_commands_that_cannot_be_are_told_without_a_traceback(arguments, said, capsys):
    with pytest.raises(SystemExit) as ended:
        parsed_command(Command, arguments)
    told = f"{capsys.readouterr().err} {ended.value.code}"
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        ("pretrain", ["--output", "runs/x"]),
        ("finetune", ["segment", "data", "--output", "runs/x"]),
        ("cross_validate", ["classify", "cases.csv", "--output", "runs/x"]),
    ],
)
def test_a_negative_seed_ends_a_command_with_one_line(script, arguments, monkeypatch):
    with pytest.raises(SystemExit, match=r"^Error: seed.* negative\. See --help\.$"):
        module_of(script, monkeypatch).main([*arguments, "--seed", "-1"])


@pytest.mark.parametrize(
    ("script", "arguments", "said"),
    [
        ("label_efficiency", ["data", "--pretrained", "none", "--output", "runs/x", "--shares", "2"], "at most 1"),
        ("label_efficiency", ["data", "--pretrained", "none", "--output", "runs/x", "--steps", "0"], "at least 1"),
        ("evidence", ["--output", "runs/x", "--seeds", "0"], "from 1 to 10"),
        ("evaluate", ["hippocampus", "data", "--output", "report", "--seed", "-1"], "seed is -1"),
    ],
)
def test_what_a_command_cannot_be_told_is_refused_without_a_traceback(script, arguments, said, monkeypatch, capsys):
    with pytest.raises(SystemExit) as ended:
        module_of(script, monkeypatch).main(arguments)
    assert said in f"{capsys.readouterr().err} {ended.value.code}"


@pytest.mark.parametrize(
    ("settings", "published"),
    [
        (PretrainingRecipe, "pretrain_small_cpu.toml"),
        (FineTuningRecipe, "finetune_hippocampus.toml"),
        (HeadContrastSettings, "head_contrasts_set.toml"),
        (CaptionedSetSettings, "small_pretraining_set.toml"),
    ],
)
def test_a_negative_seed_in_a_file_is_told_with_the_file(settings, published, tmp_path):
    lines = (TRAINING / "configs" / published).read_text(encoding="utf-8").splitlines()
    others = [line for line in lines if not line.startswith("seed = ")]
    (tmp_path / "changed.toml").write_text("\n".join(["seed = -1", *others]), encoding="utf-8")
    with pytest.raises(UserError, match=r"changed\.toml: the recipe: .*seed.* negative"):
        settings.read(tmp_path / "changed.toml")
