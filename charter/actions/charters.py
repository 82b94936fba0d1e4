"""Set a charter up: its authority, themes and measures."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from charter import items, permissions
from charter.models import Authority, Charter, Measure, Theme, User
from registry import log


@transaction.atomic
def set_up(
    *,
    by: User,
    authority: Mapping[str, Any],
    charter: Mapping[str, Any],
    themes: Sequence[Mapping[str, Any]] = (),
    measures: Sequence[Mapping[str, Any]] = (),
    ours: Charter | None = None,
) -> Charter:
    """Publish a charter with its themes and measures, or bring the one that is there up to date.

    Themes and measures that are there already stay as they are. Run twice, it publishes nothing
    new: the log drops what equals the public record.
    """
    permissions.check_may_administer(by)
    if ours is None:
        ours = Charter(authority=Authority.objects.create(**authority), **charter)
    else:
        _fill(ours.authority, authority)
        _fill(ours, charter)
    ours.save()
    for values in themes:
        Theme.objects.get_or_create(charter=ours, code=values["code"], defaults=values)
    by_code = {theme.code: theme for theme in ours.themes.all()}
    for values in measures:
        described = {name: value for name, value in values.items() if name != "theme"}
        theme = by_code[values["theme"]]
        Measure.objects.get_or_create(theme=theme, code=values["code"], defaults=described)
    log.publish(
        [
            log.Item("charter", ours.key, "publish", items.charter(ours)),
            *(log.Item("theme", t.key, "publish", items.theme(t)) for t in ours.themes.all()),
            *(
                log.Item("measure", m.key, "publish", items.measure(m))
                for m in Measure.objects.filter(theme__charter=ours).select_related("theme")
            ),
        ]
    )
    return ours


def _fill(thing: Authority | Charter, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(thing, name, value)
    thing.save()
