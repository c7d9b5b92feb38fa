"""The files of a model, on this computer or from the hub."""

from __future__ import annotations

import re
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from Med3DInsightLib.networks.text_towers.errors import TeacherError
from Med3DInsightLib.networks.text_towers.model_files import ModelFiles

SAFE_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")
"""What is downloaded: settings, weights that are only numbers, and vocabularies; nothing executed or unpickled."""

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def find_model(model: str, revision: str = "", allow_download: bool = False) -> ModelFiles:
    """The files of model, a folder or an id of the Hugging Face hub.

    Nothing is downloaded unless allow_download is set. Raises TeacherError if the files are not here;
    it says which to put where, and which command downloads them.
    """
    if not model:
        raise TeacherError("no model is named", next_step="name a folder, or an id of the Hugging Face hub")
    folder = Path(model).expanduser()
    if folder.is_dir():
        return ModelFiles(folder, model)
    if not _HUB_ID.fullmatch(model):
        raise TeacherError(
            f"the model '{model}' is neither a folder nor an id of the Hugging Face hub",
            next_step="name a folder with its config.json, model.safetensors, preprocessor_config.json, tokenizer",
        )
    try:
        found = snapshot_download(
            model, revision=revision or None, local_files_only=not allow_download, allow_patterns=list(SAFE_FILES)
        )
    except LocalEntryNotFoundError as error:
        raise _absent(model, revision) from error
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        cause = str(error).strip().splitlines()[0]
        raise TeacherError(f"the model '{model}' cannot be downloaded ({cause})", next_step=_how(model)) from error
    return ModelFiles(Path(found), model, Path(found).name)


def _absent(model: str, revision: str) -> TeacherError:
    which = f"the model '{model}'" + (f" in revision {revision}" if revision else "")
    return TeacherError(f"{which} is not on this computer, and downloading was not allowed", next_step=_how(model))


def _how(model: str) -> str:
    patterns = " ".join(f'--include "{pattern}"' for pattern in SAFE_FILES)
    return (
        f"run: hf download {model} {patterns} - or put its config.json, model.safetensors, "
        "preprocessor_config.json and tokenizer files into a folder and name the folder"
    )
