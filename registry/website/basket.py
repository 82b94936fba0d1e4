"""The signatories and commitments that a reader collects to compare: the address keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from registry.log import keys
from registry.website.parameters import ParameterError

PARAMETER = "compare"
MOST = 6
KINDS = ("signatory", "commitment")


@dataclass(frozen=True)
class Basket:
    """The collected keys, in the order in which they were added."""

    keys: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: QueryDict) -> "Basket":
        """Return the basket in a query, or raise ParameterError."""
        found = tuple(dict.fromkeys(filter(None, query.get(PARAMETER, "").split("."))))
        if any(not keys.is_key(key) or keys.kind_of(key) not in KINDS for key in found):
            raise ParameterError(PARAMETER, "Give references of signatories and commitments.")
        if len(found) > MOST:
            raise ParameterError(PARAMETER, f"Compare at most {MOST}.")
        return cls(found)

    @property
    def is_full(self) -> bool:
        return len(self.keys) >= MOST

    @property
    def text(self) -> str:
        return ".".join(self.keys)

    def url_with(self, key: str) -> str:
        """Return the address of the comparison with one more."""
        return _comparison_url((*(k for k in self.keys if k != key), key))

    def url_without(self, key: str) -> str:
        return _comparison_url([k for k in self.keys if k != key])


def _comparison_url(compared: Sequence[str]) -> str:
    query = f"?{urlencode({PARAMETER: '.'.join(compared)})}" if compared else ""
    return f"{reverse('website:compare')}{query}"
