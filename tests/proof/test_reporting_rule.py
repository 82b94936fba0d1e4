"""Ten thousand random commitments: the reporting rule against a walk through the calendar."""

from hypothesis import given, settings

from tests.registry.test_reporting import cases, check_case


@settings(max_examples=10_000, deadline=None)
@given(cases())
def test_ten_thousand_commitments_have_the_states_that_a_walk_finds(case):
    check_case(case)
