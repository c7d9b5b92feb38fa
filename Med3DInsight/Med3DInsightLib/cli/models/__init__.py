"""med3dinsight models: what is installed, what can be fetched, and doing so."""

from .command import ModelsCommand

__all__ = ["ModelsCommand"]
