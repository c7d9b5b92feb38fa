"""What can go wrong with a teacher."""

from __future__ import annotations

from ...errors import UserError


class TeacherError(UserError):
    """A teacher cannot be opened, or cannot embed what it was given."""
