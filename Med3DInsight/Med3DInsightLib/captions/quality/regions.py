"""Which part of the body a structure can be seen in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from ..label_maps.phrasing import spoken
from ..pictures.windows import BRAIN, LUNG
from ..window import Window


class Region(StrEnum):
    """Parts of the body, coarse enough that neighbours share structures."""

    HEAD = "head"
    NECK = "neck"
    CHEST = "chest"
    ABDOMEN = "abdomen"
    PELVIS = "pelvis"
    LIMBS = "limbs"


_H, _N, _C, _A, _P, _L = Region
_SEEN_IN: tuple[tuple[str, tuple[Region, ...]], ...] = (
    (r"brain(?!\s*stem)|cerebr(?:um|al)|cerebell\w+|intracranial|calvari\w+|skull|corpus callosum", (_H,)),
    (r"brain\s*stem|medulla oblongata|cranial", (_H, _N)),
    (r"gr[ae]y matter|white matter|basal ganglia|thalam\w+|hippocamp\w+|amygdala|putamen|pallid\w+", (_H,)),
    (r"caudate nucle\w+|internal capsule|centrum semiovale|gyr(?:us|i)|sulc(?:us|i)|lateral ventricles?", (_H,)),
    (r"(?:third|fourth|3rd|4th) ventricle|midbrain|pons|pontine|pituitary|sella(?:r|\s+turcica)?|optic nerves?", (_H,)),
    (r"(?:frontal|temporal|parietal|occipital) (?:lobes?|horns?|bones?)|orbits?|eyeballs?|eye lens\w*", (_H,)),
    (r"(?:maxillary|ethmoid\w*|sphenoid\w*|paranasal|frontal) sinus\w*|mastoid\w*|nasal (?:cavity|septum)", (_H,)),
    (r"mandib\w+|tongue|parotid|pharyn\w+|oropharyn\w+|nasopharyn\w+", (_H, _N)),
    (r"laryn\w+|hyoid|cricoid|epiglott\w+|vocal cords?", (_N,)),
    (r"thyroid(?: gland)?|clavic\w+", (_N, _C)),
    (r"carotid|jugular", (_H, _N, _C)),
    (r"trachea\w*|(?:o)?esophag\w+|scapula\w*", (_N, _C, _A)),
    (r"lungs?|pulmonary|pleura\w*|bronch\w+", (_N, _C, _A)),
    (r"heart|cardiac|myocard\w+|pericard\w+|(?:left|right) (?:ventricle|atri\w+)|atrial appendage", (_C, _A)),
    (r"mediastin\w+|aortic arch|carina|hil(?:um|ar) lymph\w*|thymus", (_N, _C)),
    (r"sternum|ribs?|costal cartilages?|breasts?", (_N, _C, _A)),
    (r"liver|hepatic|spleen|splenic|stomach|gastric", (_C, _A)),
    (r"gall\s*bladder|pancrea\w+|adrenal\w*|duoden\w+|portal vein", (_A,)),
    (r"kidneys?|renal", (_A, _P)),
    (r"colon|bowel|intestin\w+|jejun\w+|mesenter\w+", (_C, _A, _P)),
    (r"(?:urinary )?bladder|ovar(?:y|ies|ian)|uter(?:us|ine)|iliac|ilium|sacr(?:um|al)|iliopsoas", (_A, _P)),
    (r"prostat\w*|seminal vesicles?|rect(?:um|al)|pubic|acetabul\w+|glute\w+|hips?", (_P, _L)),
    (r"femur|femoral|thighs?", (_P, _L)),
    (r"patella\w*|tibia\w*|fibula\w*|menisc\w+|knees?|ankles?|calcane\w+|metatars\w+|metacarp\w+", (_L,)),
    (r"humer(?:us|al)|shoulders?", (_N, _C, _L)),
)
_PATTERNS = tuple((re.compile(rf"\b(?:{pattern})\b"), frozenset(regions)) for pattern, regions in _SEEN_IN)
_DENIED = re.compile(r"\b(?:no|not|without|any|nor|neither)(?: the| of the| part of the)?\s$")
_DENIAL_WITHIN = 24

_REGIONS_OF_WINDOWS = {
    BRAIN: frozenset({Region.HEAD}),
    LUNG: frozenset({Region.NECK, Region.CHEST, Region.ABDOMEN}),
}


def mentioned(text: str) -> list[tuple[str, frozenset[Region]]]:
    """The structures in a text and the regions each can be seen in; "no brain" and the like do not count."""
    lower = text.lower()
    return [
        (found.group(), regions)
        for pattern, regions in _PATTERNS
        for found in pattern.finditer(lower)
        if not _DENIED.search(lower[max(0, found.start() - _DENIAL_WITHIN) : found.start()])
    ]


def regions_of_structures(names: Iterable[str]) -> frozenset[Region]:
    """Where a slice can be that shows these structures of a label map; empty if their names say nothing."""
    found = [regions for name in names for _, regions in mentioned(spoken(name))]
    return frozenset().union(*found)


def regions_of_window(window: Window) -> frozenset[Region]:
    """Where a CT slice can be for which ct_window() chose window; empty if that says nothing."""
    return _REGIONS_OF_WINDOWS.get(window, frozenset())


def impossible_structures(text: str, regions: frozenset[Region]) -> list[str]:
    """The structures in a text that none of regions can show; none if regions are empty, that is unknown."""
    return [name for name, seen_in in mentioned(text) if regions and not seen_in & regions]
