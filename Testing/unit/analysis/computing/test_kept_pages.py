"""Memory of freed tensors stays with the process that computes, until it is given back."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys

import pytest

from Med3DInsightLib.analysis.computing.kept_pages import keep_pages, return_pages

_PROGRAM = """
import psutil, torch
from Med3DInsightLib.analysis.computing.kept_pages import keep_pages, return_pages
used = lambda: psutil.Process().memory_info().rss // 2**20
before = used()
keep_pages()
tensor = torch.ones(2**26)  # 256 MiB
del tensor
kept = used() - before
return_pages()
print(kept, used() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told to keep pages")
def test_a_freed_tensor_stays_in_the_process_until_pages_are_returned():
    out = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True).stdout
    kept, left = map(int, out.split())
    assert kept > 240
    assert left < 60


def test_elsewhere_than_on_linux_no_library_of_the_system_is_asked(monkeypatch):
    def refuse(name):
        raise AssertionError("a library was opened")

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "CDLL", refuse)
    keep_pages()
    return_pages()
