"""A small `slicer.parameterNodeWrapper` for tests, written from the public documentation of 3D Slicer.

It is stricter than it is complete: what it does not know raises, instead of passing here and failing in Slicer.
"""

from .annotations import Decimals, Default, SingleStep
from .packs import isParameterPack, parameterPack
from .validators import (
    Choice,
    Exclude,
    IsInstance,
    Maximum,
    Minimum,
    NotNone,
    Validator,
    WithinRange,
)
from .wrapper import isParameterNodeWrapper, parameterNodeWrapper

__all__ = [
    "Choice",
    "Decimals",
    "Default",
    "Exclude",
    "IsInstance",
    "Maximum",
    "Minimum",
    "NotNone",
    "SingleStep",
    "Validator",
    "WithinRange",
    "isParameterNodeWrapper",
    "isParameterPack",
    "parameterNodeWrapper",
    "parameterPack",
]
