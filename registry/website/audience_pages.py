"""Build the landing pages of audiences: purpose, duties, benefits and first steps."""

from typing import Any

from django.urls import reverse

from registry.models import Record

# The three kinds of well-being in the Act (economic, social, environmental), and their themes.
WELLBEING_HEADS = {
    "Economic": {"local-employment", "buy-local", "ethical-procurement"},
    "Social": {"local-employment", "partners-in-communities", "good-employer"},
    "Environmental": {"green-and-sustainable"},
}
# Title, purpose, duties, benefits, and first steps: (URL name, link text, reason).
AUDIENCES: dict[str, tuple[str, str, list[str], list[str], list[tuple[str, str, str]]]] = {
    "businesses": (
        "For businesses",
        "You promise something that is good for the area. The register shows that you did, how it "
        "is going, and what came of it.",
        [
            "Write down what you will do, by when, and how people will know.",
            "Say how it stands when we ask: two minutes, and “nothing has changed” is an answer.",
            "If a commitment must change, say why. The first one stays in view.",
        ],
        [
            "One page to point buyers to, with a history that anybody can check.",
            "A printed statement for a tender, as at any date.",
            "A badge for your own site that is always up to date.",
            "Your successes told beside your figures.",
        ],
        [
            ("business:home", "Sign in and write", "A commitment, or an update on one."),
            ("website:measures", "See what can be promised", "With the usual evidence for each."),
            ("website:successes", "Read what others did", "And make a commitment like it."),
        ],
    ),
    "buyers": (
        "For commissioners and buyers",
        "See what a bidder promised before and what came of it, and follow what was promised to "
        "you after the contract is signed.",
        [
            "Ask bidders for the key of their record, and check it here.",
            "Name the measure you want, so that commitments can be compared.",
        ],
        [
            "Commitment and delivery side by side, with the level of proof.",
            "Every change of a commitment, with its reason.",
            "Like compared with like: the same measure, the same size of organisation.",
        ],
        [
            (
                "website:signatories",
                "Look up an organisation",
                "All its commitments over all years.",
            ),
            ("website:compare", "Compare like with like", "One measure, the median beside."),
            ("website:methods", "Legal basis and methods", "What the Act says, what is accepted."),
        ],
    ),
    "councillors": (
        "For councillors",
        "See what was promised for your ward, what came of it, and who has gone silent.",
        ["Nothing. Everything is public, and kept up to date by those who promised."],
        [
            "A page for each ward, with city-wide commitments listed apart.",
            "Totals that say of how many, on which day, and who is missing.",
            "A feed that tells you when something for your ward moves.",
        ],
        [
            ("website:places", "Find your ward", "What is promised and done there."),
            ("website:statistics", "The register in numbers", "Each with its denominator."),
            ("website:changes", "What changed", "Weakened, withdrawn and overdue commitments."),
        ],
    ),
    "residents": (
        "For residents",
        "Organisations that work for your council have promised to do good where you live. "
        "Here you see "
        "what, and whether it happened.",
        [
            "Nothing: no account, no cookie.",
            "If something here is wrong, tell us, and the correction will say so.",
        ],
        [
            "The commitments for your ward in plain words.",
            "Stories of what came of them.",
            "The names of those who did not answer.",
        ],
        [
            ("website:places", "Find your ward", "What is promised and done there."),
            ("website:successes", "Read the successes", "What came of commitments."),
            ("website:contact", "Ask or report", "Something is wrong, or you have a question."),
        ],
    ),
    "re-users": (
        "For re-users of data",
        "The whole register is open data, with its whole history, free for every use.",
        [
            "Name the source: the licence is the Open Government Licence v3.0.",
            "If an entry is redacted, remove its text from your copy too.",
        ],
        [
            "Lists, files and every change in order, without a key or an account.",
            "Permanent addresses that never die.",
            "A history that you can verify yourself.",
        ],
        [
            ("website:data", "Open data", "The licence, the lists, how to stay in step."),
            ("website:verify", "How to verify", "Recompute the whole history."),
            ("website:changes_feed", "Follow in a feed reader", "Old and new value in words."),
        ],
    ),
}


def audience_context(name: str) -> dict[str, Any] | None:
    """Return the landing page of an audience, or None for an unknown one."""
    if name not in AUDIENCES:
        return None
    title, purpose, duties, benefits, steps = AUDIENCES[name]
    return {
        "title": title,
        "what": purpose,
        "asks": duties,
        "gives": benefits,
        "steps": [
            {"href": reverse(url_name), "text": text, "why": reason}
            for url_name, text, reason in steps
        ],
    }


def methods_context() -> dict[str, Any]:
    """Return the themes by kind of well-being. One query."""
    theme_rows = [
        {"key": row.key, "title": row.name, "code": row.code}
        for row in Record.objects.of_kind("theme").readable().order_by("item__position")
    ]
    wellbeing_codes = set().union(*WELLBEING_HEADS.values())
    return {
        "heads": [
            {"title": title, "themes": [theme for theme in theme_rows if theme["code"] in codes]}
            for title, codes in WELLBEING_HEADS.items()
        ],
        "unfiled": [theme for theme in theme_rows if theme["code"] not in wellbeing_codes],
    }
