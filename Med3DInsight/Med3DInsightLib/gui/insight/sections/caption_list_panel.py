"""The captions of a volume: read, jumped to, edited, accepted, written, exchanged as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ....captions.reviewing import ReviewedCaption, written_by_user
from ....captions.volume_hash import volume_hash
from ....errors import UserError
from ....mrml.insight import caption_rows
from ....mrml.insight.caption_edits import accept_captions, edit_caption
from ....mrml.insight.caption_files import read_reviewed, write_accepted, write_captions
from ....mrml.insight.captions_table import captions_of_table
from ....mrml.node_grid import grid_of_node
from ....mrml.volume_nodes import volume_from_node
from ....volumes import SlicePlace, slice_of
from ...figure_columns import show_figures
from ...words import plane_word
from ..tasks.captions_task import CaptionsTask, add_captions, table_of_captions
from .caption_corners import CaptionCorners
from .caption_rows_in_view import arrange, chosen_row
from .chosen_input import ChosenInput
from .slices_in_view import SlicesInView

_FILES = "JSON Lines (*.jsonl);;CSV (*.csv)"


class CaptionListPanel:
    """Connects the table of Med3DInsightCaptions.ui with the captions of the chosen volume.

    panel = CaptionListPanel(ui, chosen, task, views, corners)
    panel.setParameterNode(parameterNode)
    panel.cleanup()
    """

    def __init__(
        self, ui: Any, chosen: ChosenInput, task: CaptionsTask, views: SlicesInView, corners: CaptionCorners
    ) -> None:
        self.ui = ui
        self._chosen = chosen
        self._views = views
        self._corners = corners
        self._observed: tuple[Any, int] | None = None
        ui.captionsTable.connect("selectionChanged()", self.onSelected)
        ui.captionText.connect("textChanged()", self.refresh)
        ui.saveTextButton.connect("clicked(bool)", self.onSaveText)
        ui.acceptButton.connect("clicked(bool)", self.onAccept)
        ui.writeButton.connect("clicked(bool)", self.onWrite)
        ui.cornerCheckBox.connect("toggled(bool)", self.onCorners)
        ui.exportCaptionsButton.connect("clicked(bool)", self.onExport)
        ui.exportAcceptedButton.connect("clicked(bool)", self.onExportAccepted)
        ui.importCaptionsButton.connect("clicked(bool)", self.onImport)
        chosen.on_changed.connect(self.onChosen)
        task.on_described.connect(self.onDescribed)
        views.on_moved.connect(self.onMoved)
        self.onChosen()

    def setParameterNode(self, parameterNode: Any) -> None:
        """Another scene may have other captions."""
        self.onChosen()

    def closeScene(self) -> None:
        """The captions go with the scene."""
        self._observe(None)
        self._corners.clear()

    def cleanup(self) -> None:
        """The widgets are about to be deleted."""
        self.closeScene()
        self._views.on_moved.disconnect(self.onMoved)
        self._chosen.on_changed.disconnect(self.onChosen)

    def refresh(self) -> None:
        """Enable what can be done now."""
        node, row, text = self._table(), self._row(), self.ui.captionText.plainText.strip()
        self.ui.saveTextButton.enabled = row is not None and bool(text)
        self.ui.acceptButton.enabled = row is not None
        self.ui.writeButton.enabled = self._chosen.volumeNode is not None and bool(text)
        self.ui.exportCaptionsButton.enabled = self.ui.exportAcceptedButton.enabled = node is not None
        self.ui.importCaptionsButton.enabled = self._chosen.volumeNode is not None

    def onChosen(self) -> None:
        """Show the captions of the chosen volume."""
        table = self._table()
        if table is not self.ui.captionsTable.mrmlTableNode():
            self.ui.captionsTable.setMRMLTableNode(table)
            if table is not None:
                arrange(self.ui.captionsTable, table)
        self._observe(table)
        self.onTableChanged()

    def onDescribed(self, tableNode: Any, described: Any) -> None:
        """There are new captions."""
        self.onChosen()

    def onTableChanged(self, caller: Any = None, event: Any = None) -> None:
        """Read captions anew, and show them in the corners."""
        if self.ui.captionsTable.mrmlTableNode() is not None:
            show_figures(self.ui.captionsTable, self.ui.captionsTable.mrmlTableNode())
        self._corners.take(self._table() if self.ui.cornerCheckBox.checked else None)
        self._showCorners()
        self.refresh()

    def onSelected(self) -> None:
        """Show the text of the chosen row, and bring the views to its slice."""
        row = self._row()
        caption = None if row is None else self._caption(row)
        if caption is not None:
            self.ui.captionText.plainText = caption.text
            self._jump(caption)
        self.refresh()

    def onMoved(self, view: Any, place: SlicePlace) -> None:
        """A view shows another slice."""
        self._corners.show(view, place)

    def onCorners(self) -> None:
        """Show captions in views, or do not."""
        self.onTableChanged()

    def onSaveText(self) -> None:
        """Replace the text of the chosen row; the model's own is kept."""
        row = self._row()
        if row is not None:
            self._do(lambda: edit_caption(self._table(), row, self.ui.captionText.plainText), _("The text was saved."))

    def onAccept(self) -> None:
        """Accept the chosen caption, or take that back."""
        row = self._row()
        caption = None if row is None else self._caption(row)
        if row is None or caption is None:
            return
        told = _("The caption is no longer accepted.") if caption.accepted else _("The caption was accepted.")
        self._do(lambda: accept_captions(self._table(), [row], not caption.accepted), told)

    def onWrite(self) -> None:
        """Add the text as the user's own caption of the slice in view."""
        places = self._views.places()
        if not places:
            self.ui.captionsStatus.text = _("No slice view shows this volume.")
            return
        place = self._views.last_moved() or places[0]
        node = self._chosen.volumeNode

        def write() -> None:
            text, of_volume = self.ui.captionText.plainText, volume_hash(volume_from_node(node))
            add_captions(node, [written_by_user(node.GetName(), of_volume, place, text)])

        told: str = _("Your text describes {plane} slice {index}.")
        self._do(write, told.format(plane=plane_word(place.plane), index=place.index))
        self.onChosen()

    def onExport(self) -> None:
        """Write all captions where the user wants them."""
        path = self._pathToWrite(_("Export captions"), "captions.jsonl")
        if path:
            told: str = _("The captions were written to {path}.")
            self._do(lambda: write_captions(self._table(), Path(path)), told.format(path=path))

    def onExportAccepted(self) -> None:
        """Write accepted captions for training."""
        path = self._pathToWrite(_("Export accepted captions"), "accepted.jsonl")
        if path:
            told: str = _("The accepted captions were written to {path}.")
            self._do(lambda: write_accepted(self._table(), Path(path)), told.format(path=path))

    def onImport(self) -> None:
        """Add captions of this volume from a file."""
        title = _("Import captions")
        path = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), title, "", "Captions (*.jsonl *.csv)")
        if not path:
            return
        node = self._chosen.volumeNode

        def read() -> None:
            add_captions(node, read_reviewed(Path(path), volume_hash(volume_from_node(node))))

        told: str = _("The captions were read from {path}.")
        self._do(read, told.format(path=path))
        self.onChosen()

    def _do(self, change: Any, told: str) -> None:
        try:
            change()
        except UserError as error:
            self.ui.captionsStatus.text = str(error)
        else:
            self.ui.captionsStatus.text = told
        self.refresh()

    def _pathToWrite(self, title: str, name: str) -> str:
        return str(qt.QFileDialog.getSaveFileName(slicer.util.mainWindow(), title, name, _FILES))

    def _table(self) -> Any:
        node = self._chosen.volumeNode
        return None if node is None or node.GetScene() is None else table_of_captions(node)

    def _row(self) -> int | None:
        return chosen_row(self.ui.captionsTable, self._table())

    def _caption(self, row: int) -> ReviewedCaption | None:
        key = self._table().GetTable().GetColumnByName(caption_rows.KEY).GetValue(row)
        try:
            captions = captions_of_table(self._table(), lambda error: None)
        except UserError as error:
            self.ui.captionsStatus.text = str(error)
            return None
        return next((each for each in captions if caption_rows.row_key(each.own.key) == key), None)

    def _jump(self, caption: ReviewedCaption) -> None:
        try:
            grid = grid_of_node(self._chosen.volumeNode)
            self._views.jump(slice_of(grid, caption.own.plane, caption.own.index))
        except UserError as error:  # such as a volume that was put below a transform that is not linear
            self.ui.captionsStatus.text = str(error)

    def _observe(self, table: Any) -> None:
        if self._observed is not None:
            node, tag = self._observed
            if node is table:
                return
            node.RemoveObserver(tag)
        self._observed = None if table is None else (table, table.AddObserver("ModifiedEvent", self.onTableChanged))

    def _showCorners(self) -> None:
        for view in self._views.visible_views():
            place = self._views.place_in(view)
            if place is not None:
                self._corners.show(view, place)
