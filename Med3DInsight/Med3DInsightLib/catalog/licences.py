"""Which licences let everybody use a model who names where it is from."""

from __future__ import annotations

import re

_PERMISSIVE = {
    *("apache-2.0", "mit", "mit-0", "isc", "bsd-2-clause", "bsd-3-clause", "0bsd"),
    *("cc-by-4.0", "cc0", "cc0-1.0", "pddl-1.0"),
}


def is_permissive(licence: str) -> bool:
    """Whether a licence asks for no more than naming the authors; one that is not known does not count.

    is_permissive("CC BY 4.0")      # True
    is_permissive("CC BY-SA 4.0")   # False: who changes the model must pass it on in the same way
    """
    return re.sub(r"[\s_-]+", "-", licence.strip().lower()) in _PERMISSIVE
