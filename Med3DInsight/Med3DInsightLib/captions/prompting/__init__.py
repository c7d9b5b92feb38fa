"""What a multimodal language model is asked, and what can be read out of its answer; no torch, no network."""

from .prompt import AnswerForm, Prompt
from .prompt_file import read_prompt
from .sampling import Sampling
from .shipped import ShippedPrompts
from .structured_answer import StructuredAnswer

__all__ = ["AnswerForm", "Prompt", "Sampling", "ShippedPrompts", "StructuredAnswer", "read_prompt"]
