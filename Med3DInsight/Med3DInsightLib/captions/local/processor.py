"""What prepares pictures and texts for a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_VIDEO = "video_processor"


def open_processor(folder: Path) -> Any:
    """The processor of the model in folder, of a class of transformers, from files only.

    Raises what transformers raises.
    """
    import transformers
    from transformers.utils import is_torchvision_available

    options: dict[str, Any] = {"local_files_only": True}
    if not is_torchvision_available():
        config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False, **options)
        kind = transformers.models.auto.processing_auto.PROCESSOR_MAPPING.get(type(config), None)
        if kind is not None and _VIDEO in kind.get_attributes():
            return _for_pictures_only(kind).from_pretrained(folder, **options)
    return transformers.AutoProcessor.from_pretrained(folder, trust_remote_code=False, **options)


def _for_pictures_only(kind: Any) -> Any:
    """The same class without its part for videos.

    transformers 5 opens that part with the others, and it needs torchvision; pictures are prepared with
    Pillow where torchvision is missing. Can go when a processor opens without its video processor
    (transformers.ProcessorMixin.get_attributes decides what is opened).
    """

    def get_attributes(cls: Any) -> list[str]:
        return [name for name in kind.get_attributes() if name != _VIDEO]

    return type(kind.__name__, (kind,), {"get_attributes": classmethod(get_attributes), "__module__": kind.__module__})
