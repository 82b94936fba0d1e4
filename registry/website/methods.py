"""The page on legal basis and methods: the themes by kind of well-being."""

from dataclasses import dataclass

from registry.models import Record
from registry.website.record_pages import RecordLink

# The three kinds of well-being in the Act (economic, social, environmental), and their themes.
THEMES_OF_WELLBEING = {
    "Economic": {"local-employment", "buy-local", "ethical-procurement"},
    "Social": {"local-employment", "partners-in-communities", "good-employer"},
    "Environmental": {"green-and-sustainable"},
}


@dataclass(frozen=True)
class Wellbeing:
    """A kind of well-being, and the themes that serve it first."""

    title: str
    themes: list[RecordLink]


@dataclass(frozen=True)
class MethodsPage:
    wellbeing: list[Wellbeing]
    other_themes: list[RecordLink]


def build_methods_page() -> MethodsPage:
    """Return the themes by kind of well-being. One query."""
    themes = Record.objects.of_kind("theme").readable().order_by("item__position")
    links = [(theme.code, RecordLink(theme.key, theme.name or theme.key)) for theme in themes]
    all_codes = set().union(*THEMES_OF_WELLBEING.values())
    return MethodsPage(
        wellbeing=[
            Wellbeing(title, [link for code, link in links if code in codes])
            for title, codes in THEMES_OF_WELLBEING.items()
        ],
        other_themes=[link for code, link in links if code not in all_codes],
    )
