"""A change in words: the same facts, in the same order, on pages, in feeds and in emails."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import Truncator

from registry.wording.formatting import count_noun, quote

LONGEST_QUOTE = 30  # words of a signatory beside a change; its page has them all


@dataclass(frozen=True)
class ChangeText:
    """Who, what it came to, their words, and what it means; "" where there is none."""

    signatory: str
    fact: str  # "14 of 16 apprentices (+2), evidence provided"
    words: str = ""  # Of the signatory, as published.
    means: str = ""  # "On track"

    @property
    def quoted(self) -> str:
        """Return the first of their words in quotation marks."""
        return quote(Truncator(self.words).words(LONGEST_QUOTE)) if self.words else ""

    @property
    def fact_sentence(self) -> str:
        return _end_sentence(self.fact)

    @property
    def meaning(self) -> str:
        return _end_sentence(self.means) if self.means else ""

    @property
    def facts(self) -> str:
        """Return what happened in sentences, without saying who."""
        return " ".join(filter(None, [self.fact_sentence, self.quoted, self.meaning]))

    @property
    def sentence(self) -> str:
        """Return "Brindlewick Catering: 14 of 16 apprentices (+2), evidence provided. “…”"."""
        return f"{self.signatory}: {self.facts}" if self.signatory else self.facts


def _end_sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…", "”")) else f"{text}."


def group_heading(signatory: str, labels: Sequence[str]) -> str:
    """Return what a signatory did on a day: "Wharfedene updated 9 commitments".

    `labels` has the type of each change.
    """
    if len(labels) == 1 or not signatory:
        return signatory
    match set(labels).pop() if len(set(labels)) == 1 else "":
        case "Update":
            return f"{signatory} updated {count_noun(len(labels), 'commitment')}"
        case "New commitment":
            return f"{signatory} made {count_noun(len(labels), 'commitment')}"
    return f"{signatory}: {count_noun(len(labels), 'change')}"
