"""How a narrow row is made of the record of a commitment: one SELECT of the records."""

import json
from datetime import date
from functools import cache
from typing import Any

from registry.log.search_vectors import (
    PLACE_NAMES,
    name_vector,
    names_of,
    own_vector,
    place_names,
)
from registry.models.listing import LONG_AGO, NEVER, STATE_TAGS
from registry.reference_data import places
from registry.schema.code_lists import ON_TRACK_BEFORE, CorrectionGround, Ending

# The value of each tag: of a commitment, its signatory or its measure. NULL and "" make no tag.
TAGS = {
    "charter": "own.charter",
    "theme": "own.theme",
    "measure": "own.measure",
    "delivery": "own.delivery",
    "level_of_proof": "own.level_of_proof",
    "record_status": "own.status",
    "due_year": "left(coalesce(own.item #>> '{target,by}', own.item ->> 'end_on'), 4)",
    "department": "own.item #>> '{contracts,0,department}'",
    # A commitment can be both: weakened by a change, and corrected downwards.
    "weakened": """(own.weakenings @> '[{"correction": null}]')::text""",
    "corrected_down": """EXISTS (
        SELECT FROM jsonb_array_elements(own.weakenings) AS weakening
        WHERE weakening ->> 'correction' = ANY (%(grounds)s))::text""",
    "ended_unanswered": "(own.ended_unanswered IS NOT NULL)::text",
    "size": "signatory.item ->> 'size'",
    "sector": "signatory.item ->> 'sector'",
    "route": "signatory.item ->> 'route'",
    "nature": "measure.item ->> 'nature'",
    "no_deadline": """nullif(
        (NOT coalesce(own.item -> 'target' ? 'by', false) AND NOT own.item ? 'end_on')::text,
        'false')""",
}
IS_COUNTABLE = "(own.status NOT IN ('withdrawn', 'redacted') AND own.superseded_by = '')"
PROOF = """CASE WHEN own.progress ->> 'value' IS NOT NULL
    THEN own.progress ->> 'level_of_proof' END"""
END_YEAR = "extract(year FROM own.ended_on)"
# What pages count besides. Never a given tag.
COUNTED = {
    "unanswered": f"CASE WHEN own.ended_unanswered IS NOT NULL THEN {END_YEAR}::text END",
    "left": f"""CASE WHEN own.status = 'closed' AND own.item ->> 'end_reason' = 'left_charter'
        THEN {END_YEAR} || CASE WHEN own.ended_unanswered IS NULL
            THEN '_nothing_unanswered' ELSE '_unanswered' END
        END""",
    "left_out": """CASE WHEN own.status = 'withdrawn' THEN 'withdrawn'
        WHEN own.superseded_by <> '' THEN 'replaced' END""",
    "proof": f"CASE WHEN {IS_COUNTABLE} THEN {PROOF} END",
    "placed": "CASE WHEN own.item ? 'area_codes' THEN 'true' END",
    "unit_label": """own.measure || ':' || coalesce(own.item ->> 'unit', '')
        || ':' || (own.item ->> 'unit_label')""",
}
WEAKENING_TAGS = """ARRAY(
    SELECT DISTINCT CASE WHEN weakening ->> 'correction' IS NULL
        THEN 'weakening:' || (weakening ->> 'what')
        ELSE 'correction:' || (weakening ->> 'correction') END AS named
    FROM jsonb_array_elements(own.weakenings) AS weakening
    ORDER BY named)"""
# As in columns.py, which also has the states of other days.
STATES = {
    "reporting": "own.states[width_bucket(%(day)s, own.state_days) + 1]",
    "ending": "own.endings[width_bucket(%(day)s, own.ending_days) + 1]",
    "counted_as": """CASE
        WHEN own.endings[width_bucket(%(day)s, own.ending_days) + 1] = ANY (%(without_result)s)
        THEN own.endings[width_bucket(%(day)s, own.ending_days) + 1]
        WHEN own.delivery = 'on_track'
            AND own.states[width_bucket(%(day)s, own.state_days) + 1] <> 'up_to_date'
        THEN %(on_track_before)s ELSE own.delivery END""",
}
# The places that it names, and all places that these are in.
PLACE_TAGS = """ARRAY(
    SELECT 'place:' || named FROM jsonb_array_elements_text(own.item -> 'area_codes') AS named
    UNION
    SELECT 'area:' || larger
    FROM jsonb_array_elements_text(own.item -> 'area_codes') AS named,
        jsonb_array_elements_text(%(places)s::jsonb -> named) AS larger
    ORDER BY 1)"""


def _prefixed(values: dict[str, str]) -> str:
    return ", ".join(f"'{name}:' || nullif({value}, '')" for name, value in values.items())


def _amount(text: str) -> str:
    return f"({text})::numeric(24, 3)"


COLUMNS = {
    "key": "own.key",
    "first_entry": "own.first_entry",
    "status": "own.status",
    "signatory": "coalesce(own.signatory, '')",
    "signatory_name": "coalesce(signatory.name, '')",
    "name": "coalesce(own.name, '')",
    "search": f"""{own_vector("own", "commitment")}
        || {
        name_vector(
            f"{names_of('measure', 'measure')} || ' ' || {names_of('theme', 'theme')}"
            f" || ' ' || {PLACE_NAMES}",
            "C",
        )
    }
        || {name_vector(names_of("signatory", "signatory"), "D")}""",
    "tags": f"array_remove(ARRAY[{_prefixed(TAGS)}], NULL) || {PLACE_TAGS}",
    "state_tags": f"ARRAY[{_prefixed({name: STATES[name] for name in STATE_TAGS})}]",
    "states_since": """(
        SELECT max(change) FROM unnest(own.state_days || own.ending_days) AS change
        WHERE change <= %(day)s)""",
    "states_until": """(
        SELECT min(change) FROM unnest(own.state_days || own.ending_days) AS change
        WHERE change > %(day)s)""",
    "due_on": """CASE WHEN own.status = 'live'
        THEN coalesce(own.next_due_on, %(never)s) ELSE %(never)s END""",
    "heard_on": "coalesce(own.last_heard_on, %(long_ago)s)",
    "counted_tags": f"array_remove(ARRAY[{_prefixed(COUNTED)}], NULL) || {WEAKENING_TAGS}",
    "missing_since": "coalesce(own.open_due_on, %(never)s)",
    "measure": "coalesce(own.measure, '')",
    "unit": "coalesce(own.item ->> 'unit', '')",
    "is_countable": IS_COUNTABLE,
    "has_target": "own.item #>> '{target,value}' IS NOT NULL",
    "is_yes": "coalesce((own.progress ->> 'is_met')::boolean, false)",
    "proof": f"coalesce({PROOF}, '')",
    # A commitment that replaces another of the same measure was first promised by that one.
    "first_promised": f"""CASE WHEN own.measure IS DISTINCT FROM (
        SELECT replaced.measure FROM registry_record AS replaced
        WHERE replaced.key = own.item ->> 'supersedes')
        THEN {_amount("own.original ->> 'promised'")} END""",  # noqa: S608 - no user input
    "promised": _amount("own.progress ->> 'promised'"),
    "start": _amount("own.progress ->> 'start'"),
    "delivered": _amount("own.progress ->> 'delivered'"),
}


def _select_rows(columns: dict[str, str]) -> str:
    return f"""
        SELECT {", ".join(f"{value} AS {name}" for name, value in columns.items())}
        FROM registry_record AS own
            LEFT JOIN registry_record AS signatory ON signatory.key = own.signatory
            LEFT JOIN registry_record AS measure ON measure.key = own.measure
            LEFT JOIN registry_record AS theme ON theme.key = own.theme
        WHERE own.kind = 'commitment'
    """  # noqa: S608 - no part of it is user input


# The rows of all commitments; `AND own.key = ...` may follow. Its values are `row_values`.
SELECT_ROWS = _select_rows(COLUMNS)
SELECT_ROWS_UNSEARCHED = _select_rows(COLUMNS | {"search": "NULL::tsvector"})


def row_values(day: date) -> dict[str, Any]:
    """Return the values that `SELECT_ROWS` names, for the states of a day."""
    return {
        "day": day,
        "never": NEVER,
        "long_ago": LONG_AGO,
        "grounds": CorrectionGround.values,
        "on_track_before": ON_TRACK_BEFORE,
        "without_result": list(map(str, Ending.without_result())),
        "places": larger_places(),
        "place_names": place_names(),
    }


@cache
def larger_places() -> str:
    """Return `places_around` as JSON."""
    return json.dumps(places_around())


@cache
def places_around() -> dict[str, list[str]]:
    """Return the codes of each place and of all that it is in."""
    larger: dict[str, list[str]] = {}
    for code in places.all_places():
        for part in places.codes_within(code):
            larger.setdefault(part, []).append(code)
    return larger
