"""What the user is asked before something is done with a model."""

from __future__ import annotations

import html

import slicer
from slicer.i18n import tr as _

from ...catalog.licences import licence_page


def ask_licence(model: str, licence: str) -> bool:
    """Whether the user accepts the licence of a model; asked once, since whoever installs the model remembers it."""
    told: str = _(
        "The licence of '{model}' is {licence}. It asks for more than naming the authors, or is not known here."
        " Read what it asks for before you accept it{where}.\n\nDo you accept it? You are asked once for this model."
    )
    page = licence_page(licence)
    return _ask(told.format(model=model, licence=licence, where=f": {page}" if page else ""))


def ask_replace(model: str, installed: str, offered: str) -> bool:
    """Whether another version of a model may take the place of the one that is installed."""
    told: str = _("'{model}' {installed} is installed. Replace it by '{model}' {offered}?")
    return _ask(told.format(model=model, installed=installed, offered=offered))


def ask_remove(model: str, folder: str) -> bool:
    """Whether a model is to be removed for everybody who uses the store."""
    told: str = _("Remove the model '{model}'? Its folder is deleted, for all who use it: {folder}")
    return _ask(told.format(model=model, folder=folder))


def _ask(text: str) -> bool:
    # As rich text, in which names from a catalogue are escaped; Qt would guess otherwise.
    rich = html.escape(text, quote=False).replace("\n", "<br>")
    return bool(slicer.util.confirmYesNoDisplay(f"<qt>{rich}</qt>", _("Models of Med3DInsight")))
