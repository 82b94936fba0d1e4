"""The record of acts as people read it: which acts they may see, and each in a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from charter.models import (
    Act,
    ActObject,
    Invitation,
    Membership,
    Organisation,
    Reviewable,
    StaffMembership,
    User,
)
from charter.models.people import own_organisations
from charter.roles import ACT_LABELS, INTERNAL_ACTS, MemberRole, StaffRole
from registry import clock
from registry.models import Record
from registry.wording.formatting import format_day, format_moment

DAY = timedelta(days=1)
ROLE_LABELS = dict([*MemberRole.choices, *StaffRole.choices])
# Whom an object is about: the first of these fields that is not empty.
PERSON_OF: dict[type[models.Model], tuple[str, ...]] = {
    Membership: ("user__name", "user__email"),
    StaffMembership: ("user__name", "user__email"),
    Invitation: ("email",),
}
# Instead of a person.
OTHER_CAUSES = {
    Act.Cause.TICK: "The register",
    Act.Cause.LINK: "The holder of a link",
    Act.Cause.VISITOR: "A visitor",
    Act.Cause.COMMAND_LINE: "The command line",
}


@dataclass(frozen=True)
class FieldChange:
    """One changed field of an object, as text before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class TouchedItem:
    """One object of an act: what it is, its public key, whom it is about, its changed fields."""

    noun: str
    key: str
    is_public: bool
    person: str
    organisation: Organisation | None
    changes: list[FieldChange]


@dataclass(frozen=True)
class ActivityLine:
    """An act as a sentence: who, in which role, did what to which objects."""

    act: Act
    who: str
    did: str
    items: list[TouchedItem]

    @property
    def records(self) -> dict[str, bool]:
        """Return the keys of its objects, each with True if it has a public page."""
        return {item.key: item.is_public for item in self.items if item.key}

    @property
    def about(self) -> list[str]:
        """Return the people and the organisations that it is about, each once."""
        people = [item.person for item in self.items]
        organisations = [str(item.organisation or "") for item in self.items]
        return list(dict.fromkeys(filter(None, people + organisations)))


@dataclass(frozen=True)
class Lookup:
    """What the objects of several acts are called today, read at once."""

    public_keys: set[str]
    people: dict[tuple[str, int], str]

    def item(self, row: ActObject, changes: list[FieldChange]) -> TouchedItem:
        return TouchedItem(
            _noun(row),
            row.key,
            row.key in self.public_keys,
            self.people.get((row.label, row.object_id), ""),
            row.organisation,
            changes,
        )


def acts_for_staff(user: User) -> QuerySet[Act]:
    """Filter to acts that touched something of the user's authorities, or nothing of any.

    They come with the objects that the user may see.
    """
    objects = ActObject.objects.filter(act=OuterRef("pk"))
    somebodys = objects.exclude(authority=None, organisation=None)
    acts = Act.objects.filter(Exists(somebodys.for_staff(user)) | ~Exists(somebodys))
    return _with_objects(acts, ActObject.objects.for_staff(user))


def acts_for_member(user: User) -> QuerySet[Act]:
    """Filter to acts that touched the user's own organisations, without what staff prepare."""
    objects = ActObject.objects.filter(act=OuterRef("pk"))
    own = objects.filter(organisation__in=own_organisations(user))
    acts = Act.objects.filter(Exists(own)).exclude(verb__in=INTERNAL_ACTS)
    return _with_objects(acts, ActObject.objects.all())


def find_sender(submission: Reviewable) -> Act | None:
    """Return the act by which a submission was last sent to the council."""
    objects = ActObject.objects.filter(
        act=OuterRef("pk"), label=submission._meta.label, object_id=submission.pk
    )
    sent = Act.objects.filter(Exists(objects), verb__endswith=".submit")
    return sent.select_related("person").order_by("number").last()


def search_acts(
    acts: QuerySet[Act],
    *,
    person: str = "",
    verb: str = "",
    key: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[Act]:
    """Filter acts by a part of a person's name or address, a verb, a record's key and days."""
    if person:
        acts = acts.filter(Q(person__name__icontains=person) | Q(person__email__icontains=person))
    if verb:
        acts = acts.filter(verb=verb)
    if key:
        acts = acts.filter(Exists(ActObject.objects.filter(act=OuterRef("pk"), key=key)))
    if since:
        acts = acts.filter(at__gte=clock.end_of_day(since - DAY))
    if until:
        acts = acts.filter(at__lt=clock.end_of_day(until))
    return acts


def describe_acts(acts: Iterable[Act]) -> list[ActivityLine]:
    """Return acts as staff read them."""
    acts = list(acts)
    lookup = _look_up(acts)
    return [
        ActivityLine(
            act,
            describe_actor(act),
            _did(act),
            [lookup.item(row, _changes(row)) for row in act.objects_touched.all()],
        )
        for act in acts
    ]


def describe_for_member(acts: Iterable[Act], user: User) -> list[ActivityLine]:
    """Return acts as members read them: staff without their names, and nothing of others."""
    own = set(own_organisations(user).values_list("organisation", flat=True))
    acts = list(acts)
    lookup = _look_up(acts)
    lines = []
    for act in acts:
        rows = [row for row in act.objects_touched.all() if row.organisation_id in own]
        who = "The council" if act.role in StaffRole.values else describe_actor(act)
        items = [lookup.item(row, []) for row in rows]
        if len(own) == 1:  # whose pages these are needs no saying
            items = [replace(item, organisation=None) for item in items]
        lines.append(ActivityLine(act, who, _did(act), items))
    return lines


def _with_objects(acts: QuerySet[Act], objects: QuerySet[ActObject]) -> QuerySet[Act]:
    objects = objects.select_related("organisation").order_by("pk")
    return acts.select_related("person").prefetch_related(
        Prefetch("objects_touched", queryset=objects)
    )


def describe_actor(act: Act) -> str:
    """Return who did an act, with the role of a person: Asha (owner)."""
    if act.person is None:
        return OTHER_CAUSES.get(Act.Cause(act.cause), act.get_cause_display())
    alone = "acting alone" if act.source == Act.ALONE else ""
    notes = ", ".join(filter(None, [ROLE_LABELS.get(act.role, "").lower(), alone]))
    return f"{act.person} ({notes})" if notes else str(act.person)


def _did(act: Act) -> str:
    return ACT_LABELS.get(act.verb, act.verb)


def _look_up(acts: Iterable[Act]) -> Lookup:
    """Read which keys are public, and whom memberships, roles and invitations are about.

    Names are read from the rows of today, so that an act keeps none.
    """
    rows = [row for act in acts for row in act.objects_touched.all()]
    public = Record.objects.filter(key__in={row.key for row in rows if row.key})
    people = {}
    for model, fields in PERSON_OF.items():
        label = model._meta.label
        ids = [row.object_id for row in rows if row.label == label]
        for pk, *names in model._default_manager.filter(pk__in=ids).values_list("pk", *fields):
            people[label, pk] = next(filter(None, names), "")
    return Lookup(set(public.values_list("key", flat=True)), people)


def _changes(row: ActObject) -> list[FieldChange]:
    before, after = row.before or {}, row.after or {}
    model = _model_of(row)
    return [
        _describe_change(model, name, before.get(name), after.get(name))
        for name in dict.fromkeys([*before, *after])
    ]


def _noun(row: ActObject) -> str:
    model = _model_of(row)
    return str(model._meta.verbose_name).capitalize() if model else row.label


def _model_of(row: ActObject) -> type[models.Model] | None:
    """Return the model of an object; None if a later release has removed it."""
    try:
        return apps.get_model(row.label)
    except LookupError:
        return None


def _describe_change(
    model: type[models.Model] | None, name: str, before: Any, after: Any
) -> FieldChange:
    """Return a changed field in words; its plain values if a later release has removed it."""
    try:
        field: Any = model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        field = None
    label = str(field.verbose_name) if field else name.replace("_", " ")
    return FieldChange(label, _as_text(before, field), _as_text(after, field))


def _as_text(value: Any, field: Any) -> str:
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
    if field and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateTimeField):
        return format_moment(datetime.fromisoformat(value).astimezone(clock.LONDON))
    if isinstance(field, models.DateField):
        return format_day(date.fromisoformat(value))
    return str(value)
