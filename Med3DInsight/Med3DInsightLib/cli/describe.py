"""med3dinsight describe: slices of a volume in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import tyro

from ..analysis.computing.progress import ProgressCallback
from ..analysis.describing.backend_choice import BackendChoice, ChatServer, LabelMapSentences
from ..analysis.describing.requests import DescribeRequest
from ..analysis.describing.results import DescribedSlices
from ..analysis.describing.shown import pictures_to_describe
from ..analysis.describing.slices_asked import ListedSlices, SliceIndex, SpreadSlices
from ..captions import Caption, CaptionError
from ..captions.label_maps.label_map_source import LabelMapSource
from ..captions.pictures.same_windows import drawn_alike
from ..engine.remote_insight import RemoteInsight
from ..engine.told_parts import caption_told
from ..errors import UserError
from ..volumes import ANATOMICAL_PLANES, LabelLayer, Modality, Plane, Volume, read_volume
from ..volumes.errors import errors_naming
from .interruption import Interruption
from .kept_captions import KeptCaptions
from .label_options import LabelOptions
from .language_model_options import (
    BackendName,
    DescriberName,
    LanguageModelOptions,
    PictureOptions,
    naming_the_option,
    prompt_in_full,
    refuse_given,
)
from .local_analysis import LocalAnalysis
from .shared_worker import with_shared_worker
from .slice_sheet import write_slice_sheet
from .terminal import progress_bar, said_in_one_line


@dataclass(frozen=True)
class DescribeCommand:
    """Describe slices of a volume in words, one caption each, into a captions file.

    Each caption is in OUTPUT as soon as there is one: after a stop, the same command goes on with what is missing.
    Slices without a caption are told, and make the command fail. Nothing is sent to a host that was not named with
    --allow-upload. For many volumes see training/caption.py. Research software, not a diagnostic device.
    """

    input: Annotated[Path, tyro.conf.Positional]
    """NIfTI, NRRD or MetaImage file, or a folder with one DICOM series."""

    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Captions file (.jsonl); one that is there is continued."""

    backend: DescriberName
    """labels: from a label map; transformers: a model on this computer; openai: a server."""

    planes: Annotated[tuple[Plane, ...], tyro.conf.arg(aliases=["--plane"])] = ANATOMICAL_PLANES
    """Planes whose slices are described."""

    slices: int = 8
    """How many slices of each plane, evenly spread over the body."""

    indices: tuple[int, ...] = ()
    """These slices of the one plane that is named, instead."""

    prompt: str = "plain"
    """Id of a shipped prompt (plain, structured), or a TOML file."""

    labels: Annotated[LabelOptions, tyro.conf.OmitArgPrefixes] = field(default_factory=LabelOptions)
    model: Annotated[LanguageModelOptions, tyro.conf.OmitArgPrefixes] = field(default_factory=LanguageModelOptions)
    pictures: Annotated[PictureOptions, tyro.conf.OmitArgPrefixes] = field(default_factory=PictureOptions)

    deface: bool = False
    """Empty most of the face (often not the whole eyes). Heads only: without a brain a volume is not described."""

    modality: Modality | None = None
    """Say how the image was made if the file does not; models are told."""

    dry_run: bool = False
    """Show the prompts and write the pictures on one sheet, OUTPUT with the ending .sheet.png; nothing is sent."""

    worker: bool = False
    """Let the shared worker compute (see "med3dinsight serve"), which saves loading libraries and model."""

    overwrite: bool = False
    """Begin the file anew if it is there."""

    verbose: bool = False
    """Show tracebacks and the messages of libraries."""

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""
        with said_in_one_line():
            request = self._request()
        if isinstance(request.backend, ChatServer) and not self.dry_run:
            with naming_the_option():
                request.backend.check_consent()  # before the volume is read
        volume, layers = read_volume(self.input, self.modality), self.labels.layers()
        if isinstance(request.backend, LabelMapSentences) and not layers:
            raise UserError("--backend labels needs --labels and --names", next_step="give both")
        with errors_naming(self.input):
            if self.dry_run:
                self._rehearse(request, volume, interruption)
            else:
                self._describe(request, volume, layers, interruption)

    def _describe(
        self, request: DescribeRequest, volume: Volume, layers: list[LabelLayer], interruption: Interruption
    ) -> None:
        with self._saying_what_is_kept(interruption), KeptCaptions.open(self.output, volume, self.overwrite) as kept:
            request = replace(request, described=drawn_alike(kept.captions, volume, request.pictures))
            sourced = self._sourced(request, layers)
            with progress_bar() as show:
                described = self._described(
                    request, volume, layers, show, interruption, lambda caption: kept.add(sourced(caption))
                )
            described = replace(described, captions=tuple(map(sourced, described.captions)))
            kept.finish(described.captions)
        for each in described.missing:
            print(f"no caption of {each.plane} slice {each.index}: {each.reason}")
        if not described.captions:
            raise CaptionError("no slice got a caption", self.input, "see the messages above")
        earlier = {caption.key for caption in request.described}
        again = sum(caption.key in earlier for caption in described.captions)
        print(f"{len(described.captions)} captions: {self.output}" + (f" ({again} of an earlier run)" if again else ""))
        if described.missing:
            raise CaptionError(
                f"{len(described.missing)} slices got no caption", self.input, "run it again to ask for them once more"
            )

    def _sourced(self, request: DescribeRequest, layers: list[LabelLayer]) -> Callable[[Caption], Caption]:
        """Sentences from a label map name it, so that those from another one are not taken for them."""
        if not isinstance(request.backend, LabelMapSentences) or self.labels.labels is None:
            return lambda caption: caption
        return LabelMapSource.of(self.labels.labels.name, layers).named

    @contextmanager
    def _saying_what_is_kept(self, interruption: Interruption) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            if not interruption.is_set():
                raise
            kept = f"interrupted; captions so far are kept in {self.output}. Run it again to go on"
            raise KeyboardInterrupt(kept) from error

    def _described(
        self,
        request: DescribeRequest,
        volume: Volume,
        layers: list[LabelLayer],
        show: ProgressCallback,
        interruption: Interruption,
        keep: Callable[[Caption], object],
    ) -> DescribedSlices:
        def tell(caption: Caption) -> None:
            keep(caption)
            _print_caption(caption)

        if not self.worker:
            return LocalAnalysis().service.describe(request, volume, layers, show, interruption, tell)
        described: DescribedSlices = with_shared_worker(
            lambda client: RemoteInsight(client).describe(request, volume, layers),
            show,
            interruption,
            told=lambda part: tell(caption_told(part)),
        )
        return described

    def _rehearse(self, request: DescribeRequest, volume: Volume, interruption: Interruption) -> None:
        faceless = LocalAnalysis().service.without_face(volume, interruption) if request.deface else None
        shown = list(pictures_to_describe(request, volume, faceless))
        for plane, prompt in {each.picture.place.plane: each.prompt for each in shown if each.prompt}.items():
            print(f"--- prompt '{request.prompt}', {plane}\n{prompt}\n---")
        sheet = self.output.with_name(f"{self.output.stem}.sheet.png")
        write_slice_sheet([each.picture for each in shown], sheet, self.overwrite)

    def _request(self) -> DescribeRequest:
        if self.indices and len(self.planes) != 1:
            raise UserError("--indices needs one plane", next_step="name it with --plane")
        chosen = (
            ListedSlices(tuple(SliceIndex(self.planes[0], index) for index in self.indices))
            if self.indices
            else SpreadSlices(self.planes, self.slices)
        )
        pictures = self.pictures.settings()
        return DescribeRequest(
            self._backend(), chosen, prompt_in_full(self.prompt), self.input.name, pictures, deface=self.deface
        )

    def _backend(self) -> BackendChoice:
        if self.backend != BackendName.LABELS:
            return self.model.choice(self.backend)
        refuse_given(self.model.local, self.backend)
        refuse_given(self.model.server, self.backend)
        if self.deface:
            raise UserError(
                f"--deface does not go with --backend {self.backend}, which sees no picture", next_step="leave it out"
            )
        return LabelMapSentences(self.model.seed, self.labels.detailed)


def _print_caption(caption: Caption) -> None:
    print(f"{caption.plane} {caption.index}: {' '.join(caption.text.split())}", flush=True)
