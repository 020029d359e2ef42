"""Who may import whom: the contracts in pyproject.toml hold."""

import pytest
from importlinter.cli import lint_imports

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.pure


def test_every_import_contract_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    kept = lint_imports(config_filename="pyproject.toml", no_cache=True, no_logo=True) == 0
    assert kept, capsys.readouterr().out
