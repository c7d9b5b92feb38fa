"""What a label value stands for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """A concept of a coding scheme, such as SNOMED CT ("SCT")."""

    value: str
    meaning: str
    scheme: str = "SCT"

    def __str__(self) -> str:
        return f"{self.scheme}^{self.value}^{self.meaning}"


@dataclass(frozen=True)
class Segment:
    """A structure in a label map: value, name, colour (red, green, blue; 0 to 255) and codes.

    modifier says more of the type, such as its side.

    Segment(2, "grey matter", (200, 200, 235), tissue_category, Code("389081007", "Gray matter"))
    """

    label_value: int
    name: str
    color_rgb: tuple[int, int, int]
    category: Code
    type: Code
    modifier: Code | None = None

    def __post_init__(self) -> None:
        if self.label_value < 1:
            raise ValueError(f"label value {self.label_value} of '{self.name}' is not above 0")
        if not all(0 <= part <= 255 for part in self.color_rgb):
            raise ValueError(f"colour {self.color_rgb} of '{self.name}' is not between 0 and 255")

    @property
    def terminology_entry(self) -> str:
        """The entry as 3D Slicer serialises it; the context is the DICOM master list."""
        none = "^^"
        return "~".join(
            [
                "Segmentation category and type - DICOM master list",
                str(self.category),
                str(self.type),
                none if self.modifier is None else str(self.modifier),
                "Anatomic codes - DICOM master list",
                none,
                none,
            ]
        )
