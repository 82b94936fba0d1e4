"""The spine of the record of acts: every outermost action runs in `act` or `acting`.

An act is written with the objects it touched, in the transaction of its action. Whatever is saved
or deleted meanwhile belongs to it. What bypasses `save()` has to be named: `created`, `changed`
and `update`, and `concerns` for an object that did not change.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.db import models, transaction
from django.db.models.signals import m2m_changed, post_delete, post_init, post_save

from charter.models import Act, ActObject, User
from charter.roles import ACT_LABELS
from charter.touched_objects import SAVED_VALUES, TouchedObject, Values, find_owners, values_of
from registry.log import publishing
from registry.models import ClockJump, Ledger
from registry.operations.ticks import running_tick

Cause = Act.Cause
P = ParamSpec("P")
R = TypeVar("R")

# Sending an email is no act, nobody records what readers follow, and a redaction is one act.
NOT_RECORDED = {
    "charter.Act",
    "charter.ActObject",
    "charter.ActPerson",
    "charter.Follower",
    "charter.Following",
    "charter.Message",
    "charter.MessageAttempt",
    "charter.Refusal",
    "charter.RefusedAddress",
    "reporting.CalendarAddress",
    "reporting.FileToErase",
    "reporting.Recheck",
    "reporting.RedactionTrace",
    "reporting.Reminder",
}


@dataclass
class Trail:
    """The act under way, with the objects it touched that are not written yet."""

    act: Act
    keeps_values: bool
    touched: dict[tuple[type[models.Model], Any], TouchedObject] = field(default_factory=dict)
    is_written: bool = False

    def note(self, instance: models.Model, before: Values | None, after: Values | None) -> None:
        """Note the values of an object, which keeps its first `before`."""
        noted = self.find(instance, before, after)
        noted.instance, noted.after = instance, after
        if after is None:
            # What it belonged to may be deleted next.
            noted.owners = find_owners(instance)

    def find(
        self, instance: models.Model, before: Values | None, after: Values | None
    ) -> TouchedObject:
        """Return what is noted of an object, by default these values."""
        default = TouchedObject(instance, instance.pk, before, after)
        return self.touched.setdefault((type(instance), instance.pk), default)

    def write(self) -> int:
        """Write the act with its objects so far; return its number."""
        self._write_rows(self._build_rows())
        return self.act.number

    def finish(self) -> None:
        """Write the objects that are left, if any."""
        if rows := self._build_rows():
            self._write_rows(rows)

    def _build_rows(self) -> list[ActObject]:
        rows = (noted.build_row(keeps_values=self.keeps_values) for noted in self.touched.values())
        return [row for row in rows if row]

    def _write_rows(self, rows: list[ActObject]) -> None:
        if self.act.verb not in ACT_LABELS:
            raise LookupError(f"There is no act of the name {self.act.verb!r}.")
        if not self.is_written:
            self.act.number = None
            self.act.save(force_insert=True)
            self.is_written = True
        for row in rows:
            row.act = self.act
        ActObject.objects.bulk_create(rows)
        self.touched = {}


_trail: ContextVar[Trail | None] = ContextVar("trail", default=None)


def act(
    verb: str = "", *, cause: str = "", keeps_values: bool = True
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function an act: of the person in its keyword `by`, or of another cause.

    Without a verb, the first permission that it checks is its verb. The act of a link has the link
    as its first argument.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def perform(*args: P.args, **kwargs: P.kwargs) -> R:
            by: Any = kwargs.get("by")
            link: Any = args[0] if cause == Cause.LINK else None
            with acting(verb, by=by, cause=cause, link=link, keeps_values=keeps_values):
                return function(*args, **kwargs)

        vars(perform)["verb"] = verb
        return perform

    return decorate


@contextmanager
def acting(
    verb: str,
    *,
    by: User | None = None,
    cause: str = "",
    link: models.Model | None = None,
    keeps_values: bool = True,
) -> Iterator[None]:
    """Run the block in a transaction as one act, or as a part of the act under way.

    Nothing is written of an act that touched and published nothing. Of visitors, no values are
    kept.
    """
    if outer := _trail.get():
        with _joining(outer):
            yield
        return
    cause = cause or _find_cause(by)
    new_act = Act(
        verb=verb,
        cause=cause,
        person_id=by.pk if by else None,
        source=f"{link._meta.verbose_name} {link.pk}" if link else running_tick.get(),
    )
    trail = Trail(new_act, keeps_values and cause != Cause.VISITOR)
    _trail.set(trail)
    publishing.record_act.set(trail.write)
    try:
        with transaction.atomic():
            yield
            trail.finish()
    finally:
        _trail.set(None)
        publishing.record_act.set(None)


def current_cause() -> str:
    """Return the cause of the act under way, or "" outside acts."""
    trail = _trail.get()
    return trail.act.cause if trail else ""


def record_verb(verb: str) -> None:
    """Say what the act under way turned out to be."""
    if trail := _trail.get():
        trail.act.verb = verb


def record_permission(name: str, role: str) -> None:
    """Record the permission and the role that allow the act under way. The first ones count."""
    if trail := _trail.get():
        trail.act.verb = trail.act.verb or name
        if trail.act.person_id:
            trail.act.role = trail.act.role or role


def record_alone() -> None:
    """Record that the act under way needs a second person where there is none."""
    if trail := _trail.get():
        trail.act.source = Act.ALONE


def concerns(*instances: models.Model) -> None:
    """Make objects part of the act under way that it did not change."""
    if trail := _trail.get():
        for instance in instances:
            values = vars(instance).get(SAVED_VALUES, {})
            trail.find(instance, values, values).is_concerned = True


def created(*instances: models.Model) -> None:
    """Note objects that were created without `save()`."""
    for instance in instances:
        _on_save(type(instance), instance, created=True)


def changed(*instances: models.Model) -> None:
    """Note objects that were changed without `save()`."""
    for instance in instances:
        _on_save(type(instance), instance, created=False)


def update(rows: "models.QuerySet[Any]", **values: Any) -> None:
    """Lock and update rows like `QuerySet.update`, and note them."""
    instances = list(rows.select_for_update(of=["self"]))
    for instance in instances:
        for name, value in values.items():
            setattr(instance, name, value)
    if instances:
        rows.model._default_manager.filter(pk__in=[row.pk for row in instances]).update(**values)
    changed(*instances)


def watch_models() -> None:
    """Note from now on what is saved and deleted of the private side."""
    for app in ("charter", "reporting"):
        for model in apps.get_app_config(app).get_models():
            if model._meta.label not in NOT_RECORDED:
                _watch(model)
    _watch(ClockJump)
    _watch(Ledger)


def _watch(model: type[models.Model]) -> None:
    post_init.connect(_on_init, sender=model)
    post_save.connect(_on_save, sender=model)
    post_delete.connect(_on_delete, sender=model)
    for relation in model._meta.local_many_to_many:
        m2m_changed.connect(_on_relation, sender=getattr(model, relation.name).through)


def _on_init(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    vars(instance)[SAVED_VALUES] = values_of(instance)


def _on_save(
    sender: type[models.Model],
    instance: models.Model,
    *,
    created: bool,
    update_fields: frozenset[str] | None = None,
    **kwargs: Any,
) -> None:
    before = vars(instance)[SAVED_VALUES]
    after = values_of(instance)
    if update_fields is not None:
        saved_columns = [c for c in sender._meta.concrete_fields if c.name in update_fields]
        after = before | {column.attname: after[column.attname] for column in saved_columns}
    vars(instance)[SAVED_VALUES] = after
    if trail := _trail.get():
        trail.note(instance, None if created else before, after)


def _on_delete(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    if trail := _trail.get():
        trail.note(instance, vars(instance)[SAVED_VALUES], None)


def _on_relation(instance: models.Model, action: str, pk_set: set[Any], **kwargs: Any) -> None:
    if action in ("post_add", "post_remove") and pk_set:
        concerns(instance)


def _find_cause(by: User | None) -> str:
    if running_tick.get():
        return Cause.TICK
    return Cause.PERSON if by and not by.is_operator else Cause.COMMAND_LINE


@contextmanager
def _joining(trail: Trail) -> Iterator[None]:
    """Run a part of an act. If it fails, the act forgets what the part touched and wrote."""
    touched = {key: replace(noted) for key, noted in trail.touched.items()}
    was_written = trail.is_written
    try:
        with transaction.atomic():
            yield
    except BaseException:
        trail.touched, trail.is_written = touched, was_written
        raise
