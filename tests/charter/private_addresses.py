"""Every private address, and the record it names; what an act needs follows from the view."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from charter.roles import PERMISSIONS, Permission

Records = dict[str, Any]
# Records of the council, not of an organisation: staff who are members of one decide them too.
COUNCIL_RECORDS = {
    "list",
    "act",
    "application",
    "error_report",
    "officer",
    "invited_officer",
    "message",
    "person",
}


@dataclass(frozen=True)
class Address:
    """A private address, and how it is opened."""

    name: str
    method: str
    records: dict[str, str] = field(default_factory=dict)
    act: str = ""  # if it is not what the view says: a page with a form of another permission
    data: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.name} {self.act}".strip()

    @property
    def is_of_council(self) -> bool:
        return self.name.startswith("council:")

    @property
    def permission_name(self) -> str:
        return self.act or VIEWS[self.name].permission

    @property
    def permission(self) -> Permission:
        return PERMISSIONS[self.permission_name]

    @property
    def names_a_record(self) -> bool:
        return bool(self.records.keys() - {"suffix"})

    @property
    def names_an_organisations_record(self) -> bool:
        return self.names_a_record and not COUNCIL_RECORDS & set(self.records.values())

    def path(self, records: Records) -> str:
        return reverse(self.name, kwargs={n: records.get(v, v) for n, v in self.records.items()})


def page(name: str, act: str = "", /, **records: str) -> Address:
    return Address(name, "GET", records, act)


def form(
    name: str, act: str = "", data: dict[str, str] | None = None, /, **records: str
) -> Address:
    return Address(name, "POST", records, act, data or {})


def both(name: str, /, **records: str) -> list[Address]:
    """Return a page and its form, which need the same permission."""
    return [page(name, **records), form(name, **records)]


ADDRESSES = [
    page("business:home"),
    page("business:activity"),
    *both("business:details"),
    page("business:sign", key="signatory"),
    form("business:sign", "charter.accept", key="signatory"),
    form("business:sign", "charter.decline", {"decline": "yes"}, key="signatory"),
    page("business:people"),
    form("business:people", "person.invite"),
    *both("business:person_end", membership="colleague"),
    *both("business:person_role", membership="colleague"),
    form("business:invitation_end", invitation="invitation"),
    *both("business:commitment_new"),
    page("business:commitment", key="draft"),
    *both("business:commitment_edit", key="draft"),
    page("business:commitment_preview", key="draft"),
    form("business:commitment_send", key="draft"),
    page("business:commitment_change", key="commitment"),
    *both("business:change_write", key="commitment", action="amend"),
    page("business:change_preview", key="commitment"),
    form("business:change_send", key="commitment"),
    form("business:change_drop", key="commitment"),
    form("business:take_back", key="submitted", item_key="submitted"),
    page("business:letter", key="letter"),
    *both("reporting:help", key="commitment"),
    form("business:letter", "letter.respond", key="letter"),
    page("business:reply", key="silent_commitment"),
    form("business:reply", "reply.draft", key="silent_commitment"),
    page("business:reply_preview", key="silent_commitment"),
    form("business:reply_preview", "reply.submit", key="silent_commitment"),
    *both("business:success", key="success"),
    page("business:check", key="update"),
    form("business:check", "check.reply", key="update"),
    *both("business:confirmations", key="update"),
    page("business:evidence", reference="evidence"),
    page("business:spreadsheet"),
    form("business:spreadsheet", "spreadsheet.upload"),
    page("business:spreadsheet_download", suffix="csv"),
    *both("business:spreadsheet_preview", number="spreadsheet"),
    page("business:spreadsheet_problems", number="spreadsheet"),
    *both("reporting:success", key="commitment"),
    *both("reporting:update", key="commitment"),
    *both("reporting:update_preview", key="commitment"),
    page("reporting:update_sent", key="commitment"),
    *both("reporting:ask_colleague", key="commitment"),
    *both("reporting:reminders"),
    form("reporting:renew_calendar", key="signatory"),
    page("council:queue"),
    page("council:activity"),
    page("council:activity_csv"),
    page("council:act", number="act"),
    page("council:record_activity", key="commitment"),
    *both("council:correct", key="commitment"),
    page("council:item", key="submitted"),
    form("council:publish", key="submitted"),
    form("council:return", key="submitted"),
    form("council:item_ask", key="submitted"),
    page("council:application", number="application"),
    form("council:application", "application.admit", number="application"),
    form("council:application", "application.decline", {"decline": "yes"}, number="application"),
    page("council:error_report", number="error_report"),
    form("council:error_report", "error_report.answer", number="error_report"),
    page("council:help_request", number="help_request"),
    form("council:help_request", "help_request.answer", number="help_request"),
    *both("council:redact"),
    page("council:redaction", number="redaction"),
    form("council:redaction", "", {"confirm": "yes"}, number="redaction"),
    *both("council:staff"),
    *both("council:staff_end", membership="officer"),
    form("council:staff_invitation_end", invitation="invited_officer"),
    *both("council:bulk_change"),
    *both("council:set_up"),
    *both("council:signatory_new"),
    page("council:signatories"),
    page("council:invited"),
    form("council:invite_again", key="signatory"),
    form("council:delete_invited", key="signatory"),
    page("council:details", key="signatory"),
    form("council:details", "details.revise", key="signatory"),
    form("council:details", "details.decline", {"decline": "yes"}, key="signatory"),
    page("council:health"),
    form("council:trust_clock"),
    page("council:standing", key="signatory"),
    page("council:standing_step", "signatory.suspend", key="signatory", name="suspend"),
    form("council:standing_step", "signatory.suspend", key="signatory", name="suspend"),
    page("council:people", key="signatory"),
    form("council:people", "person.invite", key="signatory"),
    *both("council:person_end", membership="colleague"),
    *both("council:person_role", membership="colleague"),
    form("council:invitation_end", invitation="invitation"),
    *both("council:import"),
    page("council:import_empty"),
    *both("council:import_preview", number="list"),
    page("council:import_problems", number="list"),
    page("council:checks"),
    page("council:check", key="update"),
    form("council:check", "check.record", key="update"),
    form("council:plan", key="update"),
    page("council:evidence", reference="evidence"),
    page("council:proposal", number="proposal"),
    form("council:proposal", "signatory.remove", {"agree": "yes"}, number="proposal"),
    form("council:proposal", "proposal.decline", {"decline": "yes"}, number="proposal"),
    form("council:proposal", "proposal.withdraw", {"withdraw": "yes"}, number="proposal"),
    page("council:featured_records"),
    form("council:featured_records", "example.feature"),
    *both("council:featured_record", key="featured_record"),
    page("council:late_updates"),
    form("council:mailbox_working", membership="colleague"),
    *both("council:extend"),
    *both("council:contact", key="signatory"),
    *both("council:letter", key="silent_period"),
    *both("council:letters", key="signatory"),
    page("council:reminders"),
    form("council:reminder_test", person="person"),
    *both("council:first_update_invitations"),
    form("council:reminders_stop", "", {"reason": "A wrong date."}),
    form("council:reminders_begin_again"),
    page("council:messages"),
    form("council:release"),
    form("council:release_place"),
    form("council:resume_sending"),
    form("council:message_again", message="message"),
    form("council:message_sent", message="message"),
]


def named_views(
    resolver: URLResolver | None = None, namespace: str = ""
) -> Iterator[tuple[str, Any]]:
    """Yield name and view of every address in the URL configuration."""
    patterns: list[URLPattern | URLResolver] = (resolver or get_resolver()).url_patterns
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from named_views(pattern, inner)
        else:
            yield f"{namespace}{pattern.name}", pattern.callback


VIEWS: dict[str, Any] = dict(named_views())
