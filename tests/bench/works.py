"""What readers ask for, at the addresses of the register, of its peers and of the limits.

An address without cache ("no cache") is asked once between two publications: spellings of a word,
filters and limits are varied so that each answer takes the same work.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, product, repeat
from typing import Any

from django.core import signing
from django.http import QueryDict

from tests.bench.limits import file_name

RARE_WORD, COMMON_WORD = "beekeeping", "apprenticeship"
SECTORS = "CFGIJKLMNPQRS"
GZIP = ("Accept-Encoding: gzip",)
API = "/api/v1/commitments"
DATABASE = "/peers/commitments"
FACETS = "_size=25&_facet=theme&_facet=sector&_facet=ward&_facet=status"
# Pages that no other work covers, with `{theme}` and the like for keys.
OTHER_PAGES = (
    "/",
    "/themes",
    "/themes/{theme}",
    "/measures",
    "/measures/{measure}",
    "/signatories",
    "/signatories/{signatory}",
    "/successes",
    "/changes",
    "/places",
    "/places/{ward}",
    "/places/E08000025",
    "/statistics",
    "/statistics.csv",
    "/summary",
    "/summary?theme={theme}",
    "/report",
    "/report?signatory={signatory}",
    "/compare",
    "/commitments",
    "/commitments?theme={theme}",
    "/feeds/changes.atom",
    "/feeds/themes/{theme}.atom",
    "/feeds/places/E08000025.atom",
    "/sitemap.xml",
)


@dataclass
class Work:
    """One thing to ask for: addresses by contestant, each an endless supply.

    `own_headers` are of contestants that get others. `parts` says how many addresses in a row are
    one answer, by default one.
    """

    name: str
    addresses: dict[str, Iterator[str]]
    headers: Sequence[str] = ()
    is_hit: bool = False
    own_headers: dict[str, Sequence[str]] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Keys:
    """Keys of records to ask for."""

    themes: list[str]
    measures: list[str]
    signatories: list[str]
    commitments: list[str]
    deep_entry: int  # The first entry of the commitment at 90 per cent of the list.

    def fill(self, address: str) -> str:
        return address.format(
            theme=self.themes[0],
            measure=self.measures[0],
            signatory=self.signatories[0],
            ward="E05011121",
        )


def read_keys(database: Any) -> Keys:
    """Read the keys from the records; commitments in an order that no page has."""

    def keys_of(kind: str, order: str = "first_entry") -> list[str]:
        query = f"SELECT key FROM registry_record WHERE kind = %s ORDER BY {order}"  # noqa: S608
        return [key for (key,) in database.execute(query, [kind])]

    commitments = keys_of("commitment", "md5(key)")
    deep = database.execute(
        "SELECT first_entry FROM registry_record WHERE kind = 'commitment' "
        "ORDER BY first_entry OFFSET %s LIMIT 1",
        [len(commitments) * 9 // 10],
    ).fetchone()[0]
    return Keys(keys_of("theme"), keys_of("measure"), keys_of("signatory"), commitments, deep)


def hit_addresses(keys: Keys) -> dict[str, str]:
    """Return what is asked again and again, by its name."""
    return {
        "register list, 1 filter": f"/commitments?theme={keys.themes[0]}",
        "commitment": f"/commitments/{keys.commitments[0]}",
        "API list of 100": f"{API}?limit=100",
        "API record": f"{API}/{keys.commitments[0]}",
    }


def hits(keys: Keys, etags: Mapping[str, str]) -> list[Work]:
    """Return the works of hits and of 304; `etags` are the register's by address."""
    pages = hit_addresses(keys)
    works = []
    for name, address in pages.items():
        ready = f"/{file_name(address)}"
        contestants = {"register": address, "minimal": ready, "nginx": ready}
        works.append(Work(f"{name}, hit", _same(contestants), GZIP, is_hit=True))
    for name in ("commitment", "API list of 100"):
        address = pages[name]
        header = f"If-None-Match: {etags[address]}"
        ready = f"/{file_name(address)}"
        contestants = {"register": address, "minimal": ready, "nginx": ready}
        own = {"nginx": ("If-None-Match: *",)}
        work = Work(f"{name}, 304", _same(contestants), (*GZIP, header), True, own)
        works.append(work)
    return works


def misses(keys: Keys) -> list[Work]:
    """Return what is asked once, by addresses that nobody asked for before."""
    return [
        *_searches(),
        _filtered_list(keys),
        Work(
            "commitment, no cache",
            {
                "register": _each(keys.commitments[1:], "/commitments/{}"),
                "plain": _each(keys.commitments, "/plain/commitments/{}"),
                "datasette": _each(keys.commitments, DATABASE + ".json?key={}"),
            },
        ),
        *_api_lists(keys),
        Work(
            "API record with updates, no cache",
            {
                "register": _record_and_updates(keys.commitments[1:]),
                "plain": _each(keys.commitments, "/drf/commitments/{}"),
                "ninja": _each(keys.commitments, "/ninja/commitments/{}"),
                "datasette": _each(keys.commitments[1:], DATABASE + ".json?key={}"),
            },
            parts={"register": 2},
        ),
    ]


def _searches() -> Iterator[Work]:
    for title, word in (("rare word", RARE_WORD), ("word in a quarter", COMMON_WORD)):
        yield Work(
            f"search, {title}, no cache",
            {
                "register": _each(_spellings(word), "/commitments?q={}"),
                "plain": _each(_spellings(word), "/plain/commitments?q={}"),
                "full text": _each(_spellings(word), "/full-text/commitments?q={}"),
                "datasette": _each(_spellings(word), DATABASE + ".json?_search={}&" + FACETS),
            },
        )


def _filtered_list(keys: Keys) -> Work:
    pairs = [
        f"theme={theme}&sector={sector}" for theme, sector in product(keys.themes, "CFGIJKLMNPQRS")
    ]
    return Work(
        "register list, 2 filters, no cache",
        {
            "register": _each(pairs, "/commitments?{}"),
            "plain": _each(pairs, "/plain/commitments?{}"),
            "datasette": _each(pairs, DATABASE + ".json?{}&" + FACETS),
        },
    )


def _api_lists(keys: Keys) -> Iterator[Work]:
    limits = range(100, 60, -1)
    pairs = [f"theme={theme}&limit={limit}" for limit, theme in product(limits, keys.themes)]
    sizes = [pair.replace("limit", "_size") for pair in pairs]
    yield Work(
        "API list of up to 100, no cache",
        {
            "register": _each(pairs, API + "?{}"),
            "plain": _each(pairs, "/drf/commitments?{}"),
            "ninja": _each(limits, "/ninja/commitments?limit={}"),
            "datasette": _each(sizes, DATABASE + ".json?{}"),
        },
    )
    deep = len(keys.commitments) * 9 // 10
    cursor = _cursor_after(keys.deep_entry)
    for title, first, rest in (
        ("at 90 per cent", f"cursor={cursor}&", f"offset={deep}&"),
        ("first page", "", ""),
    ):
        yield Work(
            f"API list, {title}, no cache",
            {
                "register": _each(limits, API + "?" + first + "limit={}"),
                "plain": _each(limits, "/drf/commitments?" + rest + "limit={}"),
            },
        )


def crowds(keys: Keys) -> list[Work]:
    """Return what is asked by many readers at once, to see how long they wait."""
    triples = product(keys.themes, SECTORS, ("micro", "small", "medium", "large"))
    plain = product(keys.themes, SECTORS, ("met", "partly_met", "on_track", "at_risk"))
    one = hit_addresses(keys)["commitment"]
    contestants = {"register": one, "minimal": f"/{file_name(one)}"}
    return [
        Work(
            "register list at 64 connections",
            {
                "register": _each(triples, "/commitments?theme={0[0]}&sector={0[1]}&size={0[2]}"),
                "plain": _each(
                    plain, "/plain/commitments?theme={0[0]}&sector={0[1]}&status={0[2]}"
                ),
            },
        ),
        Work("commitment, hit, at 64 connections", _same(contestants), GZIP, is_hit=True),
    ]


def _cursor_after(entry: int) -> str:
    """Return the API's cursor after an entry, as the register would give it."""
    from registry.api import paging

    binding = paging._list_digest(API, QueryDict())
    return signing.dumps({"after": entry, "for": binding}, salt=paging.SALT)


def _record_and_updates(commitments: Sequence[str]) -> Iterator[str]:
    """Yield the two addresses that have what the peers answer with at one."""
    for key in commitments:
        yield f"{API}/{key}"
        yield f"/api/v1/updates?commitment={key}"


def _each(values: Any, address: str) -> Iterator[str]:
    return cycle([address.format(value) for value in values])


def _same(addresses: dict[str, str]) -> dict[str, Iterator[str]]:
    return {name: repeat(address) for name, address in addresses.items()}


def _spellings(word: str) -> Iterator[str]:
    """Yield the word in small letters and capitals, which every search takes for the same."""
    for number in range(2 ** len(word)):
        yield "".join(
            letter.upper() if number >> place & 1 else letter for place, letter in enumerate(word)
        )
