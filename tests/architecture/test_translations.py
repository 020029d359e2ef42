"""Every language says everything, and says it consistently."""

import pytest

from translations import catalogues

pytestmark = pytest.mark.pure


def test_every_message_is_translated_once_and_completely() -> None:
    found = catalogues.check()
    assert not found, "`make messages` brings in what is missing:\n" + "\n".join(found)
