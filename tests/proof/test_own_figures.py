"""Twenty random registers have the figures of their own items on every page and in every file."""

import pytest
from django.test import Client

from registry import clock
from tests.registry.figure_checks import assert_figures_agree
from tests.registry.own_figures import OwnFigures
from tests.registry.public_pages import day
from tests.registry.test_own_figures import TODAY, random_register

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(100, 120))
def test_figures_of_random_registers_are_the_same_everywhere(seed):
    random_register(seed)
    with clock.fixed_at(day(TODAY)):
        figures = OwnFigures(Client().get)
        assert_figures_agree(figures, pages_of=figures.cases)
