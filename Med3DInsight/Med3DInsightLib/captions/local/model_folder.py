"""The files of a model on this computer."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...storage import sha256_of_file
from ..errors import CaptionError

if TYPE_CHECKING:
    from .settings import TransformersSettings

SAFE_FILES = ("*.json", "*.jinja", "*.safetensors", "*.txt", "*.model")
"""What is downloaded: settings, chat templates, weights that are only numbers, and vocabularies."""

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_WEIGHTS = "model.safetensors"
_PROCESSORS = ("processor_config.json", "preprocessor_config.json")


@dataclass(frozen=True)
class ModelFolder:
    """A folder with config.json, weights in safetensors, tokenizer, and picture preparation.

        files = ModelFolder.find(TransformersSettings("models/smolvlm"))

    name is what the user called it. revision is the commit of a model of the hub; of a folder it is what the
    user said, or else a hash of the weights, so that captions of two models are never taken for those of one.
    """

    path: Path
    name: str
    revision: str

    @classmethod
    def find(cls, settings: TransformersSettings) -> ModelFolder:
        """The files of settings.model; nothing is downloaded unless the settings allow it.

        Raises CaptionError if files are not here; it says which to put where, or how to download them.
        """
        path = Path(settings.model).expanduser()
        if path.is_dir():
            # The name of the folder: where it lies on this computer is nobody's business.
            found = cls(path, path.resolve().name, settings.revision)
        else:
            snapshot = _snapshot(settings)
            found = cls(snapshot, settings.model, snapshot.name)
        weights = found.check()
        return found if found.revision else replace(found, revision=revision_of(weights))

    def check(self) -> tuple[Path, ...]:
        """The weight files; raises CaptionError, naming the first file of the model that is missing."""
        self._require("config.json")
        index = self.path / f"{_WEIGHTS}.index.json"
        alone = (self.path / _WEIGHTS).is_file() or not index.is_file()
        weights = tuple(self._require(name) for name in ([_WEIGHTS] if alone else _weights_of(index)))
        self._require("tokenizer_config.json")
        if not any((self.path / name).is_file() for name in _PROCESSORS):
            self._require(_PROCESSORS[1])
        return weights

    def _require(self, name: str) -> Path:
        if (self.path / name).is_file():
            return self.path / name
        hint = f"put {name} of the model there"
        pickled = sorted(path.name for path in self.path.glob("*.bin"))
        if name.endswith(".safetensors") and pickled:
            hint += f"; {pickled[0]} is pickled and is not opened"
        raise CaptionError(f"the model '{self.name}' lacks {name}", self.path, hint)


def _weights_of(index: Path) -> list[str]:
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise CaptionError(f"the list of weight files cannot be read ({error})", index) from error
    outside = [name for name in names if not isinstance(name, str) or Path(name).name != name]
    if outside:
        raise CaptionError(f"the list of weight files names '{outside[0]}', which is not in its folder", index)
    return names


def revision_of(weights: tuple[Path, ...]) -> str:
    """What weight files that have no other revision are known by: the hash of the hashes of all, in their order."""
    whole = hashlib.sha256()
    for path in weights:
        whole.update(bytes.fromhex(sha256_of_file(path)))
    return f"sha256 {whole.hexdigest()[:16]}"


def _snapshot(settings: TransformersSettings) -> Path:
    model = settings.model
    if not _HUB_ID.fullmatch(model):
        raise CaptionError(
            f"the model '{model}' is neither a folder nor an id of the Hugging Face hub", next_step=_how(None)
        )
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    except ImportError as error:
        raise CaptionError(
            f"the package huggingface_hub is missing ({error})", next_step="run: pip install transformers"
        ) from error
    try:
        return Path(
            snapshot_download(
                model,
                revision=settings.revision or None,
                local_files_only=not settings.allow_download,
                allow_patterns=list(SAFE_FILES),
            )
        )
    except LocalEntryNotFoundError as error:
        why = "cannot be downloaded" if settings.allow_download else "downloading was not allowed"
        raise CaptionError(f"the model '{model}' is not on this computer, and {why}", next_step=_how(model)) from error
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        cause = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CaptionError(f"the model '{model}' cannot be downloaded ({cause})", next_step=_how(model)) from error


def _how(model: str | None) -> str:
    files = f"config.json, {_WEIGHTS}, tokenizer.json, tokenizer_config.json, chat_template.jinja and {_PROCESSORS[1]}"
    if model is None:
        return f"name a folder with its {files}"
    patterns = " ".join(f'--include "{pattern}"' for pattern in SAFE_FILES)
    return f"run: hf download {model} {patterns} - or put its {files} into a folder and name the folder"
