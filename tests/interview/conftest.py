"""Each test of the interview room keeps its progress in a folder of its own."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WSLEARN_DATA", str(tmp_path / "data"))
    return tmp_path / "data"
