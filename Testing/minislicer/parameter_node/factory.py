"""From an annotation to the serializer of its values."""

from __future__ import annotations

import pathlib
import types
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin

import slicer

from .annotations import Decimals, Default, SingleStep
from .containers import DictSerializer, ListSerializer, TupleSerializer, UnionSerializer
from .serializers import EnumSerializer, NodeSerializer, ScalarSerializer, Serializer
from .validators import Validator


def _bool_from(text: str) -> bool:
    if text not in ("True", "False"):
        raise ValueError(f"expected True or False, the node holds {text!r}")
    return text == "True"


def serializer_for(annotation: Any) -> Serializer:
    """Return the serializer of an annotated type, or raise TypeError where there is none."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(arguments[0], arguments[1:])
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin is list:
        return ListSerializer(serializer_for(arguments[0]))
    if origin is dict:
        return DictSerializer(*map(serializer_for, arguments))
    if origin is tuple and arguments and Ellipsis not in arguments:
        return TupleSerializer([serializer_for(part) for part in arguments])
    if isinstance(annotation, type) and origin is None:
        return _of_class(annotation)
    raise _unsupported(annotation)


def _unsupported(annotation: Any) -> TypeError:
    return TypeError(f"a parameter node of this stand-in cannot hold {annotation!r}")


def _of_class(cls: type) -> Serializer:
    from .packs import PackSerializer, isParameterPack  # a pack's fields need this module

    if cls is bool:
        return ScalarSerializer(bool, from_text=_bool_from)
    if cls in (int, str):
        return ScalarSerializer(cls)
    if cls is float:
        return ScalarSerializer(float, accepts=(float, int))
    if issubclass(cls, pathlib.PurePath):
        return ScalarSerializer(cls)
    if issubclass(cls, Enum):
        return EnumSerializer(cls)
    if issubclass(cls, slicer.vtkMRMLNode):
        return NodeSerializer((cls,))
    if isParameterPack(cls):
        return PackSerializer(cls)
    raise _unsupported(cls)


def _union(arguments: tuple[Any, ...]) -> Serializer:
    is_none = [argument is type(None) for argument in arguments]
    is_node = [isinstance(argument, type) and issubclass(argument, slicer.vtkMRMLNode) for argument in arguments]
    if all(none or node for none, node in zip(is_none, is_node, strict=True)):
        return NodeSerializer(tuple(cls for cls, node in zip(arguments, is_node, strict=True) if node))
    return UnionSerializer(
        [None if none else serializer_for(argument) for argument, none in zip(arguments, is_none, strict=True)]
    )


def _annotated(annotation: Any, extras: tuple[Any, ...]) -> Serializer:
    serializer = serializer_for(annotation)
    for extra in extras:
        if isinstance(extra, Validator):
            serializer.validators.append(extra)
        elif isinstance(extra, (Decimals, SingleStep)):
            serializer.annotations.append(extra)
        elif isinstance(extra, Default):
            if serializer.explicit_default is not None:
                raise TypeError("has two defaults")
            serializer.explicit_default = extra
    return serializer
