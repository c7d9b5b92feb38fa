"""Which licences let everybody use a model who names where it is from, and where to read them."""

from __future__ import annotations

import re

_PERMISSIVE = {
    *("apache-2.0", "mit", "mit-0", "isc", "bsd-2-clause", "bsd-3-clause", "0bsd"),
    *("cc-by-4.0", "cc0", "cc0-1.0", "pddl-1.0"),
}


_CREATIVE_COMMONS = re.compile(r"cc-(by(?:-nc)?(?:-sa|-nd)?)-(\d\.\d)")


def is_permissive(licence: str) -> bool:
    """Whether a licence asks for no more than naming the authors; one that is not known does not count.

    is_permissive("CC BY 4.0")      # True
    is_permissive("CC BY-SA 4.0")   # False: who changes the model must pass it on in the same way
    """
    return _normalised(licence) in _PERMISSIVE


def licence_page(licence: str) -> str:
    """The address of the text of a Creative Commons licence; empty for others, whose address is not known here.

    licence_page("CC BY-SA 4.0")    # "https://creativecommons.org/licenses/by-sa/4.0/"
    """
    match = _CREATIVE_COMMONS.fullmatch(_normalised(licence))
    return f"https://creativecommons.org/licenses/{match[1]}/{match[2]}/" if match else ""


def _normalised(licence: str) -> str:
    return re.sub(r"[\s_-]+", "-", licence.strip().lower())
