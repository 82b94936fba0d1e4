"""A misspelt variable in a template fails the test that renders it."""

import pytest
from django.template import Context, Origin, Template

from tests.template_variables import FOLDER

KNOWN = {"row": {"key": "C-7F3K2", "check": None}, "rows": [], "missing_value": None}


def render(text: str, folder: str = str(FOLDER)) -> str:
    return Template(text, origin=Origin(f"{folder}/page.html")).render(Context(KNOWN))


@pytest.mark.parametrize(
    "text",
    [
        "{{ titel }}",
        "{{ row.titel }}",
        "{{ row.check.titel }}",
        "{{ titel|default:'No title' }}",
        "{% if titel %}{% endif %}",
        "{% if not titel %}{% endif %}",
        "{% if rows or titel == 'Trees' %}{% endif %}",
        "{% for part in titel %}{% endfor %}",
        "{% with part=titel %}{% endwith %}",
        "{% firstof titel 'No title' %}",
        "{% include 'components/back_link.html' with href='/' text=titel only %}",
    ],
)
def test_unknown_variable_fails_with_template_line_and_name(text):
    with pytest.raises(pytest.fail.Exception, match=r"^page\.html, line 2: (row\.\S*)?titel is"):
        render(f"<h1>\n{text}")


def test_partial_template_must_be_given_all_that_it_names():
    with pytest.raises(pytest.fail.Exception, match=r"components/back_link\.html, line 1: text is"):
        render("{% include 'components/back_link.html' with href='/' only %}")


def test_none_and_empty_values_are_known():
    assert render("{% if row.check or missing_value %}Yes{% endif %}{{ rows|length }}") == "0"


def test_templates_of_other_packages_may_name_unknown_variables():
    assert render("{{ titel }}{% if titel %}Yes{% endif %}", folder="/elsewhere") == ""
