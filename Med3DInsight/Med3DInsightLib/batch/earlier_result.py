"""What an earlier run left in a result folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from ..bundles import ModelCard
from ..errors import UserError
from ..export.segmentation_folder import FILES, RESULT
from ..volumes import Modality
from ..volumes.files.source_files import Fingerprint


@dataclass(frozen=True)
class _Model:
    name: str
    version: str
    weights_sha256: str


@dataclass(frozen=True)
class _Input:
    file: str
    modality: Modality
    size_bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class _Structure:
    name: str
    volume_ml: float


@dataclass(frozen=True)
class EarlierResult:
    """What a result.json says, as far as it decides whether the case must be computed again.

        earlier = EarlierResult.read(Path("results/head"))
        earlier is not None and earlier.is_of(card) and earlier.is_from(Fingerprint.of(path))

    The entries are those that export.segmentation_folder.describe() writes; others are passed over.
    """

    format_version: Literal[1]
    model: _Model
    input: _Input
    structures: tuple[_Structure, ...]
    seconds: dict[str, float]

    @classmethod
    def read(cls, folder: Path) -> EarlierResult | None:
        """The result in folder, None if there is none; raises UserError if it cannot be understood."""
        path = folder / RESULT
        try:
            return TypeAdapter(cls).validate_json(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UserError(f"cannot be read ({error.strerror})", path, "make it readable") from error
        except ValidationError as error:
            raise UserError(
                f"is not a result of this Med3DInsight ({error.errors()[0]['msg']})",
                path,
                "choose another output folder, or allow replacing it (--overwrite)",
            ) from error

    def is_of(self, card: ModelCard) -> bool:
        """Whether the model was this one: the same name, version and weights."""
        return asdict(self.model) == {name: getattr(card, name) for name in asdict(self.model)}

    def is_from(self, source: Fingerprint, modality: Modality | None = None) -> bool:
        """Whether the input was the same to the bit, and of the modality that is given, if it is."""
        found = Fingerprint(self.input.file, self.input.size_bytes, self.input.sha256)
        return found == source and modality in (None, self.input.modality)

    def has_content_of(self, source: Fingerprint) -> bool:
        """Whether the input was the same to the bit, whatever it was called."""
        return self.input.sha256 == source.sha256

    @property
    def volumes_ml(self) -> dict[str, float]:
        """The volume of every structure in ml."""
        return {structure.name: structure.volume_ml for structure in self.structures}

    @property
    def total_seconds(self) -> float:
        """How long computing took."""
        return round(sum(self.seconds.values()), 3)


def is_complete(folder: Path) -> bool:
    """Whether folder holds every file of a result."""
    return all((folder / name).is_file() for name in FILES)


def is_result_file(path: Path) -> bool:
    """Whether path is a file of a result, whose result.json lies beside it."""
    if path.name not in FILES:
        return False
    try:
        return EarlierResult.read(path.parent) is not None
    except UserError:
        return False  # some other program's result.json
