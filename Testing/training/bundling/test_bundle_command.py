"""Bundles are carried about whole, changed in precision knowingly, and never sent unasked."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from Testing.training.bundling.loopback_hub import COMMIT, a_hub

from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.bundles.bundle import sha256_of
from Med3DInsightLib.networks.factory import build_network, load_network, save_network
from med3dtrain.bundling.whole_bundle import WholeBundle

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def command():
    """training/bundle.py as a module."""
    spec = importlib.util.spec_from_file_location("bundle_command", REPOSITORY / "training" / "bundle.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["bundle_command"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module.main
    del sys.modules["bundle_command"]


@pytest.fixture
def hub(monkeypatch, tmp_path):
    # Other tests forbid the network before the library is imported, which remembers it.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_for_tests_only")
    with a_hub() as running:
        yield running


def refused(command, *arguments):
    with pytest.raises(SystemExit) as stopped:
        command([str(argument) for argument in arguments])
    message = str(stopped.value)
    assert message.startswith("Error: ")
    assert "\n" not in message
    return message


def run(command, *arguments):
    command([str(argument) for argument in arguments])


def test_a_bundle_is_described_after_all_of_it_was_checked(command, a_bundle, capsys):
    run(command, "inspect", a_bundle.folder)
    told = capsys.readouterr().out
    card = a_bundle.card
    assert f"{card.name} {card.version}: {card.title}" in told
    assert f"sha256 of the weights: {card.weights_sha256}" in told
    assert "weights as F32" in told
    run(command, "verify", a_bundle.folder)
    assert "is whole" in capsys.readouterr().out


def test_what_does_not_belong_into_a_bundle_is_refused(command, a_bundle, tmp_path):
    stranger = a_bundle.folder / "setup.py"
    stranger.write_text("print('run me')")
    assert "setup.py: does not belong into a bundle" in refused(command, "verify", a_bundle.folder)
    stranger.unlink()
    (tmp_path / "elsewhere").write_bytes(a_bundle.weights_path.read_bytes())
    a_bundle.weights_path.unlink()
    a_bundle.weights_path.symlink_to(tmp_path / "elsewhere")
    assert "is a link" in refused(command, "verify", a_bundle.folder)


def test_weights_that_are_not_finite_are_refused(command, a_card, tmp_path):
    network = build_network(a_card.architecture)
    next(iter(network.parameters())).data.fill_(torch.nan)
    bundle = save_network(network, a_card, tmp_path / "broken")
    assert "holds numbers that are NaN" in refused(command, "verify", bundle.folder)


@pytest.mark.parametrize(("dtype", "share"), [("float16", 0.7), ("bfloat16", 0.7), ("int8", 0.4)])
def test_a_converted_bundle_says_almost_the_same_in_less_space(command, a_bundle, tmp_path, capsys, dtype, share):
    run(command, "convert", a_bundle.folder, "--dtype", dtype, "--output", tmp_path / "out")
    assert "measure again" in capsys.readouterr().out
    made = WholeBundle.open(tmp_path / "out" / a_bundle.card.name)
    assert made.bundle.weights_path.stat().st_size < share * a_bundle.weights_path.stat().st_size
    x = torch.rand(1, 1, 16, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(load_network(made.bundle)(x), load_network(a_bundle)(x), atol=0.05, rtol=0.05)
    assert "is there already" in refused(command, "convert", a_bundle.folder, "--output", tmp_path / "out")


def test_values_that_float16_cannot_hold_are_refused(command, a_card, tmp_path):
    network = build_network(a_card.architecture)
    next(iter(network.parameters())).data.fill_(1e6)
    bundle = save_network(network, a_card, tmp_path / "large")
    assert "too large for float16" in refused(command, "convert", bundle.folder, "--output", tmp_path / "out")
    assert not (tmp_path / "out" / a_card.name).exists()
    run(command, "convert", bundle.folder, "--dtype", "bfloat16", "--output", tmp_path / "out")


def test_weights_of_eight_bits_stay_so_when_they_are_packed_and_are_whole_when_converted_back(
    command, a_bundle, tmp_path, capsys
):
    run(command, "convert", a_bundle.folder, "--dtype", "int8", "--output", tmp_path / "small")
    small = Bundle.open(tmp_path / "small" / a_bundle.card.name)
    run(command, "inspect", small.folder)
    assert "weights as F32, I8" in capsys.readouterr().out
    run(command, "pack", small.folder / "card.json", small.weights_path, "--output", tmp_path / "packed")
    packed = Bundle.open(tmp_path / "packed" / a_bundle.card.name)
    assert packed.weights_path.stat().st_size == small.weights_path.stat().st_size
    run(command, "convert", small.folder, "--dtype", "float32", "--output", tmp_path / "back")
    back = load_network(Bundle.open(tmp_path / "back" / a_bundle.card.name)).state_dict()
    for name, tensor in load_network(packed).state_dict().items():
        torch.testing.assert_close(back[name], tensor)


def test_a_card_and_weights_become_a_bundle_or_are_refused(command, a_bundle, tmp_path):
    weights = load_file(a_bundle.weights_path)
    run(command, "pack", a_bundle.folder / "card.json", a_bundle.weights_path, "--output", tmp_path / "out")
    assert load_file(tmp_path / "out" / a_bundle.card.name / "model.safetensors").keys() == weights.keys()
    save_file({"other": torch.zeros(3)}, tmp_path / "other.safetensors")
    card = a_bundle.folder / "card.json"
    assert "do not fit the architecture" in refused(
        command, "pack", card, tmp_path / "other.safetensors", "--output", tmp_path / "two"
    )
    (tmp_path / "card.json").write_text(json.dumps({**json.loads(card.read_text()), "colour": "red"}))
    assert "colour" in refused(
        command, "pack", tmp_path / "card.json", a_bundle.weights_path, "--output", tmp_path / "two"
    )
    assert not any((tmp_path / "two").glob("*")) if (tmp_path / "two").exists() else True


def test_a_name_that_leads_elsewhere_is_refused(command, a_bundle, tmp_path):
    card = json.loads((a_bundle.folder / "card.json").read_text())
    (a_bundle.folder / "card.json").write_text(json.dumps({**card, "name": "../../x"}))
    assert "cannot be the name of a folder" in refused(command, "pull", a_bundle.folder, "--output", tmp_path / "in")
    assert not (tmp_path.parent / "x").exists()


def test_a_bundle_is_copied_to_a_folder_and_back(command, a_bundle, tmp_path):
    run(command, "push", a_bundle.folder, tmp_path / "share")
    run(command, "pull", tmp_path / "share" / a_bundle.card.name, "--output", tmp_path / "home")
    copied = Bundle.open(tmp_path / "home" / a_bundle.card.name)
    assert sha256_of(copied.weights_path) == a_bundle.card.weights_sha256
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == [a_bundle.card.name]


def test_nothing_is_sent_to_a_hub_without_consent(command, a_bundle, hub, monkeypatch, capsys):
    monkeypatch.setattr("builtins.input", lambda prompt: "n")
    message = refused(command, "push", a_bundle.folder, "hf:someone/tiny", "--endpoint", hub.address)
    assert "nothing was sent" in message
    assert hub.requests == []
    assert f"will be sent to hf:someone/tiny at {hub.address}" in capsys.readouterr().out


def test_a_bundle_travels_over_a_hub_and_is_checked_at_both_ends(command, a_bundle, hub, tmp_path):
    run(command, "push", a_bundle.folder, "hf:someone/tiny", "--endpoint", hub.address, "--yes")
    assert sorted(set(hub.files) - {".gitattributes"}) == ["card.json", "model.safetensors"]
    hub.files["evil.py"] = b"raise SystemExit"
    run(command, "pull", f"hf:someone/tiny@{COMMIT}", "--endpoint", hub.address, "--output", tmp_path / "in")
    pulled = WholeBundle.open(tmp_path / "in" / a_bundle.card.name)
    assert pulled.bundle.card == a_bundle.card
    assert not any("evil" in request for request in hub.requests)


def test_a_damaged_download_leaves_nothing(command, a_bundle, hub, tmp_path):
    run(command, "push", a_bundle.folder, "hf:someone/tiny", "--endpoint", hub.address, "--yes")
    hub.files["model.safetensors"] = hub.files["model.safetensors"][:-4] + b"oops"
    message = refused(command, "pull", "hf:someone/tiny", "--endpoint", hub.address, "--output", tmp_path / "in")
    assert "the hash of the weights is" in message
    assert list((tmp_path / "in").iterdir()) == []


def test_a_hub_that_is_not_there_is_named(command, a_bundle, tmp_path, monkeypatch):
    nowhere = "http://127.0.0.1:9"
    message = refused(command, "pull", "hf:someone/tiny", "--endpoint", nowhere, "--output", tmp_path / "in")
    assert "hf:someone/tiny cannot be downloaded" in message
    message = refused(command, "push", a_bundle.folder, "hf:someone/tiny", "--endpoint", nowhere, "--yes")
    assert "hf:someone/tiny cannot be uploaded to" in message
