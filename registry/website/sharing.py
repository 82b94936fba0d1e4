"""What search engines and shared links say of each public page: title, description and picture."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import Truncator

from registry.wording.formatting import format_day, quote


@dataclass(frozen=True)
class Sharing:
    """`about` names the picture, as `sharing_cards.find_card` does."""

    title: str
    description: str
    about: str = "home"


HOME = Sharing(
    "Charter Register",
    "What businesses promised under the council’s charter, and what they have delivered: every "
    "commitment, every update and every change.",
)
# By the template of the page. Pages without a line here are shared as the register.
PAGES = {
    "home": HOME,
    "commitments": Sharing(
        "All commitments",
        "Every commitment under the charter, with its target, its progress and its updates. Search "
        "by organisation, commitment or place.",
        "commitments",
    ),
    "commitments_past": Sharing(
        "Commitments on an earlier day", "What the register said on an earlier day.", "commitments"
    ),
    "summary": Sharing(
        "Commitments on one page", "Commitments and what came of them, on one page.", "commitments"
    ),
    "report": Sharing(
        "Full report", "Commitments, with what was promised and delivered.", "commitments"
    ),
    "compare": Sharing(
        "Compare commitments",
        "Commitments of one measure side by side, from starting point to target.",
        "measures",
    ),
    "signatories": Sharing(
        "Signatories",
        "Who has signed the charter, what they promised and how they are doing.",
        "signatories",
    ),
    "themes": Sharing(
        "Themes", "What the charter asks for, with what was promised and delivered.", "themes"
    ),
    "measures": Sharing(
        "Measures", "How commitments are counted, and what each measure counts.", "measures"
    ),
    "places": Sharing(
        "Places", "What has been promised and delivered in each ward of the city.", "places"
    ),
    "statistics": Sharing(
        "Statistics", "How many commitments were met, and how many updates arrive.", "statistics"
    ),
    "statistics_subject": Sharing(
        "Statistics", "Commitments by theme, size, sector and more.", "statistics"
    ),
    "statistics_measures": Sharing(
        "Statistics by measure", "What was promised and delivered, by measure.", "statistics"
    ),
    "successes": Sharing(
        "Successes", "What signatories have achieved, in their own words and pictures.", "successes"
    ),
    "changes": Sharing(
        "What has changed",
        "New commitments, updates and changes of what was promised, day by day.",
        "changes",
    ),
    "data": Sharing("Open data", "The whole register with its history, free to use.", "data"),
    "dictionary": Sharing("Data dictionary", "What each field of the open data means.", "data"),
    "builder": Sharing(
        "Add a badge to your website",
        "A badge that says what was promised and how it is going, and updates automatically.",
    ),
    "glossary": Sharing("Glossary", "What the words of the register mean."),
    "methods": Sharing("Methods", "How figures are counted, added up and checked."),
    "verify": Sharing("How to verify", "How to check that nothing was changed unnoticed."),
    "privacy": Sharing("Privacy", "What the register knows about you, and for how long."),
    "accessibility": Sharing("Accessibility", "How accessible the register is."),
    "contact": Sharing("Contact us", "Ask a question or report an error."),
    "for_residents": Sharing(
        "For residents", "The commitments to your area, and whether they were met."
    ),
    "for_buyers": Sharing("For buyers", "What bidders promised before and what they delivered."),
    "for_councillors": Sharing(
        "For councillors", "Your ward, who has stopped reporting and what was weakened."
    ),
    "for_businesses": Sharing(
        "For businesses", "Make a commitment, or send an update in two minutes."
    ),
    "for_re-users": Sharing(
        "For re-users", "The whole register as open data, with a history that anyone can verify."
    ),
}
Context = Mapping[str, Any]


def sharing_of(template: str, context: Context) -> Sharing:
    """Return how a page is shared, from its template and what is shown in it."""
    name = template.removeprefix("website/").removesuffix(".html")
    if name in RECORDS:
        return RECORDS[name](context)
    return PAGES.get(name, HOME)


def _commitment(context: Context) -> Sharing:
    page = context["commitment"]
    description = f"{page.signatory}: {page.headline.sentence}"
    return Sharing(quote(page.title), description, page.key)


def _signatory(context: Context) -> Sharing:
    page = context["signatory"]
    note = page.status.standing.note
    return Sharing(page.name, f"{note}. {page.sentence}" if note else page.sentence, page.key)


def _theme(context: Context) -> Sharing:
    page = context["theme"]
    return Sharing(page.title, f"{page.description} {page.sentence}", page.key)


def _measure(context: Context) -> Sharing:
    page = context["measure"]
    return Sharing(page.title, page.sentence, page.key)


def _place(context: Context) -> Sharing:
    place = context["place"]
    return Sharing(place["name"], place["sentence"], place["code"])


def _success(context: Context) -> Sharing:
    card = context["success"].card
    description = f"{card.signatory}: {Truncator(card.story).words(30)}"
    return Sharing(quote(card.title), description, card.key)


def _update(context: Context) -> Sharing:
    page = context["update"]
    day = format_day(page.reported_on)
    return Sharing(
        f"Progress update, {day}",
        f"{page.signatory.name} on {quote(page.commitment.name)}, reported on {day}.",
        page.commitment.key,
    )


RECORDS: dict[str, Callable[[Context], Sharing]] = {
    "commitment": _commitment,
    "signatory": _signatory,
    "theme": _theme,
    "measure": _measure,
    "place": _place,
    "success": _success,
    "update": _update,
}
