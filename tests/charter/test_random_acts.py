"""A few hundred random acts by several people; tests/proof runs thousands."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests import factories
from tests.charter.random_acts import RandomActs

pytestmark = pytest.mark.django_db


def test_commitment_is_always_in_a_legal_state():
    factories.brookfield()
    few = settings(
        max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=[*HealthCheck]
    )
    run_state_machine_as_test(RandomActs, settings=few)
