"""python -m Med3DInsightLib.environment.trial MODULE...: import for real, in a process of its own, and tell.

Modules are imported by name, so that this file, like the room, imports nothing but the standard library.
The last line that is printed starts with ANSWER and is JSON; whatever libraries print comes before it.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import sys
import threading
from typing import Any

from .trial_process import ANSWER


def import_for_real(names: list[str]) -> dict[str, Any]:
    """The versions of what could be imported, what the others raised, and where torch computes."""
    versions, errors = {}, {}
    for name in names:
        try:
            module = importlib.import_module(name)
        except BaseException as error:  # panics of compiled code are no Exception
            errors[name] = f"{type(error).__name__}: {error}"
        else:
            versions[name] = str(getattr(module, "__version__", ""))
    device = ""
    if "torch" in versions:
        try:
            device = computing_device(importlib.import_module("torch"))
        except Exception as error:  # a build for another GPU fails here in many ways
            errors["torch"] = f"it is imported, but cannot compute: {error}"
    return {"versions": versions, "errors": errors, "device": device, "python": sys.version.split()[0]}


def computing_device(torch: Any) -> str:
    """The name of the best device, after a computation on it."""
    kind, name = "cpu", "CPU"
    if torch.cuda.is_available():
        kind, name = "cuda", f"CUDA ({torch.cuda.get_device_name(0)})"
    elif torch.backends.mps.is_available():
        kind, name = "mps", "MPS"
    matrix = torch.ones(8, 8, device=kind)
    if float((matrix @ matrix).sum().item()) != 8.0**3:
        raise ArithmeticError(f"a product of two matrices is wrong on {name}")
    return name


def _end_with_parent() -> None:
    """The parent holds the other end of stdin; a launcher such as PythonSlicer would not pass on a kill."""
    sys.stdin.buffer.read()
    os._exit(1)


def main(names: list[str], seconds: float) -> None:
    """Import, print the answer; a hang ends after seconds with the place where it hung on stderr."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    answer = json.dumps(import_for_real(names))
    sys.stdout.write(f"\n{ANSWER}{answer}\n")
    sys.stdout.flush()
    os._exit(0)  # what libraries do at the end of a process is not asked for


if __name__ == "__main__":
    main(sys.argv[2:], float(sys.argv[1]))
