"""What of a record is searched by words, in SQL: its names, its own words, and other names.

The weights, from A to D: names; its other words; its measure, theme and places; its signatory.
"""

import json
from collections.abc import Iterable
from functools import cache

from registry.reference_data import places
from registry.schema.kinds import KINDS

CONFIG = "english"
# O'Brien, Co-op and King's are found without their marks, too.
MARKS = "[''’.&-]"
# The values of `PLACE_NAMES` are `place_names`.
PLACE_NAMES = """array_to_string(ARRAY(
    SELECT %(place_names)s::jsonb ->> named
    FROM jsonb_array_elements_text(own.item -> 'area_codes') AS named), ' ')"""


def texts_of(record: str, fields: Iterable[str]) -> str:
    """Return the texts of some fields of a record's item, each on a line."""
    values = [
        f"jsonb_path_query_array({record}.item, '$.{name.replace('__', '.')}')" for name in fields
    ]
    texts = f"SELECT jsonb_array_elements_text({' || '.join(values)})" if values else ""
    return f"array_to_string(ARRAY({texts}), E'\\n')" if texts else "''"


def names_of(record: str, kind: str) -> str:
    """Return all names of a record of a kind, each on a line."""
    return texts_of(record, KINDS[kind].name_fields)


def own_vector(record: str, kind: str) -> str:
    """Return the vector of a record's own names and words."""
    spec = KINDS[kind]
    own_words = vector(texts_of(record, spec.search_fields), "B")
    return f"{name_vector(names_of(record, kind), 'A')} || {own_words}"


def name_vector(names: str, weight: str) -> str:
    """Return the vector of names, with and without the marks in them."""
    without_marks = f"regexp_replace({names}, '{MARKS}', '', 'g')"
    is_marked = f"{names} ~ '[[:alnum:]]{MARKS}[[:alnum:]]'"
    return vector(
        f"{names} || CASE WHEN {is_marked} THEN ' ' || {without_marks} ELSE '' END", weight
    )


def vector(text: str, weight: str) -> str:
    return f"setweight(to_tsvector('{CONFIG}', unaccent({text})), '{weight}')"


@cache
def place_names() -> str:
    """Return the name and level of each place by its code, as JSON."""
    return json.dumps(
        {
            place.code: f"{place.name} {place.level.replace('_', ' ')}"
            for place in places.all_places().values()
        }
    )
