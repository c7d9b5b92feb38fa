"""Check the system libraries that offscreen rendering of MRML views needs.

Without EGL the renderer of slicer-core crashes instead of raising, so this is checked before the
tests start. A root user on a Debian system gets the packages installed; everybody else gets the line
to type.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys

PACKAGES = {"libEGL.so.1": "libegl1", "libEGL_mesa.so.0": "libegl-mesa0", "libGL.so.1": "libgl1"}


def missing_packages() -> list[str]:
    """Debian packages of the libraries that cannot be loaded; the driver comes with them."""
    missing = [package for library, package in PACKAGES.items() if not _can_load(library)]
    return [*missing, "libgl1-mesa-dri"] if missing else []


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _install(packages: list[str]) -> None:
    print(f"Installing {' '.join(packages)} with apt-get")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
    subprocess.run(["apt-get", "install", "-y", "-qq", *packages], check=True, env=environment)


def main() -> int:
    """Exit code 0 if everything is there."""
    if not sys.platform.startswith("linux"):
        return 0
    missing = missing_packages()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _install(missing)
        missing = missing_packages()
    if missing:
        print(f"System packages are missing. Run: sudo apt-get install -y {' '.join(missing)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
