"""A vision-language model of transformers, opened with its standard classes only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from ..errors import CaptionError
from .model_folder import ModelFolder
from .processor import open_processor
from .settings import NumberFormat, TransformersSettings


class OpenedModel:
    """The network on its device, and what prepares pictures and texts for it.

        opened = OpenedModel(ModelFolder.find(settings), settings)
        opened.processor, opened.module

    Everything is read from the files of the folder: code that a model brings along is never run, nothing
    is unpickled, and nothing is looked up in the hub. Raises CaptionError if a package is missing, a file
    is damaged, the model is of a kind that transformers does not know, or the device is not there.
    """

    def __init__(self, files: ModelFolder, settings: TransformersSettings) -> None:
        self.files = files
        self.device = _device(settings.device)
        classes = _classes()
        with self._opening("the processor and tokenizer files"):
            self.processor: Any = open_processor(files.path)
        self.tokenizer: Any = getattr(self.processor, "tokenizer", None)
        if self.tokenizer is None or getattr(self.processor, "image_processor", None) is None:
            raise CaptionError(f"the model '{files.name}' does not read pictures and texts together", files.path)
        # Some models keep the template with the tokenizer.
        self.processor.chat_template = self.processor.chat_template or getattr(self.tokenizer, "chat_template", None)
        if not self.processor.chat_template:
            raise CaptionError(
                f"the model '{files.name}' has no chat template", files.path, "put its chat_template.jinja there"
            )
        # A text is continued at its end, so that padding belongs in front of it.
        self.tokenizer.padding_side = "left"
        self.module: Any = self._module(classes, _dtype(settings.dtype, self.device))

    def _module(self, classes: Any, dtype: torch.dtype | str) -> Any:
        with self._opening("config.json and the weights"):
            module, report = classes.AutoModelForImageTextToText.from_pretrained(
                self.files.path,
                dtype=dtype,
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
        # transformers would start absent weights at random, with a warning.
        absent = sorted(report["missing_keys"])
        if absent:
            raise CaptionError(
                f"the weights of '{self.files.name}' lack {len(absent)} entries, such as {absent[0]}", self.files.path
            )
        return module.eval().requires_grad_(False).to(self.device)

    @contextmanager
    def _opening(self, what: str) -> Iterator[None]:
        name, path = self.files.name, self.files.path
        try:
            yield
        except ImportError as error:
            cause = " ".join(str(error).split())
            raise CaptionError(
                f"the model '{name}' needs a package that is not here ({cause[:200]})",
                path,
                "install it; torchvision has to be one that was built for the torch you have",
            ) from error
        except Exception as error:  # files of any kind are read by code of many authors
            cause = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            raise CaptionError(
                f"the model '{name}' cannot be opened ({cause})",
                path,
                f"check {what}; models that need code of their own are not supported",
            ) from error


def _classes() -> Any:
    try:
        import transformers
    except ImportError as error:
        raise CaptionError(
            f"local models need the package transformers, which cannot be imported ({' '.join(str(error).split())})",
            next_step="run: pip install 'transformers>=5'",
        ) from error
    return transformers


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        cause = (str(error).strip().splitlines() or [type(error).__name__])[0][:150]
        raise CaptionError(f"the device '{name}' cannot be used ({cause})", next_step="choose cpu") from error
    return device


def _dtype(wanted: NumberFormat, device: torch.device) -> torch.dtype | str:
    if wanted == NumberFormat.AUTO:
        return torch.float32 if device.type == "cpu" else "auto"
    return {
        NumberFormat.FLOAT32: torch.float32,
        NumberFormat.BFLOAT16: torch.bfloat16,
        NumberFormat.FLOAT16: torch.float16,
    }[wanted]
