"""Entropic optimal transport in the log domain: balanced and partial plans with exact gradients."""

from .plans import TransportPlan, balanced_plan, partial_plan
from .potentials import Stopping

__all__ = ["Stopping", "TransportPlan", "balanced_plan", "partial_plan"]
