"""From options to a backend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from Med3DInsightLib.analysis.describing.backend_choice import ChatServer
from Med3DInsightLib.captions import CaptionSource
from Med3DInsightLib.captions.backends import Backend, FileBackend, LabelsBackend, PictureBackend, PictureModel
from Med3DInsightLib.captions.files import ColumnMapping
from Med3DInsightLib.captions.plane_names import plane_of_name
from Med3DInsightLib.captions.prompting import Prompt, Sampling, ShippedPrompts
from Med3DInsightLib.cli.language_model_options import BackendName
from Med3DInsightLib.errors import UserError

from .options.groups import AskingOptions, BackendOptions, TableOptions

MakeModel = Callable[[BackendOptions, Prompt, Sampling], PictureModel]
"""Makes the model that pictures are shown to."""


def prompt_of(options: AskingOptions) -> Prompt:
    """The prompt with its question; raises UserError if there is none of that name, or the question is missing."""
    prompt = ShippedPrompts().find(options.prompt)
    if options.question:
        return prompt.asking(options.question)
    if prompt.asks_a_question:
        raise UserError(f"the prompt '{prompt.id}' needs a question", next_step="give one (--question)")
    return prompt


def make_backend(options: BackendOptions, seed: int, remark: str = "", make_model: MakeModel | None = None) -> Backend:
    """The backend that the options name; nothing is loaded or sent yet.

    remark says what is special about the pictures, and becomes a part of the source. Raises UserError for
    what is missing, and ValueError for settings that cannot be.
    """
    match options.backend:
        case BackendName.LABELS:
            return LabelsBackend(seed, options.labels.detailed)
        case BackendName.FILE:
            model = options.model
            return FileBackend(_texts(options.table), _mapping(options.table), model.model, model.revision)
    make = make_model or (_local if options.backend == BackendName.TRANSFORMERS else _remote)
    return PictureBackend(make(options, prompt_of(options.asking), options.asking.sampling(seed)), remark)


def source_of(options: BackendOptions, seed: int, remark: str = "") -> CaptionSource:
    """Who would write the captions: make_backend().source, without consent to send anything to a server.

    Raises UserError and ValueError as make_backend() does.
    """
    if options.backend != BackendName.OPENAI:
        return make_backend(options, seed, remark).source
    settings = _server(options, options.asking.sampling(seed)).settings
    return settings.source(prompt_of(options.asking)).remarked(remark)


def _local(options: BackendOptions, prompt: Prompt, sampling: Sampling) -> PictureModel:
    from Med3DInsightLib.captions.local import NumberFormat, TransformersModel, TransformersSettings

    local = options.local
    if local.dtype not in list(NumberFormat):
        raise UserError(f"there is no number format '{local.dtype}'", next_step=f"choose {', '.join(NumberFormat)}")
    settings = TransformersSettings(
        options.model.model,
        options.model.revision,
        local.allow_download,
        local.device,
        NumberFormat(local.dtype),
        local.batch,
        sampling,
    )
    return TransformersModel(settings, prompt)


def _remote(options: BackendOptions, prompt: Prompt, sampling: Sampling) -> PictureModel:
    from Med3DInsightLib.captions.remote import ChatModel

    server = _server(options, sampling)
    return ChatModel(server.settings, prompt, server.consent)


def _server(options: BackendOptions, sampling: Sampling) -> ChatServer:
    return options.server.choice(options.model.model, options.model.revision, sampling)


def _texts(options: TableOptions) -> Path:
    if options.texts is None:
        raise UserError("--backend file needs --texts", next_step="give a table of texts")
    return options.texts


def _mapping(options: TableOptions) -> ColumnMapping:
    fixed = plane_of_name(options.fixed_plane) if options.fixed_plane else None
    if options.fixed_plane and fixed is None:
        raise UserError(f"'{options.fixed_plane}' is not a plane", next_step="choose axial, coronal or sagittal")
    # What is given beside a default takes its place: the default of the other column was not meant.
    plane = None if fixed is not None and options.plane_column == TableOptions.plane_column else options.plane_column
    at_position = bool(options.position_column) and options.index_column == TableOptions.index_column
    return ColumnMapping(
        options.text_column,
        options.volume_column or None,
        plane or None,
        fixed,
        None if at_position else options.index_column or None,
        options.position_column or None,
        options.first_index,
    )
