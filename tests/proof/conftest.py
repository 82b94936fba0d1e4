"""Long tests have hours instead of minutes before they are ended with their stacks."""

from pathlib import Path

import pytest

HOURS = 6


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(HOURS * 3600))
