"""What the user can say, in groups; every field is an option of the command line.

Groups that med3dinsight describe and ask have too are those of the library, with what only many volumes need.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from Med3DInsightLib.captions.pictures import RenderSettings
from Med3DInsightLib.captions.quality import QualitySettings
from Med3DInsightLib.cli import language_model_options as shared
from Med3DInsightLib.cli.label_options import StructureOptions
from Med3DInsightLib.cli.language_model_options import AnswerOptions, BackendName, LoadingOptions, ServerOptions


class Choice(StrEnum):
    """How slices of a plane are chosen."""

    UNIFORM = "uniform"
    FOREGROUND = "foreground"
    STRUCTURES = "structures"
    ALL = "all"


@dataclass(frozen=True)
class SliceOptions:
    """Which slices are described."""

    choice: Choice | None = None
    """uniform: evenly spread over the body; foreground: drawn at random, more often where there is more body;
    structures: so many of every structure of the label map; all. Without it: all for the backend file, uniform
    otherwise."""

    axial: int = 8
    """How many axial slices of a volume; 0 for none."""

    coronal: int = 8
    """How many coronal slices."""

    sagittal: int = 8
    """How many sagittal slices."""

    least_body: float = 0.02
    """uniform passes over slices with less than this share of the body that the fullest slice of the plane shows,
    such as those in the air beside a head; 0 passes over none."""

    seed: int = 0
    """Decides slices and wordings wherever chance plays a part."""


@dataclass(frozen=True)
class PictureOptions(shared.PictureOptions):
    """How slices are drawn for a model."""

    percentiles: tuple[float, float] = (0.5, 99.5)
    """The percentiles of a volume that are drawn black and white where no CT window applies."""

    deface: bool = False
    """Empty most of the face (often not the whole eyes). Heads only: without a brain a volume is not described."""

    def settings(self) -> RenderSettings:
        """As the renderer wants them; raises ValueError for what cannot be."""
        return replace(super().settings(), percentiles=self.percentiles)


@dataclass(frozen=True)
class LabelOptions(StructureOptions):
    """What is known about the volumes."""

    labels: str = ""
    """Label maps: a folder with maps named as the volumes, a path with {name} in place of the volume's name, or
    one file for one volume. The backend labels describes them; with other backends they serve the choice of
    slices at structures, and find captions with structures that cannot be there."""


@dataclass(frozen=True)
class TableOptions:
    """Where the backend file finds texts."""

    texts: Path | None = None
    """Table of texts written elsewhere: CSV, TSV or JSON Lines."""

    text_column: str = "text"
    """Its column with the text."""

    volume_column: str = "volume"
    """Its column with the name or hash of the volume; empty if there is only one volume."""

    plane_column: str = "plane"
    """Its column with the plane; empty if fixed_plane is given."""

    fixed_plane: str = ""
    """The plane of all rows: axial, coronal or sagittal."""

    index_column: str = "index"
    """Its column with the number of the slice; empty if position_column is given."""

    first_index: int = 0
    """The number of the first slice in index_column."""

    position_column: str = ""
    """Its column with the position of the slice in mm along the normal of the plane (RAS)."""


@dataclass(frozen=True)
class ModelOptions(shared.ModelOptions):
    """Which model is asked what."""

    model: str = ""
    """transformers: a folder, or an id of the Hugging Face hub; openai: the name of the model on the server;
    file: who wrote the texts."""


@dataclass(frozen=True)
class AskingOptions(AnswerOptions):
    """What a model is asked about every picture, and how it answers."""

    prompt: str = "plain"
    """Id of a shipped prompt (plain, structured, question), or a TOML file."""

    question: str = ""
    """The question of a prompt that has a place for one."""


@dataclass(frozen=True)
class LocalOptions(LoadingOptions):
    """Where a local model computes."""

    device: str = "cpu"
    """cpu, cuda, cuda:1, mps ..."""

    batch: int = 4
    """How many pictures are read at once."""


@dataclass(frozen=True)
class QualityOptions:
    """Where captions become suspicious; see QualitySettings."""

    fewest_words: int = QualitySettings.fewest_words
    """Shorter texts are flagged as empty."""

    most_characters: int = QualitySettings.most_characters
    """The rest of longer texts is left out, and told."""

    repeated_share: float = QualitySettings.repeated_share
    """More repeated word sequences than this share are flagged."""

    duplicate_similarity: float = QualitySettings.duplicate_similarity
    """From this similarity on, two texts of a volume are near-duplicates ..."""

    duplicate_distance_mm: float = QualitySettings.duplicate_distance_mm
    """... if their slices are at least so far apart."""

    teacher_agreement: float = QualitySettings.teacher_agreement
    """Captions that agree less than this with the teacher are flagged."""


@dataclass(frozen=True)
class CostOptions:
    """What tokens cost, for the estimate and the summary."""

    price_in: float = 0.0
    """Price of 1000 tokens that a model reads: pictures and prompts."""

    price_out: float = 0.0
    """Price of 1000 tokens that it writes."""

    picture_tokens: int = 0
    """Tokens of one picture, if the documentation of the model tells; estimated from its pixels otherwise."""

    answer_tokens: int = 150
    """Tokens that an answer is expected to have, for the estimate."""


@dataclass(frozen=True)
class BackendOptions:
    """The groups that belong to some backends and not to others."""

    backend: BackendName
    labels: LabelOptions
    table: TableOptions
    model: ModelOptions
    asking: AskingOptions
    local: LocalOptions
    server: ServerOptions
