"""A model of transformers, opened with its standard classes only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from PIL import Image
from safetensors import SafetensorError
from torch import Tensor, nn

from .errors import TeacherError
from .model_files import ModelFiles
from .placement import Placement

_UNUSED = ("pooler.",)
"""Weights that checkpoints may lack, because nothing here reads what they compute."""


class PretrainedModel:
    """Model, picture preparation and tokenizer of a folder; each is loaded when first needed, from files only.

        model = PretrainedModel(ModelFiles.in_folder("models/medsiglip"), Placement())
        model.config.model_type                     # 'siglip'
        model.module.get_image_features(...)

    Code that a model brings along is never run, and nothing is unpickled. All raise TeacherError if a
    file is missing or damaged, or if the model is of a kind that transformers itself does not know.
    """

    def __init__(self, files: ModelFiles, placement: Placement) -> None:
        self.files = files
        self.placement = placement

    @cached_property
    def config(self) -> Any:
        """The configuration, of a class of transformers."""
        with self._opening("config.json"):
            return self._from_files("AutoConfig")

    @cached_property
    def module(self) -> nn.Module:
        """The network on its device, in evaluation mode, without gradients."""
        names = " ".join(path.name for path in self.files.weights)
        with self._opening(names):
            module, report = self._from_files(
                "AutoModel",
                config=self.config,
                dtype=self.placement.dtype,
                use_safetensors=True,
                output_loading_info=True,
            )
        # transformers would start absent weights at random, with a warning.
        absent = sorted(name for name in report["missing_keys"] if not name.startswith(_UNUSED))
        if absent:
            raise TeacherError(
                f"the weights of '{self.files.name}' lack {len(absent)} entries, such as {absent[0]}", self.files.folder
            )
        frozen: nn.Module = module.eval().requires_grad_(False).to(self.placement.device)
        return frozen

    def prepare(self, pictures: list[Image.Image]) -> Tensor:
        """Pixels (B, 3, rows, columns) of RGB pictures."""
        pixels: Tensor = self._image_processor(images=pictures, return_tensors="pt")["pixel_values"]
        return pixels

    @cached_property
    def tokenizer(self) -> Any:
        """Makes tokens of texts."""
        with self._opening("tokenizer.json or the vocabulary of its tokenizer"):
            return self._from_files("AutoTokenizer")

    @cached_property
    def _image_processor(self) -> Any:
        # Pillow everywhere: torchvision, where it is installed, would give slightly different pixels.
        with self._opening("preprocessor_config.json"):
            return self._from_files("AutoImageProcessor", backend="pil")

    def _from_files(self, kind: str, **options: Any) -> Any:
        import transformers  # here: nobody waits for it who opens no model, and without it the error is ours

        opened = getattr(transformers, kind)
        return opened.from_pretrained(self.files.folder, local_files_only=True, trust_remote_code=False, **options)

    @contextmanager
    def _opening(self, what: str) -> Iterator[None]:
        try:
            yield
        except ImportError as error:
            cause = " ".join(str(error).split())
            raise TeacherError(f"'{self.files.name}' needs a package that is not here: {cause}") from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, SafetensorError) as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise TeacherError(
                f"the model '{self.files.name}' cannot be opened ({lines[0]})",
                self.files.folder,
                f"check {what}; models that need code of their own are not supported",
            ) from error
