"""Typed attributes on top of a MRML parameter node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from .annotations import Default
from .contexts import modifying, naming
from .fields import Field, FieldOwner, NodeStore, keep_in, with_fields
from .gui import GuiConnection, Parameter, Updating, named_widgets
from .packs import isParameterPack


class ParameterNodeWrapper(FieldOwner):
    """What `@parameterNodeWrapper` adds: the constructor, the way to the node, and the ties to widgets."""

    _gui_connections: dict[int | None, GuiConnection]
    _gui_tags: Iterator[int]
    _updating: Updating

    def __init__(self, parameterNode: Any) -> None:  # noqa: N803
        if not hasattr(parameterNode, "SetParameter"):
            raise TypeError(f"expected a vtkMRMLScriptedModuleNode, got {parameterNode!r:.100}")
        keep_in(self, NodeStore(parameterNode))
        object.__setattr__(self, "_gui_connections", {})
        object.__setattr__(self, "_gui_tags", count())  # as in Slicer, the first tag is 0
        object.__setattr__(self, "_updating", Updating())
        with modifying(parameterNode):
            for name, field in self._parameter_fields.items():
                with naming(name):
                    field.serializer.fill(parameterNode, name, field.serializer.default())

    @property
    def parameterNode(self) -> Any:  # noqa: N802
        """The MRML node behind this wrapper."""
        return self._parameter_store.node

    def AddObserver(self, *args: Any) -> int:  # noqa: N802
        """Observe the node; the callback gets the node, not the wrapper."""
        return self.parameterNode.AddObserver(*args)

    def RemoveObserver(self, tag: int) -> None:  # noqa: N802
        """End an observation of the node."""
        self.parameterNode.RemoveObserver(tag)

    def StartModify(self) -> int:  # noqa: N802
        """Hold back the node's events until `EndModify`."""
        return self.parameterNode.StartModify()

    def EndModify(self, was_modifying: int) -> int:  # noqa: N802
        """Send one event for everything since `StartModify`."""
        return self.parameterNode.EndModify(was_modifying)

    def Modified(self) -> None:  # noqa: N802
        """Send the node's ModifiedEvent."""
        self.parameterNode.Modified()

    def connectGui(self, gui: Any) -> int:  # noqa: N802
        """Tie every widget below `gui` that has a property SlicerParameterName; `disconnectGui` takes the tag."""
        return self.connectParametersToGui(named_widgets(gui))

    def connectParametersToGui(self, mapping: Mapping[str, Any]) -> int:  # noqa: N802
        """Tie parameters to widgets, `{"iterations": spinBox, "box.topLeft.x": otherBox}`."""
        pairs = [(_parameter(self, name), widget) for name, widget in mapping.items()]
        connection = GuiConnection(self.parameterNode, pairs, self._updating)
        tag = next(self._gui_tags)
        self._gui_connections[tag] = connection
        return tag

    def disconnectGui(self, tag: int | None) -> None:  # noqa: N802
        """Untie the widgets of one connection; nothing happens if there is no such connection (any more)."""
        connection = self._gui_connections.pop(tag, None)
        if connection is not None:
            connection.disconnect()

    def getValue(self, name: str) -> Any:  # noqa: N802
        """The value of a parameter, or of a member of a pack: "box.topLeft.x"."""
        return _parameter(self, name).read()

    def setValue(self, name: str, value: Any) -> None:  # noqa: N802
        """Set a parameter, or a member of a pack."""
        _parameter(self, name).write(value)

    def default(self, name: str) -> Default:
        """What the parameter would be in a node that does not hold it yet."""
        return Default(_parameter(self, name).serializer.default())


def _parameter(wrapper: ParameterNodeWrapper, path: str) -> Parameter:
    """Find `name` or `pack.name`; raises ValueError for a name that is misspelt."""
    *packs, last = path.split(".")
    field: Field | None = None
    fields = wrapper._parameter_fields
    for name in (*packs, last):
        if name not in fields:
            raise ValueError(f"no parameter {path!r} in {type(wrapper).__name__}: expected one of {list(fields)}")
        field = fields[name]
        fields = field.serializer.kind._parameter_fields if isParameterPack(field.serializer.kind) else {}

    def owner() -> Any:
        found: Any = wrapper
        for name in packs:
            found = getattr(found, name)
        return found

    return Parameter(
        path, field.serializer, lambda: getattr(owner(), last), lambda value: setattr(owner(), last, value)
    )


def parameterNodeWrapper(cls: type) -> type:  # noqa: N802
    """Make a class of annotated attributes a typed view of a parameter node.

    Example:
        @parameterNodeWrapper
        class MyParameterNode:
            volume: slicer.vtkMRMLScalarVolumeNode
            threshold: Annotated[float, WithinRange(0, 1)] = 0.5

        parameters = MyParameterNode(scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))
        parameters.threshold = 0.7
    """
    return with_fields(cls, ParameterNodeWrapper)


def isParameterNodeWrapper(value: Any) -> bool:  # noqa: N802
    """Say whether a class, or the class of a value, is a parameter node wrapper."""
    return issubclass(value if isinstance(value, type) else type(value), ParameterNodeWrapper)
