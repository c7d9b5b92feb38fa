"""What can be said about who describes slices or answers questions; every field is an option of the command line.

The commands of training take these options too, and add what only they have.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from ..analysis.computing.device import Device
from ..analysis.describing.backend_choice import ChatServer, LocalModel
from ..captions import Window
from ..captions.errors import UploadNotAllowed
from ..captions.pictures import RenderSettings
from ..captions.prompting import Sampling, ShippedPrompts
from ..errors import UserError


class BackendName(StrEnum):
    """Who describes slices."""

    LABELS = "labels"
    FILE = "file"
    TRANSFORMERS = "transformers"
    OPENAI = "openai"


PictureBackendName = Literal[BackendName.TRANSFORMERS, BackendName.OPENAI]
"""Models that look at pictures."""

DescriberName = Literal[BackendName.LABELS, BackendName.TRANSFORMERS, BackendName.OPENAI]
"""Whoever describes the slices of one volume."""


@dataclass(frozen=True)
class ModelOptions:
    """Which model is asked."""

    model: str = ""
    """transformers: a folder, or an id of the Hugging Face hub; openai: the name of the model on the server."""

    revision: str = ""
    """The revision of the model; captions remember it."""


@dataclass(frozen=True)
class AnswerOptions:
    """How a model answers."""

    max_tokens: int = 512
    """The longest answer in tokens."""

    temperature: float = 0.0
    """0 takes the likeliest word always."""

    top_p: float = 1.0
    """Words are drawn among the likeliest that together have this probability."""

    def sampling(self, seed: int) -> Sampling:
        """As models want it; raises ValueError for what cannot be."""
        return Sampling(self.max_tokens, self.temperature, self.top_p, seed)


@dataclass(frozen=True)
class LoadingOptions:
    """How a model is loaded on this computer."""

    dtype: str = "auto"
    """auto, float32, bfloat16 or float16."""

    allow_download: bool = False
    """Download the model from the Hugging Face hub if it is not on this computer."""


@dataclass(frozen=True)
class LocalOptions(LoadingOptions):
    """Where a model on this computer computes."""

    device: Device = Device.AUTO
    """Where to compute; auto takes a GPU if there is one."""

    batch: int = 1
    """How many slices are described at once."""


@dataclass(frozen=True)
class ServerOptions:
    """Which server is asked. Its key comes from the environment (MED3DINSIGHT_API_KEY) or the keyring."""

    url: str = ""
    """What comes before /chat/completions, such as http://127.0.0.1:8000/v1."""

    allow_upload: tuple[str, ...] = ()
    """The hosts that pixels and prompts may be sent to; without it nothing is sent anywhere."""

    concurrency: int = 8
    """How many pictures are in flight at most."""

    timeout_s: float = 300.0
    """How long one attempt may take, in seconds."""

    attempts: int = 6
    """How often the same is asked before giving up."""

    ca_file: Path | None = None
    """Certificates (PEM) to trust in place of the computer's own."""

    proxy: str = ""
    """The only proxy that is used."""

    def choice(self, model: str, revision: str, sampling: Sampling) -> ChatServer:
        """A model on the server as requests hold it, with files in full."""
        return ChatServer(
            self.url,
            model,
            self.allow_upload,
            False,  # behind a port of this computer may be a tunnel to another one, so that it has to be named as well
            revision,
            self.concurrency,
            self.timeout_s,
            self.attempts,
            str(self.ca_file.resolve()) if self.ca_file is not None else "",
            self.proxy,
            sampling,
        )


@dataclass(frozen=True)
class PictureOptions:
    """How slices are drawn for a model."""

    longest_side: int = 448
    """Pixels of the longer side of a picture."""

    window: tuple[float, float] | None = None
    """The intensities that are drawn black and white, instead of the window that fits the body region (CT) or the
    percentiles (everything else)."""

    def settings(self) -> RenderSettings:
        """As the renderer wants them; raises ValueError for what cannot be."""
        return RenderSettings(self.longest_side, window=Window("given", *self.window) if self.window else None)


@dataclass(frozen=True)
class LanguageModelOptions(ModelOptions):
    """A multimodal language model; options of the other backend are refused."""

    seed: int = 0
    """Decides wordings wherever chance plays a part."""

    answers: Annotated[AnswerOptions, tyro.conf.OmitArgPrefixes] = field(default_factory=AnswerOptions)
    local: Annotated[LocalOptions, tyro.conf.OmitArgPrefixes] = field(default_factory=LocalOptions)
    server: Annotated[ServerOptions, tyro.conf.OmitArgPrefixes] = field(default_factory=ServerOptions)

    def choice(self, backend: PictureBackendName) -> LocalModel | ChatServer:
        """The backend as requests hold it, with folders in full, since a worker may be in another folder.

        Raises UserError for an option that is missing or belongs to the other backend, ValueError for one that cannot
        be.
        """
        if not self.model:
            raise UserError(f"--backend {backend} needs --model", next_step="name one")
        sampling = self.answers.sampling(self.seed)
        if backend == BackendName.TRANSFORMERS:
            refuse_given(self.server, backend)
            local = self.local
            model = in_full(self.model)
            return LocalModel(
                model, self.revision, local.device, local.dtype, local.batch, local.allow_download, sampling
            )
        refuse_given(self.local, backend)
        if not self.server.url:
            raise UserError("--backend openai needs --url", next_step="give the address of the server")
        return self.server.choice(self.model, self.revision, sampling)


@contextmanager
def naming_the_option() -> Iterator[None]:
    """Tell how a command is allowed to send pictures; for commands that have ServerOptions."""
    try:
        yield
    except UploadNotAllowed as error:
        step = f"say --allow-upload {error.host} if slices of these volumes may leave this computer for it"
        raise UploadNotAllowed(error.host, step) from error


def in_full(name_or_path: str) -> str:
    """A path in full if there is something; anything else as it is, also nothing, which is not the current folder."""
    path = Path(name_or_path).expanduser()
    return str(path.resolve()) if name_or_path and path.exists() else name_or_path


def prompt_in_full(id_or_file: str) -> str:
    """The id of a shipped prompt, whatever has the same name in the current folder, or else a path in full."""
    return id_or_file if id_or_file in ShippedPrompts().names() else in_full(id_or_file)


def given_options(group: Any) -> list[str]:
    """The options of a group that have another value than they have by default, as they are written: --allow-upload."""
    defaults = type(group)()
    names = [each.name for each in fields(group)]
    return [flag_of(name) for name in names if getattr(group, name) != getattr(defaults, name)]


def flag_of(name: str) -> str:
    """How the option of a field is written."""
    return f"--{name.replace('_', '-')}"


def refuse_given(group: Any, backend: str) -> None:
    """Raises UserError if an option of group was given, since it does not go with backend."""
    for flag in given_options(group):
        raise UserError(f"{flag} does not go with --backend {backend}", next_step="leave it out")
