"""A model that is not here, not whole or not safe is refused with one line that says what to do."""

from __future__ import annotations

import json
import shutil
import sys

import pytest
from safetensors.torch import load_file, save_file

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.local import TransformersModel, TransformersSettings
from Med3DInsightLib.captions.prompting import ShippedPrompts
from Med3DInsightLib.volumes import Plane, slice_of

from ..parts import a_subject
from .tiny_vision_language import save_llava

PROMPT = ShippedPrompts().find("plain")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return save_llava(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def a_copy(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "tiny")


@pytest.fixture(autouse=True)
def _an_empty_hub_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def open_model(model, **settings):
    return TransformersModel(TransformersSettings(str(model), **settings), PROMPT)


def ask(model, **settings):
    subject = a_subject(with_labels=False)
    picture = subject.picture(slice_of(subject.volume.grid, Plane.AXIAL, 9))
    return list(open_model(model, **settings).answer([picture]))


def refused(call, *arguments, **settings):
    with pytest.raises(CaptionError) as raised:
        call(*arguments, **settings)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("allow_download", [False, True])
def test_a_model_that_is_not_on_this_computer_says_which_files_to_put_where(allow_download):
    message = refused(open_model, "google/medgemma-4b-it", allow_download=allow_download)
    why = "cannot be downloaded" if allow_download else "downloading was not allowed"
    assert f"the model 'google/medgemma-4b-it' is not on this computer, and {why}" in message
    assert 'Run: hf download google/medgemma-4b-it --include "*.json"' in message
    for name in ("config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json"):
        assert name in message
    message = refused(open_model, "/nowhere/at/all")
    assert "neither a folder nor an id of the Hugging Face hub" in message
    assert "model.safetensors" in message


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer_config.json", "processor_config.json"])
def test_a_folder_that_lacks_a_file_is_told_the_file(a_copy, name):
    (a_copy / name).unlink()
    missing = name.replace("processor_config", "preprocessor_config")
    message = refused(open_model, a_copy)
    assert f"{a_copy}: the model 'tiny' lacks {missing}. Put {missing} of the model there" in message


def test_pickled_weights_are_not_opened(a_copy):
    (a_copy / "model.safetensors").rename(a_copy / "pytorch_model.bin")
    assert "pytorch_model.bin is pickled and is not opened" in refused(open_model, a_copy)


def test_weights_in_several_files_have_to_be_all_there_and_in_the_folder(a_copy):
    weights = {key: value.clone() for key, value in load_file(a_copy / "model.safetensors").items()}
    (a_copy / "model.safetensors").unlink()
    names = {key: f"model-0000{number % 2 + 1}-of-00002.safetensors" for number, key in enumerate(sorted(weights))}
    for file in set(names.values()):
        part = {key: weights[key] for key in weights if names[key] == file}
        save_file(part, a_copy / file, {"format": "pt"})
    index = a_copy / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {}, "weight_map": names}))
    assert len(ask(a_copy)) == 1
    (a_copy / "model-00002-of-00002.safetensors").unlink()
    assert "lacks model-00002-of-00002.safetensors" in refused(open_model, a_copy)
    index.write_text(json.dumps({"weight_map": {"a": "../../secret.safetensors"}}))
    assert "names '../../secret.safetensors', which is not in its folder" in refused(open_model, a_copy)
    index.write_text("{}")
    assert "the list of weight files cannot be read" in refused(open_model, a_copy)


def test_damaged_or_incomplete_weights_are_one_error(a_copy):
    path = a_copy / "model.safetensors"
    weights = {key: value.clone() for key, value in load_file(path).items()}  # the file is going to change
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert "the model 'tiny' cannot be opened" in refused(ask, a_copy)
    name = next(key for key in sorted(weights) if "layers" in key)
    save_file({key: value for key, value in weights.items() if key != name}, path, {"format": "pt"})
    assert "the weights of 'tiny' lack 1 entries" in refused(ask, a_copy)


def test_code_that_a_model_brings_along_is_not_run(a_copy, tmp_path):
    trace = tmp_path / "it ran"
    code = f"open({str(trace)!r}, 'w').close()\nclass Own: pass\n"
    (a_copy / "own.py").write_text(code)
    config = json.loads((a_copy / "config.json").read_text())
    own = {"AutoConfig": "own.Own", "AutoModelForImageTextToText": "own.Own", "AutoProcessor": "own.Own"}
    (a_copy / "config.json").write_text(json.dumps({**config, "model_type": "own_kind", "auto_map": own}))
    for name in ("processor_config.json", "tokenizer_config.json"):
        entries = json.loads((a_copy / name).read_text())
        entries = {key: value for key, value in entries.items() if not key.endswith("_class")}
        (a_copy / name).write_text(json.dumps({**entries, "auto_map": {"AutoProcessor": "own.Own"}}))
    message = refused(ask, a_copy)
    assert "models that need code of their own are not supported" in message
    assert not trace.exists()
    assert "own" not in sys.modules


def test_a_model_without_a_chat_template_or_a_device_that_is_not_there_are_told(a_copy):
    assert "the device 'cuda:99' cannot be used" in refused(ask, a_copy, device="cuda:99")
    assert "the device 'abacus' cannot be used" in refused(ask, a_copy, device="abacus")
    (a_copy / "chat_template.jinja").unlink()
    assert "has no chat template. Put its chat_template.jinja there" in refused(ask, a_copy)


def test_a_chat_template_may_be_kept_with_the_tokenizer(a_copy):
    template = (a_copy / "chat_template.jinja").read_text()
    (a_copy / "chat_template.jinja").unlink()
    entries = json.loads((a_copy / "tokenizer_config.json").read_text())
    (a_copy / "tokenizer_config.json").write_text(json.dumps({**entries, "chat_template": template}))
    assert len(ask(a_copy)) == 1


def test_a_model_of_the_hub_is_found_in_its_cache_and_remembered_with_its_commit(whole, tmp_path):
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "hub" / "models--someone--tiny"
    shutil.copytree(whole, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    for revision in ("", "main", commit):
        source = open_model("someone/tiny", revision=revision).source
        assert (source.model, source.model_revision) == ("someone/tiny", commit)
    assert "in revision" not in refused(open_model, "someone/tiny", revision="f" * 40)
    assert len(ask("someone/tiny")) == 1


def test_a_folder_is_known_by_its_weights_unless_the_user_names_a_revision(whole, a_copy):
    assert open_model(whole).source == open_model(a_copy).source
    assert open_model(a_copy, revision="mine").source.model_revision == "mine"
    save_llava(a_copy, seed=1)
    assert open_model(whole).source != open_model(a_copy).source


def test_settings_that_cannot_be_are_refused():
    for wrong in ({"batch": 0}, {"model": " "}):
        with pytest.raises(ValueError, match="batch|model"):
            TransformersSettings(**{"model": "m", **wrong})
