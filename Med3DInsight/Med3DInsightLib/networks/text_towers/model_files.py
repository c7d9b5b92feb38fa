"""The files of a pretrained model on this computer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...storage import sha256_of_file
from .errors import TeacherError

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

        files = ModelFiles.in_folder("models/medsiglip")

    name is what the user called it, revision the commit of a model from the hub, "" for a folder.
    weights_name is how its weight file is called, if the weights are not in several that an index lists.
    """

    folder: Path
    name: str
    revision: str = ""
    weights_name: str = "model.safetensors"

    @classmethod
    def in_folder(cls, folder: str | Path) -> ModelFiles:
        """The files in a folder; raises TeacherError if there is no such folder."""
        path = Path(folder).expanduser()
        if not path.is_dir():
            raise TeacherError(
                f"there is no folder '{folder}'", next_step="name the folder of a model with its config.json"
            )
        return cls(path, str(folder))

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
        hashes = [sha256_of_file(path) for path in self.weights]
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
        return {name: sha256_of_file(self.folder / name) for name in names if (self.folder / name).is_file()}
