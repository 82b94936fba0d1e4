"""The words that an organisation accepts when it signs a charter, and what waits for them."""

import hashlib
from collections.abc import Iterator

from charter.errors import WrongStateError
from charter.models import Charter, Signatory

WHAT_IS_PUBLIC = (
    "Public, and kept on record for ever: what the register says about the organisation (its name, "
    "numbers, kind, size, sector, places and website), the day on which it signed, its charter "
    "status, its commitments with every later version, its updates, evidence and successes, what "
    "the council publishes about them, and updates that we did not receive."
)
WHAT_IS_PRIVATE = "Never public: the names and email addresses of its people, drafts, and emails."
NOT_SIGNED_YET = (
    "Your organisation has not signed the charter yet, so nothing can be sent to the council. An "
    "owner or senior sponsor can sign it."
)
# What the person who signs says, by the name of the tick.
STATEMENTS = {
    "may_sign": "I may sign for {organisation}",
    "licence": "Texts that we publish are under the Open Government Licence",
    "permanence": "What is published stays on record",
}


def statements_for(organisation: object) -> dict[str, str]:
    """Return the three statements as a person of an organisation makes them."""
    return {
        name: statement.format(organisation=organisation) for name, statement in STATEMENTS.items()
    }


def text_of(charter: Charter, organisation: object) -> str:
    """Return the exact words that a person accepts: the charter, what is public, the statements."""
    return "\n\n".join(_paragraphs(charter, organisation))


def digest_of(text: str) -> str:
    """Return the public digest of accepted words."""
    return hashlib.sha256(text.encode()).hexdigest()


def check_public(signatory: Signatory) -> None:
    """Raise WrongStateError while a signatory is private."""
    if not signatory.is_public:
        raise WrongStateError(f"{signatory} has not signed the charter yet, so it is not public.")


def check_accepted(signatory: Signatory) -> None:
    """Raise WrongStateError while a signatory has to accept before it can send anything."""
    if signatory.must_accept:
        raise WrongStateError(NOT_SIGNED_YET)


def _paragraphs(charter: Charter, organisation: object) -> Iterator[str]:
    yield f"{charter.title}, edition {charter.edition}"
    yield charter.description
    if charter.document_url:
        yield charter.document_url
    yield from (WHAT_IS_PUBLIC, WHAT_IS_PRIVATE)
    yield from statements_for(organisation).values()
