"""Who can describe slices, and what the widgets say about it as a request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from slicer.i18n import tr as _

from ....analysis.computing.device import Device
from ....analysis.describing.backend_choice import BackendChoice, ChatServer, LabelMapSentences, LocalModel
from ....analysis.describing.requests import DescribeRequest
from ....analysis.describing.slices_asked import SpreadSlices
from ....captions.prompting import ShippedPrompts

LABELS, LOCAL, SERVER = "labels", "transformers", "openai"


def source_names() -> dict[str, str]:
    """Who can describe slices, by the names that the user sees."""
    return {
        _("sentences from a segmentation"): LABELS,
        _("a model on this computer"): LOCAL,
        _("a server with the OpenAI API"): SERVER,
    }


def describing_prompts() -> list[str]:
    """The ids of the shipped prompts that describe a slice without a question."""
    shipped = ShippedPrompts()
    return [name for name in shipped.names() if not shipped.find(name).asks_a_question]


def picture_backend(ui: Any, source: str, device: Device, hosts: Iterable[str]) -> LocalModel | ChatServer:
    """The model that looks at pictures; hosts are those that the user allowed."""
    model = str(ui.captionModelEdit.text).strip()
    if source == SERVER:
        return ChatServer(str(ui.serverEdit.text).strip(), model, allowed_hosts=tuple(sorted(hosts)))
    return LocalModel(model, device=device)


def describe_request(ui: Any, source: str, volumeId: str, device: Device, hosts: Iterable[str]) -> DescribeRequest:
    """What is chosen in the section "Captions"."""
    slices = SpreadSlices(per_plane=int(ui.slicesSpinBox.value))
    if source == LABELS:
        return DescribeRequest(LabelMapSentences(), slices, volume_id=volumeId)
    backend: BackendChoice = picture_backend(ui, source, device, hosts)
    return DescribeRequest(backend, slices, prompt=str(ui.promptSelector.currentText), volume_id=volumeId)
