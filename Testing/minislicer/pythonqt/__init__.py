"""PythonQt's rules on top of PySide6, for the whole process.

Slicer reaches Qt through PythonQt, which differs from PySide6 in ways that modules depend on:

- properties are attributes: ``w.enabled = True``, ``b.text``; ``setX()`` works too, ``b.text()`` fails;
- a misspelt attribute (``w.enabld = True``) raises AttributeError instead of being accepted;
- ``obj.connect("clicked(bool)", function)`` by signature, and a slot takes as many arguments as it wants;
- enumerators are integers.

install() applies them and puts the module ``qt`` into sys.modules.
"""

from .attributes import loading_a_form
from .connections import connect, disconnect
from .install import install
from .native import acts_native, native_property
from .slot_errors import SLOT_ERRORS, SlotError

__all__ = [
    "SLOT_ERRORS",
    "SlotError",
    "acts_native",
    "connect",
    "disconnect",
    "install",
    "loading_a_form",
    "native_property",
]
