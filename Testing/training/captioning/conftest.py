"""A study of three small CTs."""

from __future__ import annotations

import pytest

from .parts import write_study


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MED3DINSIGHT_API_KEY", raising=False)
    return write_study(tmp_path)
