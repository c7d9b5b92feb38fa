"""A multimodal language model on this computer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice

import torch

from ..backends.backend import PictureAnswer, PictureUnanswered
from ..backends.replying import CheckStop, Reply, Tell, go_on
from ..errors import CaptionError
from ..inert_text import InertText
from ..pictures.picture import SlicePicture
from ..prompting.prompt import Prompt
from ..record import CaptionSource
from .generation import generate
from .model_folder import ModelFolder
from .opened_model import OpenedModel
from .settings import TransformersSettings

OpenModel = Callable[[ModelFolder, TransformersSettings], OpenedModel]
"""Opens the model in a folder, or gives back one that is open."""


class TransformersModel:
    """Shows pictures to an image-text-to-text model of transformers: MedGemma, Lingshu, SmolVLM, LLaVA ...

        settings = TransformersSettings("models/medgemma-4b-it", device="cuda", batch=8)
        model = TransformersModel(settings, ShippedPrompts().find("plain"))
        backend = PictureBackend(model)

    A PictureModel, and a ReplyingModel for a prompt about several pictures. The files are found at once, the weights
    are loaded with the first picture, by open_model, which may keep them for others. Answers are greedy unless
    settings.sampling says otherwise: the same pictures in the same batches give the same texts. check_stop is called
    at every token. Raises CaptionError if files are missing; answer() and reply() raise it if the model cannot be
    opened, or has too little memory for a single picture.
    """

    def __init__(
        self,
        settings: TransformersSettings,
        prompt: Prompt,
        open_model: OpenModel = OpenedModel,
        check_stop: CheckStop = go_on,
    ) -> None:
        prompt.check_question()
        self._open_model = open_model
        self._check_stop = check_stop
        self._settings = settings
        self._prompt = prompt
        self._files = ModelFolder.find(settings)
        names = (self._files.name, self._files.revision, settings.sampling.told_with(prompt.name))
        self._source = CaptionSource("transformers", *(InertText.of(name).text for name in names))

    @property
    def source(self) -> CaptionSource:
        """The model, its commit if it is from the hub, and the prompt."""
        return self._source

    def answer(self, pictures: Iterable[SlicePicture]) -> Iterator[PictureAnswer | PictureUnanswered]:
        """A result for every picture, in their order; a batch is taken at a time."""
        waiting = iter(pictures)
        size = self._settings.batch
        while batch := list(islice(waiting, size)):
            answers, size = self._answers(batch)
            yield from answers

    def reply(self, pictures: Sequence[SlicePicture], tell: Tell) -> Reply:
        """The answer about all pictures together, told as it is written; raises CaptionError if memory is too short."""
        text, pngs = self._prompt.text_about(pictures), [picture.png for picture in pictures]
        try:
            (answer,) = generate(self._opened, [pngs], [text], self._settings.sampling, self._check_stop, tell)
        except torch.OutOfMemoryError as error:
            raise CaptionError(
                f"the memory of {self._settings.device} is too short for {len(pngs)} pictures",
                next_step="choose fewer slices, a smaller model, a shorter number format, or smaller pictures",
            ) from error
        return Reply(answer.text, answer.finish, answer.tokens_in, answer.tokens_out)

    @cached_property
    def _opened(self) -> OpenedModel:
        return self._open_model(self._files, self._settings)

    def _answers(self, batch: Sequence[SlicePicture]) -> tuple[list[PictureAnswer], int]:
        """The answers to batch, and how many pictures fit into memory at once."""
        size = len(batch)
        while True:
            try:
                return [
                    answer for first in range(0, len(batch), size) for answer in self._read(batch[first : first + size])
                ], size
            except torch.OutOfMemoryError as error:
                if size == 1:
                    raise CaptionError(
                        f"the memory of {self._settings.device} is too short for one picture",
                        next_step="choose a smaller model, a shorter number format, or smaller pictures",
                    ) from error
                size = max(1, size // 2)

    def _read(self, batch: Sequence[SlicePicture]) -> list[PictureAnswer]:
        texts = [self._prompt.text_for(picture) for picture in batch]
        pngs = [[picture.png] for picture in batch]
        answers = generate(self._opened, pngs, texts, self._settings.sampling, self._check_stop)
        return [
            PictureAnswer(picture, each.text, each.finish, each.tokens_in, each.tokens_out)
            for picture, each in zip(batch, answers, strict=True)
        ]
