"""A multimodal language model on this computer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice

import torch

from ..backend import PictureAnswer, PictureUnanswered
from ..errors import CaptionError
from ..inert_text import InertText
from ..picture import SlicePicture
from ..prompting.prompt import Prompt
from ..record import CaptionSource
from .generation import generate
from .model_folder import ModelFolder
from .opened_model import OpenedModel
from .settings import TransformersSettings


class TransformersModel:
    """Shows pictures to an image-text-to-text model of transformers: MedGemma, Lingshu, SmolVLM, LLaVA ...

        settings = TransformersSettings("models/medgemma-4b-it", device="cuda", batch=8)
        model = TransformersModel(settings, ShippedPrompts().find("plain"))
        backend = PictureBackend(model)

    A PictureModel. The files are found at once, the weights are loaded with the first picture. Answers are
    greedy unless settings.sampling says otherwise: the same pictures in the same batches give the same
    texts. Raises CaptionError if files are missing; answer() raises it if the model cannot be opened, or
    has too little memory for a single picture.
    """

    def __init__(self, settings: TransformersSettings, prompt: Prompt) -> None:
        prompt.check_question()
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

    @cached_property
    def _opened(self) -> OpenedModel:
        return OpenedModel(self._files, self._settings)

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
        answers = generate(self._opened, [picture.png for picture in batch], texts, self._settings.sampling)
        return [
            PictureAnswer(picture, each.text, each.finish, each.tokens_in, each.tokens_out)
            for picture, each in zip(batch, answers, strict=True)
        ]
