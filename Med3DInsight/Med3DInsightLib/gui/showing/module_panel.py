"""What both modules do with their panels in the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import slicer

from .environment_gate import EnvironmentGate


class ModulePanel:
    """Shows the panel of a module once its packages are there, connected to the parameter node exactly once.

        self.shown = ModulePanel(self, ["Med3DInsight", "Med3DInsightFind"], self.makePanel)
        self.shown.gate.open()  # in setup(); does not raise, whatever is missing or broken
        self.shown.enter()      # in enter(); so with exit() and close() in exit() and cleanup()

    widget is a ScriptedLoadableModuleWidget with VTKObservationMixin, a logic with getParameterNode() and close(), and
    the forms among its resources. The widgets of the first form, which takes the others below its own, become
    widget.ui before make() is called; it may raise anything. What make() returns has setParameterNode(), leave(),
    closeScene(), saveScene() and cleanup(), and is the panel while it is there, else None.

    Nothing else is imported here: when packages are missing, this is all that works.
    """

    def __init__(self, widget: Any, forms: Sequence[str], make: Callable[[], Any]) -> None:
        self.panel: Any = None
        self.parameterNode: Any = None
        self.gate = EnvironmentGate(widget.layout, self._build, self._close)
        self._widget = widget
        self._forms = forms
        self._make = make
        self._guiTag: Any = None

    def enter(self) -> None:
        """The module is shown; perhaps packages have been installed, or the scene is another one."""
        self.gate.enter()
        self._connect()

    def exit(self) -> None:
        """Another module is shown; what runs goes on."""
        self._disconnectGui()
        if self.panel is not None:
            self.panel.leave()

    def close(self) -> None:
        """The application closes or the module is reloaded."""
        self.gate.close()

    def _build(self) -> Any:
        form = self._loadForm(self._forms[0])
        below = slicer.util.childWidgetVariables(form).moreSections.layout()
        for name in self._forms[1:]:
            below.addWidget(self._loadForm(name))
        self._widget.ui = slicer.util.childWidgetVariables(form)
        self.panel = self._make()
        scene = slicer.mrmlScene
        self._widget.addObserver(scene, scene.StartCloseEvent, self._onStartClose)
        self._widget.addObserver(scene, scene.EndCloseEvent, self._onOtherScene)
        self._widget.addObserver(scene, scene.StartImportEvent, self._onStartImport)
        self._widget.addObserver(scene, scene.EndImportEvent, self._onOtherScene)
        self._widget.addObserver(scene, scene.StartSaveEvent, self._onStartSave)
        self._connect()
        return form

    def _close(self) -> None:
        """Undo _build(), or as much of it as was done; a run is stopped."""
        self._widget.removeObservers()
        self._setParameterNode(None)
        if self.panel is not None:
            self.panel.cleanup()
        self.panel = None
        self._widget.logic.close()

    def _connect(self) -> None:
        """Connect the parameter node of the scene, which is made if there is none."""
        if self.panel is None:
            return
        self._setParameterNode(self._widget.logic.getParameterNode())
        if self.parameterNode.inputVolume is None:
            self.parameterNode.inputVolume = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")

    def _setParameterNode(self, parameterNode: Any) -> None:
        self._disconnectGui()
        self.parameterNode = parameterNode
        if parameterNode is not None:
            self._guiTag = parameterNode.connectGui(self._widget.ui)
        if self.panel is not None:
            self.panel.setParameterNode(parameterNode)

    def _disconnectGui(self) -> None:
        if self.parameterNode is not None:
            self.parameterNode.disconnectGui(self._guiTag)
        self.parameterNode = None

    def _loadForm(self, name: str) -> Any:
        form = slicer.util.loadUI(self._widget.resourcePath(f"UI/{name}.ui"))
        form.setMRMLScene(slicer.mrmlScene)
        return form

    def _onStartClose(self, caller: Any, event: Any) -> None:
        """A result would have no place to go."""
        self.panel.closeScene()
        self._setParameterNode(None)

    def _onStartImport(self, caller: Any, event: Any) -> None:
        """Selectors choose among what is loaded so far, which must not replace the choices that are being loaded."""
        self._setParameterNode(None)

    def _onOtherScene(self, caller: Any, event: Any) -> None:
        """A closed scene has lost the parameter node, and a loaded one may have brought another."""
        if self._widget.parent.isEntered:
            self._connect()

    def _onStartSave(self, caller: Any, event: Any) -> None:
        """What was typed into tables must be where files keep it."""
        self.panel.saveScene()
