"""Build Atom feeds of changes, with old and new values in words and the hash of the head."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from registry.models import ListedEntry
from registry.website import changes
from registry.website.badges import find_badge
from registry.website.follow_subjects import REGISTER, Subject
from registry.website.pages import Visit
from registry.website.parameters import entry_before
from registry.wording.formatting import quote

ROWS = 50
# Atom requires a date even for a feed without entries.
EMPTY_FEED_DATE = datetime(2000, 1, 1, tzinfo=UTC)


class Feed(Atom1Feed):
    """An Atom feed with a link to older entries (RFC 5005)."""

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        if self.feed["older"]:
            handler.addQuickElement("link", "", {"rel": "next", "href": self.feed["older"]})

    def latest_post_date(self) -> datetime:
        """Return when its subject last changed: not every change has an entry of its own here."""
        return self.feed["changed_at"] or EMPTY_FEED_DATE


def build_feed(subject: Subject, visit: Visit) -> bytes:
    """Return the entries about a subject, newest first, as Atom.

    The subtitle says how its commitments are, as a badge does.
    """
    head, before = visit.head, entry_before(visit.query, "before")
    badge = find_badge(subject.about, visit.today)
    # What readers follow has the list of entries with its own name.
    entries = ListedEntry.objects.newest(subject.about, ROWS + 1, before=before)
    changed_at = head.at if subject.about == REGISTER else subject.changed_at
    if changed_at is None and entries:  # of a place
        changed_at = entries[0].at
    site = settings.PUBLIC_URL
    address = f"{site}{visit.path}"
    feed = Feed(
        title=f"What changed: {subject.title} – Charter Register",
        link=f"{site}{subject.path}",
        description="",
        feed_url=address,
        feed_guid=address.partition("?")[0],
        subtitle=f"{badge.alt_text if badge else ''} "
        f"Head of the register: entry {head.number}, hash {head.hash}".strip(),
        author_name="Charter Register",
        language="en-GB",
        changed_at=changed_at,
        older=f"{address.partition('?')[0]}?before={entries[ROWS - 1].number}"
        if len(entries) > ROWS
        else "",
    )
    for entry, change in zip(entries[:ROWS], changes.describe_entries(entries[:ROWS]), strict=True):
        feed.add_item(
            title=f"{change.title}: {change.text.fact}",
            link=f"{site}{change.href}",
            description=_change_html(change),
            unique_id=f"{site}/id/{entry.key}#entry-{entry.number}",
            pubdate=entry.at,
            updateddate=entry.at,
        )
    return feed.writeString("utf-8").encode()


def _change_html(change: changes.Change) -> SafeString:
    """Return a change as a few paragraphs: what happened, old and new values, reason."""
    lines = [change.text.sentence, *(line.sentence for line in change.changes)]
    if change.reason:
        lines.append(f"Reason given: {quote(change.reason)}")
    lines.append(f"Entry {change.number}")
    return format_html_join("", "<p>{}</p>", ((line,) for line in lines))
