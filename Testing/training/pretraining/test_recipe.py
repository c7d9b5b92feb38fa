"""Recipes: one file, and changes on the command line."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from med3dtrain.pretraining.errors import PretrainingError
from med3dtrain.pretraining.recipe import PretrainingRecipe

from .processes import REPOSITORY

CONFIGS = REPOSITORY / "training" / "configs"


@pytest.fixture(scope="module")
def command():
    """training/pretrain.py as a module."""
    spec = importlib.util.spec_from_file_location("pretrain", REPOSITORY / "training" / "pretrain.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["pretrain"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["pretrain"]


@pytest.fixture
def a_recipe_file(a_recipe, tmp_path):
    a_recipe.write(tmp_path / "recipe.json")
    return tmp_path / "recipe.json"


def started_with(command, monkeypatch, *arguments):
    """What the command would run."""
    started = []
    monkeypatch.setattr(command.Pretrain, "run", lambda pretrain: started.append(pretrain))
    command.main([str(argument) for argument in arguments])
    return started[0]


def test_a_written_recipe_reads_as_the_same(a_recipe, a_recipe_file):
    assert PretrainingRecipe.read(a_recipe_file) == a_recipe


def test_the_command_line_changes_entries_of_the_file(command, a_recipe, a_recipe_file, monkeypatch):
    arguments = ("--recipe", a_recipe_file, "--output", "runs/x")
    assert started_with(command, monkeypatch, *arguments).settings == a_recipe
    changed = started_with(
        command, monkeypatch, *arguments, "--optimisation.steps", 7, "--alignment.mode", "infonce", "--device", "cpu"
    )
    assert changed.settings == replace(
        a_recipe,
        optimisation=replace(a_recipe.optimisation, steps=7),
        alignment=replace(a_recipe.alignment, mode="infonce"),
    )
    assert (changed.output, changed.device) == (Path("runs/x"), "cpu")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"optimisation": {"steps": "many"}}, r"optimisation\.steps: "),
        ({"optimisation": {"speed": 3}}, r"optimisation\.speed: "),
        ({"alignment": {"moed": "robust"}}, r"alignment\.moed: Unexpected"),
        ({"alignment": {"noise": {"windows": 3}}}, r"alignment\.noise\.windows: Unexpected"),
        ({"sampling": {"batch": 0}}, r"sampling: .*at least 1"),
        ({"pace": {"measure_steps": 0}}, r"pace: .*at least 1"),
        ({"pace": {"checkpoint_steps": 0}}, r"pace: .*at least 1"),
        ({"optimisation": {"learning_rate": -1}}, r"optimisation: .*learning_rate is positive"),
        ({"alignment": {"mode": "robst"}}, r"alignment\.mode: Input should be 'robust', "),
        ({"alignment": {"metric": "ful"}}, r"alignment\.metric: Input should be 'full', "),
        ({"alignment": {"image_weight": 0, "text_weight": 0}}, r"alignment: .*both 0"),
        ({"alignment": {"reg": 0}}, r"alignment: .*reg, .* are positive"),
        ({"alignment": {"mass": 1.2}}, r"alignment: .*mass is 1\.2, not a share"),
        ({"alignment": {"noise": {"most": 1}}}, r"alignment\.noise: .*shares below 1"),
        ({"alignment": {"noise": {"window": 0}}}, r"alignment\.noise: .*at least 2 losses"),
        ({"alignment": {"stopping": {"max_iterations": 0}}}, r"alignment\.stopping: .*at least 1"),
        ({"teacher": {"batch": 0}}, r"teacher: .*at least 1"),
        ({"held_out": {"probe_slices": 0}}, r"held_out: .*at least 1"),
        ({"source": {"held_out": 1}}, r"source: .*below 1"),
        ({"objective": {"reconstruction_weight": -1}}, r"objective: .*not negative"),
        ({"speed": 3}, r"speed: "),
    ],
)
def test_a_wrong_entry_is_named_with_the_file(a_recipe_file, change, said):
    entries = json.loads(a_recipe_file.read_text())
    for name, value in change.items():
        entries[name] = {**entries[name], **value} if isinstance(value, dict) else value
    a_recipe_file.write_text(json.dumps(entries))
    with pytest.raises(PretrainingError, match=rf"recipe\.json: {said}"):
        PretrainingRecipe.read(a_recipe_file)


def test_a_wrong_value_on_the_command_line_is_told_without_a_traceback(command, a_recipe_file, capsys):
    arguments = ["--recipe", str(a_recipe_file), "--output", "runs/x"]
    for entry, value, said in (
        ("--pace.measure-steps", "0", "measure_steps"),
        ("--alignment.mode", "robst", "robust"),
        ("--teacher.batch", "0", "at least 1"),
    ):
        with pytest.raises(SystemExit, match="2"):
            command.main([*arguments, entry, value])
        assert said in capsys.readouterr().err


def test_the_command_tells_what_is_wrong_in_one_line(command, tmp_path):
    with pytest.raises(SystemExit, match=r"^Error: .*absent\.toml: cannot be read as a recipe .*$"):
        command.main(["--recipe", str(tmp_path / "absent.toml"), "--output", "runs/x"])


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("pretrain_*.toml")), ids=lambda path: path.name)
def test_every_published_recipe_is_one(path):
    recipe = PretrainingRecipe.read(path)
    assert recipe.card.teacher
    assert recipe.card.licence


def test_there_is_a_published_recipe():
    assert (CONFIGS / "pretrain_small_cpu.toml").exists()
