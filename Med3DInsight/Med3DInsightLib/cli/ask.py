"""med3dinsight ask: a question about slices of a volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import tyro

from ..analysis.describing.backend_choice import ChatServer
from ..analysis.describing.requests import AskRequest
from ..analysis.describing.results import Answer
from ..analysis.describing.shown import listed_places, question_to_send
from ..analysis.describing.slices_asked import ListedSlices, RelevantSlices, SliceIndex
from ..catalog.installed import InstalledModels
from ..engine.remote_insight import RemoteInsight
from ..engine.told_parts import piece_told
from ..errors import UserError
from ..volumes import ANATOMICAL_PLANES, Modality, Plane, SlicePlace, Volume, read_volume
from ..volumes.errors import errors_naming
from .interruption import Interruption
from .language_model_options import (
    LanguageModelOptions,
    PictureBackendName,
    PictureOptions,
    in_full,
    naming_the_option,
    prompt_in_full,
)
from .local_analysis import LocalAnalysis
from .shared_worker import with_shared_worker
from .slice_sheet import write_slice_sheet
from .terminal import progress_bar, said_in_one_line


@dataclass(frozen=True)
class AskCommand:
    """Ask a multimodal language model about slices of a volume, and see its answer while it is written.

    The model sees the slices that are named, or those that a pretrained encoder finds most relevant, and nothing else
    of the volume. Nothing is sent to a host that was not named with --allow-upload. Research software; its answers are
    not for diagnosis.
    """

    input: Annotated[Path, tyro.conf.Positional]
    """NIfTI, NRRD or MetaImage file, or a folder with one DICOM series."""

    question: Annotated[str, tyro.conf.Positional]
    """What is asked, such as "Is there free fluid?"."""

    backend: PictureBackendName
    """transformers: a model on this computer; openai: a server."""

    planes: Annotated[tuple[Plane, ...], tyro.conf.arg(aliases=["--plane"])] = ANATOMICAL_PLANES
    """The plane of --indices, or the planes in which --encoder looks."""

    indices: tuple[int, ...] = ()
    """The slices that are shown."""

    encoder: str = ""
    """A model bundle with PSAT that chooses the slices instead, as "med3dinsight find" does."""

    slices: int = 4
    """How many slices --encoder chooses."""

    phrase: str = ""
    """What --encoder looks for, if not the question, such as a phrase of its vocabulary."""

    text_tower: str = ""
    """Folder with the teacher's text tower, for what is not in the vocabulary of --encoder."""

    prompt: str = "slices"
    """Id of a shipped prompt with a place for a question, or a TOML file."""

    model: Annotated[LanguageModelOptions, tyro.conf.OmitArgPrefixes] = field(default_factory=LanguageModelOptions)
    pictures: Annotated[PictureOptions, tyro.conf.OmitArgPrefixes] = field(default_factory=PictureOptions)

    modality: Modality | None = None
    """Say how the image was made if the file does not; models are told."""

    dry_run: bool = False
    """Show the prompt and write the pictures to --sheet; nothing is sent."""

    sheet: Path = Path("question.sheet.png")
    """Where --dry-run puts the pictures."""

    worker: bool = False
    """Let the shared worker compute (see "med3dinsight serve"), which saves loading libraries and model."""

    overwrite: bool = False
    """Replace the sheet if it is there."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""
        with said_in_one_line():
            request = self._request()
        if isinstance(request.backend, ChatServer) and not self.dry_run:
            with naming_the_option():
                request.backend.check_consent()  # before the volume is read
        volume = read_volume(self.input, self.modality)
        local = LocalAnalysis()
        with errors_naming(self.input):
            places = self._places(request, volume, local, interruption)
            if self.dry_run:
                self._rehearse(request, volume, places)
                return
            print(f"shown: {', '.join(_named(place) for place in places)}", flush=True)
            listed = tuple(SliceIndex(place.plane, place.index) for place in places)
            answer = self._answer(replace(request, slices=ListedSlices(listed)), volume, local, interruption)
        if not answer.complete:
            print("The answer ends here because of its limit of tokens; --max-tokens raises it.")

    def _places(
        self, request: AskRequest, volume: Volume, local: LocalAnalysis, interruption: Interruption
    ) -> tuple[SlicePlace, ...]:
        if isinstance(request.slices, ListedSlices):
            return listed_places(request.slices, volume)
        with progress_bar() as show:
            if not self.worker:
                return local.service.slices_to_show(request, volume, show, interruption)
            places: tuple[SlicePlace, ...] = with_shared_worker(
                lambda client: RemoteInsight(client).slices_to_show(request, volume), show, interruption
            )
            return places

    def _answer(self, request: AskRequest, volume: Volume, local: LocalAnalysis, interruption: Interruption) -> Answer:
        try:
            if not self.worker:
                return local.service.ask(request, volume, cancel=interruption, tell=_print_piece)
            answer: Answer = with_shared_worker(
                lambda client: RemoteInsight(client).ask(request, volume),
                lambda progress: None,
                interruption,
                told=lambda part: _print_piece(piece_told(part)),
            )
            return answer
        finally:
            print()  # an error begins on a line of its own, too

    def _rehearse(self, request: AskRequest, volume: Volume, places: Sequence[SlicePlace]) -> None:
        shown = question_to_send(request, volume, places)
        print(f"--- prompt '{request.prompt}'\n{shown.prompt}\n---")
        write_slice_sheet(shown.pictures, self.sheet, self.overwrite)

    def _request(self) -> AskRequest:
        return AskRequest(
            self.question,
            self.model.choice(self.backend),
            self._slices(),
            prompt_in_full(self.prompt),
            self.pictures.settings(),
        )

    def _slices(self) -> ListedSlices | RelevantSlices:
        if bool(self.indices) == bool(self.encoder):
            raise UserError(
                "it is not clear which slices are shown", next_step="give --plane and --indices, or --encoder"
            )
        if self.encoder:
            folder = str(InstalledModels().find(self.encoder).folder.resolve())
            tower = in_full(self.text_tower)
            device = self.model.local.device
            return RelevantSlices(folder, self.slices, self.phrase, self.planes, tower, device=device)
        if len(self.planes) != 1:
            raise UserError("--indices needs one plane", next_step="name it with --plane")
        return ListedSlices(tuple(SliceIndex(self.planes[0], index) for index in self.indices))


def _named(place: SlicePlace) -> str:
    return f"{place.plane} {place.index} ({place.offset_ras_mm:.1f} mm)"


def _print_piece(piece: str) -> None:
    print(piece, end="", flush=True)
