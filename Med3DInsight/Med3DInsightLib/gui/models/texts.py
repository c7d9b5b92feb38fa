"""How the dialog "Models" puts models and what is contacted into words."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from slicer.i18n import tr as _

from ...catalog.contacts import host_of_source
from ...catalog.installed import Place
from ...catalog.listing import ListedModel
from ...catalog.sources import FolderSource, HubSource, Source, WebSource
from ...engine.messages import ProgressMessage
from ..model_choice import card_as_html, rows_as_html
from ..words import task_word, transfer_text

_MB = 1e6


def row_of(model: ListedModel, size_bytes: int) -> tuple[str, ...]:
    """Name, task, images, licence, size, and where the model is."""
    images, task = ", ".join(model.modalities), task_word(model.task) if model.task else ""
    return model.name, task, images, model.licence, size_text(size_bytes), where_text(model)


def size_text(size_bytes: int) -> str:
    """A size as users read it; nothing for none."""
    return f"{size_bytes / _MB:.1f} MB" if size_bytes else ""


def where_text(model: ListedModel) -> str:
    """Where a model is, and whether it has to be fetched."""
    told: str
    if model.problem:
        told = _("damaged")
    elif model.place == Place.SHIPPED:
        told = _("shipped")
    elif model.update:
        told = _("installed; {version} can be downloaded").format(version=model.update)
    elif model.place == Place.STORE:
        told = _("installed")
    elif model.entry is not None and not host_of_source(model.entry.source):
        told = _("in a folder, not installed")
    else:
        told = _("can be downloaded")
    return told


def details_html(model: ListedModel, folder: Path | None) -> str:
    """What is known of a model, as rich text: its card if it is installed, else what the catalogue says."""
    accept: str = _("asks for more than naming the authors, so it has to be accepted once")
    rows = [
        (_("Version"), model.version),
        (_("Folder"), "" if folder is None else str(folder)),
        (_("From"), source_text(model.entry.source) if model.entry and model.can_be_fetched else ""),
        (_("Its licence"), accept if model.must_be_accepted and model.place is None else ""),
        (_("Damaged"), model.problem),
    ]
    known = card_as_html(model.card) if model.card else "<br>".join(rows_as_html(_rows_of_catalogue(model)))
    title = f"<b>{html.escape(model.title if model.title != model.problem else model.name)}</b>"
    return "<br>".join(part for part in [title, known, *rows_as_html(rows)] if part)


def source_text(source: Source) -> str:
    """Where the files of a model would come from."""
    match source:
        case HubSource():
            at: str = _("{host}, repository {repository}, folder {folder}, revision {revision}")
            return at.format(
                host=host_of_source(source),
                repository=source.repository,
                folder=source.folder or ".",
                revision=source.revision[:12],
            )
        case WebSource():
            return source.base_url
        case FolderSource():
            return source.path
    return ""


def contact_text(hosts: Sequence[str]) -> str:
    """Which computers are contacted, in a sentence."""
    told: str = _("contacts {hosts}").format(hosts=", ".join(hosts)) if hosts else _("contacts no other computer")
    return told


def progress_text(progress: ProgressMessage) -> str:
    """How far a job is, and how long it will take where that is known."""
    stage = transfer_text(progress.stage)
    if progress.seconds_left is None:
        return stage
    left: str = _("{stage}, {time} left")
    return left.format(stage=stage, time=timedelta(seconds=round(progress.seconds_left)))


def _rows_of_catalogue(model: ListedModel) -> list[tuple[str, str]]:
    return [
        (_("Segments"), ", ".join(model.structures)),
        (_("Tells apart"), ", ".join(model.classes)),
        (_("Images"), ", ".join(model.modalities)),
        (_("Licence"), model.licence),
    ]
