"""What becomes of a description: a caption with a score, and flags for what is suspicious about it."""

from .captioning import captions_of
from .judge import Agreement, CaptionJudge, QualitySettings

__all__ = ["Agreement", "CaptionJudge", "QualitySettings", "captions_of"]
