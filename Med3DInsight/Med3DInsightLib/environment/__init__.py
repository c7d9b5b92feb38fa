"""What is installed, what is missing, what is broken: for everything the rest of the library needs.

Imports only the standard library, so that it works when every other package is missing or broken, and
looks at packages without importing them. Only requirement_language.py knows who reads version numbers.
"""

from .constraints import frozen_constraints
from .inspection import inspect_environment
from .package_report import EnvironmentReport, PackageReport, State
from .requirements_file import TORCH, read_requirements
from .trial_process import TrialProcess, TrialResult

__all__ = [
    "TORCH",
    "EnvironmentReport",
    "PackageReport",
    "State",
    "TrialProcess",
    "TrialResult",
    "frozen_constraints",
    "inspect_environment",
    "read_requirements",
]
