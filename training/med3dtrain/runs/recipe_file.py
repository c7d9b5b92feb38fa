"""What is wrong with a recipe, told by its file and its entry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from Med3DInsightLib.errors import UserError


@contextmanager
def recipe_file(path: Path, error: type[UserError] = UserError) -> Iterator[None]:
    """Raise an error that names the file, and the first wrong entry of what is read and validated within.

    with recipe_file(path):
        return TypeAdapter(Recipe).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    """
    try:
        yield
    except ValidationError as invalid:
        first = invalid.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the recipe"
        raise error(f"{place}: {first['msg']}", path) from invalid
    except (OSError, ValueError, KeyError, RecursionError) as unreadable:
        raise error(f"cannot be read as a recipe ({unreadable})", path) from unreadable
