"""make screenshots: the icons of the extension and its modules, drawn from the ICBM 152 template."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from Testing.icbm import icbm_file

REPOSITORY = Path(__file__).resolve().parents[1]
SIZE, DRAWN = 128, 1024  # pixels; drawn large and reduced, so that edges are smooth
_GREY, _WHITE, _CSF = (238, 108, 142), (255, 209, 102), (76, 201, 240)
_NIGHT, _LINE = (16, 24, 40, 255), (148, 163, 184, 255)


def main() -> None:
    """Write them where CMake and the description of the extension expect them."""
    segment, insight = segment_icon(), insight_icon()
    insight.save(REPOSITORY / "Resources" / "Med3DInsight.png")
    insight.save(REPOSITORY / "Med3DInsight" / "Resources" / "Icons" / "Med3DInsight.png")
    sample_thumbnail().save(REPOSITORY / "Med3DInsight" / "Resources" / "Icons" / "Med3DInsightSample.png")
    segment.save(REPOSITORY / "MedInsightSegment" / "Resources" / "Icons" / "MedInsightSegment.png")


def segment_icon() -> Image.Image:
    """An axial slice, one half as it is and one half with coloured tissue."""
    image = _night()
    brain = _slice(coloured_from=0.5).resize((900, 900), Image.Resampling.LANCZOS)
    image.alpha_composite(brain, ((DRAWN - 900) // 2, (DRAWN - 900) // 2))
    draw = ImageDraw.Draw(image)
    draw.line([(DRAWN // 2, 90), (DRAWN // 2, DRAWN - 90)], fill=_LINE, width=10)
    return _reduced(image)


def sample_thumbnail() -> Image.Image:
    """An axial slice as it is."""
    image = Image.new("RGBA", (DRAWN, DRAWN), (0, 0, 0, 255))
    image.alpha_composite(_slice(coloured_from=1.0).resize((DRAWN, DRAWN), Image.Resampling.LANCZOS))
    return _reduced(image)


def insight_icon() -> Image.Image:
    """A stack of slices, seen from the side, and lines of text that describe the uppermost."""
    image = _night()
    for step, top in enumerate((470, 300, 130)):
        plate = Image.new("RGBA", (900, 900), (30, 41, 59, 255))
        ImageDraw.Draw(plate).rectangle([0, 0, 899, 899], outline=_LINE, width=16)
        if step == 2:
            plate.alpha_composite(_slice(coloured_from=0.0).resize((860, 860), Image.Resampling.LANCZOS), (20, 20))
        image.alpha_composite(_tilted(plate), (0, top))
    draw = ImageDraw.Draw(image)
    for row, length in enumerate((620, 460)):
        y = 868 + 66 * row
        draw.rounded_rectangle([90, y, 90 + length, y + 36], radius=18, fill=(*_WHITE, 255))
    return _reduced(image)


def _slice(coloured_from: float) -> Image.Image:
    """An axial slice with the nose up, transparent outside the head; tissue is coloured right of a fraction."""
    t1, grey, white = (_plane(kind) for kind in ("t1", "gm", "wm"))
    shade = np.clip(t1 / np.percentile(t1, 99), 0, 1)[..., None]
    rgb = np.repeat(255 * shade, 3, axis=-1)
    start = round(coloured_from * t1.shape[1])
    tissue = np.select(
        [white[..., None] > 127, grey[..., None] > 127, t1[..., None] > 0], [np.array(_WHITE), _GREY, _CSF], 0
    )
    rgb[:, start:] = (0.35 * rgb + 0.65 * tissue)[:, start:]
    alpha = 255 * (t1 > 10)
    square = Image.fromarray(np.dstack([rgb, alpha]).astype(np.uint8), "RGBA")
    side = max(square.size)
    framed = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    framed.paste(square, ((side - square.width) // 2, (side - square.height) // 2))
    return framed


def _plane(kind: str) -> NDArray[np.float64]:
    """Rows from anterior to posterior, columns from patient right to left, at the height of the ventricles."""
    image = sitk.DICOMOrient(sitk.ReadImage(str(icbm_file(kind))), "LPS")
    return sitk.GetArrayFromImage(image)[88].astype(np.float64)


def _tilted(plate: Image.Image) -> Image.Image:
    """A square plate as seen from the side: a parallelogram as wide as the icon and a third as high."""
    width, height, lean = DRAWN, 360, 300
    # Every pixel (x, y) of the result shows a * x + b * y + c, d * x + e * y + f of the plate.
    wide = (width - lean - 80) / plate.width
    shear = lean / height
    affine = (1 / wide, shear / wide, -(lean + 40) / wide, 0.0, plate.height / height, 0.0)
    return plate.transform((width, height), Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC)


def _night() -> Image.Image:
    image = Image.new("RGBA", (DRAWN, DRAWN), (0, 0, 0, 0))
    ImageDraw.Draw(image).rounded_rectangle([0, 0, DRAWN - 1, DRAWN - 1], radius=180, fill=_NIGHT)
    return image


def _reduced(image: Image.Image) -> Image.Image:
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
