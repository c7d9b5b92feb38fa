from __future__ import annotations

from pathlib import Path

import pytest
import torch

from Med3DInsightLib.analysis.computing.device import has_fast_bfloat16

CPU_INFO = Path("/proc/cpuinfo")


@pytest.mark.skipif(not CPU_INFO.exists(), reason="only Linux tells here what the processor can do")
def test_bfloat16_is_fast_only_on_processors_that_have_instructions_for_it() -> None:
    flags = CPU_INFO.read_text(encoding="utf-8").split()
    assert has_fast_bfloat16(torch.device("cpu")) == ("avx512_bf16" in flags)
