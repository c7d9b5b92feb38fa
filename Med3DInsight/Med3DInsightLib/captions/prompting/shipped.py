"""The prompts that come with the extension."""

from __future__ import annotations

from pathlib import Path

from ..errors import CaptionError
from .prompt import Prompt
from .prompt_file import read_prompt


class ShippedPrompts:
    """Looks prompts up by id in a folder of TOML files, by default the one beside this package.

    prompts = ShippedPrompts()
    prompts.names()                 # ['plain', 'question', 'structured']
    prompts.find("plain")           # or the path of a file of the user's own
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(__file__).resolve().parents[3] / "Resources" / "Med3DInsight" / "Prompts"

    def names(self) -> list[str]:
        """The ids of the shipped prompts, sorted."""
        return sorted(path.stem for path in self.folder.glob("*.toml"))

    def find(self, name_or_file: str | Path) -> Prompt:
        """The prompt of that id, or in that file; raises CaptionError, naming what there is, if there is none."""
        if str(name_or_file) in self.names():
            return read_prompt(self.folder / f"{name_or_file}.toml")
        if Path(name_or_file).is_file():
            return read_prompt(Path(name_or_file))
        known = ", ".join(self.names()) or "none are installed"
        raise CaptionError(
            f"there is no prompt '{name_or_file}'", next_step=f"choose a TOML file with a prompt, or one of: {known}"
        )
