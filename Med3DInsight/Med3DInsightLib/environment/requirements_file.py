"""What has to be installed."""

from __future__ import annotations

from pathlib import Path

from ..errors import UserError

# torch is no line of the file: it comes from the PyTorch extension, which finds the build for the driver.
TORCH = "torch>=2.8"
SHIPPED = Path(__file__).resolve().parents[2] / "Resources" / "Med3DInsight" / "requirements.txt"


def read_requirements(path: Path = SHIPPED) -> tuple[str, ...]:
    """TORCH and the lines of a requirements file, without comments and without options of pip.

    Raises UserError if the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the requirements cannot be read ({error})", path, "install the extension again") from error
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    return (TORCH, *(line for line in lines if line and not line.startswith("-")))
