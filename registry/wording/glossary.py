"""What others say for the words of the register: for the glossary, and for searches."""

from dataclasses import dataclass

from registry.reference_data.synonyms import fold


@dataclass(frozen=True)
class OurWord:
    """A word of the register, the name of its part of the glossary, and the words of others."""

    section: str
    word: str
    others: tuple[str, ...]


WORDS = [
    OurWord("charter", "charter", ("code", "compact")),
    OurWord("signatory", "signatory", ("supplier", "provider", "member")),
    OurWord("commitment", "commitment", ("pledge", "offer", "social value commitment")),
    OurWord("theme", "theme", ("principle", "pillar")),
    OurWord("measure", "measure", ("indicator", "KPI", "metric")),
    OurWord("update", "update", ("progress report", "return")),
    OurWord("success", "success", ("case study",)),
    OurWord("social-value", "social value", ("community benefit",)),
]


def find_our_word(text: str) -> OurWord | None:
    """Return our word for one of others, or None."""
    folded = fold(text)
    return next((ours for ours in WORDS if folded in map(fold, ours.others)), None)
