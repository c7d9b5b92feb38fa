"""The files of a pretrained model on this computer."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from .errors import TeacherError

SAFE_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")
"""What is downloaded: settings, weights that are only numbers, and vocabularies; nothing executed or unpickled."""

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_PICTURE_FILES = ("preprocessor_config.json", "processor_config.json")
_VOCABULARIES = ("vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model")
_TEXT_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    *_VOCABULARIES,
)


@dataclass(frozen=True)
class ModelFiles:
    """A folder of config.json, weights in safetensors, and what pictures and texts are prepared with.

        files = ModelFiles.find("google/medsiglip-448")     # in the cache of huggingface_hub
        files = ModelFiles.find("models/medsiglip")         # a folder

    name is what the user called it, revision the commit of a model from the hub, "" for a folder.
    weights_name is how its weight file is called, if the weights are not in several that an index lists.
    """

    folder: Path
    name: str
    revision: str = ""
    weights_name: str = "model.safetensors"

    @classmethod
    def find(cls, model: str, revision: str = "", allow_download: bool = False) -> ModelFiles:
        """The files of model, a folder or an id of the Hugging Face hub.

        Nothing is downloaded unless allow_download is set. Raises TeacherError if the files are not here;
        it says which to put where, and which command downloads them.
        """
        if not model:
            raise TeacherError("no model is named", next_step="name a folder, or an id of the Hugging Face hub")
        folder = Path(model).expanduser()
        if folder.is_dir():
            return cls(folder, model)
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
        return cls(Path(found), model, Path(found).name)

    @cached_property
    def weights(self) -> tuple[Path, ...]:
        """The weight files, in order; raises TeacherError if there are none, or not all of them."""
        index = self.folder / f"{self.weights_name}.index.json"
        names = [self.weights_name]
        if not (self.folder / self.weights_name).exists() and index.exists():
            try:
                names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
            except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
                raise TeacherError(f"the list of weight files cannot be read ({error})", index) from error
            outside = [name for name in names if not isinstance(name, str) or Path(name).name != name]
            if outside:
                cause = f"the list of weight files names '{outside[0]}', which is not in its folder"
                raise TeacherError(cause, index)
        return self.existing(names)

    @cached_property
    def weights_sha256(self) -> str:
        """The hash of the weights: of the file if there is one, of the hashes of all if there are several."""
        hashes = [_sha256_of(path) for path in self.weights]
        return hashes[0] if len(hashes) == 1 else hashlib.sha256(" ".join(hashes).encode()).hexdigest()

    @property
    def picture_settings(self) -> dict[str, str]:
        """Hashes of the files that decide what becomes of a picture, by name."""
        return self._hashes(("config.json", *_PICTURE_FILES))

    @property
    def text_settings(self) -> dict[str, str]:
        """Hashes of the files that decide what becomes of a text, by name."""
        return self._hashes(("config.json", *_TEXT_FILES))

    def read_json(self, name: str) -> dict[str, object]:
        """An optional JSON object of the folder, empty if the file is absent; raises TeacherError if it is damaged."""
        path = self.folder / name
        if not path.exists():
            return {}
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise TeacherError(f"is not readable JSON ({error})", path) from error
        if not isinstance(entries, dict):
            raise TeacherError("is not a JSON object", path)
        return entries

    def existing(self, names: Sequence[str]) -> tuple[Path, ...]:
        """Paths of files that have to be there; raises TeacherError naming the first that is not."""
        for name in names:
            if not (self.folder / name).is_file():
                pickled = sorted(path.name for path in self.folder.glob("*.bin"))
                hint = f"put {name} there"
                if name.endswith(".safetensors") and pickled:
                    hint += f"; {pickled[0]} is pickled and is not opened, but a later revision may have safetensors"
                raise TeacherError(f"the model '{self.name}' lacks {name}", self.folder, hint)
        return tuple(self.folder / name for name in names)

    def _hashes(self, names: Sequence[str]) -> dict[str, str]:
        return {name: _sha256_of(self.folder / name) for name in names if (self.folder / name).is_file()}


def _sha256_of(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _absent(model: str, revision: str) -> TeacherError:
    which = f"the model '{model}'" + (f" in revision {revision}" if revision else "")
    return TeacherError(f"{which} is not on this computer, and downloading was not allowed", next_step=_how(model))


def _how(model: str) -> str:
    patterns = " ".join(f'--include "{pattern}"' for pattern in SAFE_FILES)
    return (
        f"run: hf download {model} {patterns} - or put its config.json, model.safetensors, "
        "preprocessor_config.json and tokenizer files into a folder and name the folder"
    )
