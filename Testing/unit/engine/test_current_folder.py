"""The folder in which a program was started may hold anything, such as received data; no code comes from there."""

from __future__ import annotations


def test_a_worker_imports_nothing_from_the_current_folder(start_worker, tmp_path, monkeypatch):
    for name in ("json", "torch", "SimpleITK"):
        (tmp_path / f"{name}.py").write_text("open('was-imported', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    analysis = start_worker()
    analysis.client.wait(analysis.release_memory())
    assert not (tmp_path / "was-imported").exists()
