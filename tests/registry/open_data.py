"""A register with every type of figure, and its totals recomputed from the open data."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.test import Client

from registry import clock
from registry.log import publishing
from registry.reference_data import places
from registry.schema import code_lists, kinds
from tests.registry import items
from tests.registry.public_pages import day, publish, read

TODAY, TODAY_IN_WORDS = "2026-07-20", "20 July 2026"
PERCENT = {"unit": "percent", "value_type": "percentage"}
ASTON, LOZELLS, CITY = "E05011121", "E05011153", "E08000025"


def commitment(
    number: int, signatory: int, measure: str = "M-00001", **changes: Any
) -> publishing.NewEntry:
    theme = "T-00002" if measure == "M-00003" else "T-00001"
    values = {"signatory": f"S-0000{signatory}", "measure": measure, "theme": theme}
    return items.commitment(f"C-0000{number}", **values | changes)


def figure_update(
    number: int, commitment_number: int, value: str | None, level: str, **changes: Any
) -> publishing.NewEntry:
    values = {"cumulative_value": value, "level_of_proof": level} | changes
    update = items.update(1, f"C-0000{commitment_number}", **values)
    content = {
        name: field
        for name, field in update.content.items()
        if field is not None and name != "period"
    }
    return publishing.NewEntry("update", f"U-0000{number}", "publish", content)


def three_signatories() -> None:
    """Publish three signatories, three measures and every level of proof.

    One commitment is withdrawn and one is replaced.
    """
    other_theme = items.theme()
    publish(
        "2026-01-05",
        items.charter(),
        items.theme(),
        publishing.NewEntry("theme", "T-00002", "publish", other_theme.content | {"position": 2}),
        items.measure(),
        publishing.NewEntry(
            "measure",
            "M-00002",
            "publish",
            items.measure(
                code="LE03", value_type="percentage", unit="percent", counts="on_a_day"
            ).content,
        ),
        publishing.NewEntry(
            "measure",
            "M-00003",
            "publish",
            items.measure(
                theme="T-00002",
                code="BL01",
                value_type="money",
                unit="gbp",
                counts="in_a_year",
            ).content,
        ),
        *[items.signatory(f"S-0000{n}", legal_name=f"Organisation {n}") for n in (1, 2, 3)],
        commitment(1, 1, area_codes=[ASTON]),
        commitment(2, 1, target={"value": "7.5"}, area_codes=[ASTON, LOZELLS]),
        commitment(3, 2, target={"value": "1200"}, area_codes=[CITY]),
        commitment(4, 3, target={"value": "100"}),
        commitment(5, 3, target={"value": "9"}, area_codes=[LOZELLS]),
        commitment(6, 1, "M-00002", **PERCENT, target={"value": "40"}),
        commitment(7, 2, "M-00002", **PERCENT, target={"value": "60"}),
        commitment(
            8, 2, "M-00003", unit="gbp", value_type="money", target={"value": "30000"},
            baseline={"value": "400"}, area_codes=["E08000026"]
        ),
        commitment(
            11, 1, "M-00003", unit="gbp", value_type="money", target={"value": "800"},
            baseline={"value": "500"},
        ),
        commitment(12, 3, "M-00003", unit="gbp", value_type="money", target={"value": "90"}),
        commitment(9, 3, "M-00003", unit="gbp_proxy", target={"value": "5000"}),
    )  # fmt: skip
    publish(
        "2026-04-03",
        items.period(1, received_on="2026-04-02", update="U-00001"),
        figure_update(1, 1, "3", "evidence_provided"),
        figure_update(2, 2, "2.5", "evidence_provided"),
        figure_update(3, 3, "150", "self_reported"),
        figure_update(4, 6, "20", "checked_by_council"),
        figure_update(5, 8, "1000", "confirmed_by_beneficiary", self_assessment="met"),
        figure_update(6, 9, "700", "self_reported", self_assessment="at_risk"),
        figure_update(7, 5, None, "self_reported", nothing_changed=True),
        figure_update(8, 11, "200", "confirmed_by_beneficiary"),
        figure_update(9, 12, "70", "self_reported"),
        publishing.NewEntry("commitment", "C-00004", "withdraw",
                 commitment(4, 3).content | {"change_reason": "Lost the contract."}),
        publishing.NewEntry("commitment", "C-00005", "close",
                 commitment(5, 3, area_codes=[LOZELLS], end_reason="replaced",
                         change_reason="A new one.").content),
        commitment(10, 3, target={"value": "6"}, area_codes=[LOZELLS], supersedes="C-00005"),
    )  # fmt: skip
    publish(
        "2026-04-20",
        items.commitment(action="amend", target={"value": "15"}, area_codes=[ASTON],
                         change_reason="Fewer."),
        publishing.NewEntry("period", "P-00002", "publish",
                 items.period(1, "C-00002", requested_on=["2026-04-07"]).content),
    )  # fmt: skip


@dataclass
class ExpectedTotal:
    """A measure and unit with its commitments: those first promised, and those that count."""

    measure: dict[str, Any]
    unit: str
    first: list[dict[str, Any]]
    counted: list[dict[str, Any]]

    @property
    def can_add(self) -> bool:
        return self.unit not in ("percent", "gbp_proxy")

    @property
    def first_promised(self) -> Decimal:
        originals = [c["original"] for c in self.first]
        return sum((self.gain(o["target"], o["baseline"]) for o in originals), Decimal(0))

    @property
    def promised(self) -> Decimal:
        return sum((self.gain(c["target"], c["baseline"]) for c in self.counted), Decimal(0))

    @property
    def start(self) -> Decimal:
        starts = [] if self.from_zero else [c["baseline"] for c in self.counted]
        return sum((Decimal(start["value"]) for start in starts if start), Decimal(0))

    @property
    def from_zero(self) -> bool:
        return self.measure["counts"] == "since_promise"

    def gain(self, value: Any, baseline: Any) -> Decimal:
        """Return a value above its start; 0 for a start that is not known."""
        if self.from_zero:
            return Decimal(value["value"])
        return Decimal(value["value"]) - Decimal(baseline["value"]) if baseline else Decimal(0)

    def by_level(self) -> Iterator[tuple[code_lists.LevelOfProof, list[dict[str, Any]]]]:
        """Yield the levels of proof, the best first, with the commitments whose figure has it."""
        for level in reversed(code_lists.LevelOfProof):
            at_level = [
                c
                for c in self.counted
                if c["progress"]
                and c["progress"]["value"] is not None
                and c["progress"]["level_of_proof"] == level
            ]
            if at_level:
                yield level, at_level

    def gains_and_losses(self, commitments: list[dict[str, Any]]) -> tuple[list[Decimal], ...]:
        changes = [self.gain(c["progress"], c["baseline"]) for c in commitments]
        return [c for c in changes if c > 0], [-c for c in changes if c < 0]


class OpenData:
    """The register as re-users see it: only data from the API."""

    def __init__(self, reader: Client) -> None:
        self.lists = {plural: self._all(reader, plural) for plural in kinds.KINDS_BY_PLURAL}

    def _all(self, reader: Client, plural: str) -> list[dict[str, Any]]:
        with clock.fixed_at(day(TODAY)):
            return reader.get(f"/api/v1/{plural}?limit=500").json()["data"]

    def commitments(self, address: str) -> list[dict[str, Any]]:
        """Return the commitments on a page of a place, theme or measure; all on other pages."""
        kind, _, about = address.strip("/").partition("/")
        commitments = self.lists["commitments"]
        if kind == "places":
            codes = set(places.codes_within(about))
            return [c for c in commitments if codes & set(c.get("area_codes") or [])]
        column = {"themes": "theme", "measures": "measure"}.get(kind)
        return [c for c in commitments if not column or c[column] == about]

    def measure_totals(self, commitments: list[dict[str, Any]]) -> Iterator[ExpectedTotal]:
        """Yield the expected total of each measure and unit, by the code of the measure."""
        measures = {m["key"]: m for m in self.lists["measures"]}
        by_key = {c["key"]: c for c in self.lists["commitments"]}
        groups: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        for c in commitments:
            groups[measures[c["measure"]]["code"], c["measure"], c["unit"]].append(c)
        for (_, measure, unit), group in sorted(groups.items()):
            first = [c for c in group if not replaces_one_of_its_measure(c, by_key)]
            yield ExpectedTotal(measures[measure], unit, first, [c for c in group if is_counted(c)])

    def totals(self, commitments: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
        """Return the expected rows of a page's totals: label, amount and base."""
        rows = []
        for total in self.measure_totals(commitments):
            if total.unit == "percent":
                rows += self.share_rows(total)
                continue
            if not total.can_add:
                rows.append(("Promised", "Cannot be added up", base_text(total.counted)))
                rows += [
                    (f"Delivered: {level.label.lower()}", "Cannot be added up", base_text(at_level))
                    for level, at_level in total.by_level()
                ]
                continue
            unit = total.unit
            if total.first_promised != total.promised:
                rows.append(("First promised", amount_text(total.first_promised, unit), ""))
            rows.append(("Promised", amount_text(total.promised, unit), base_text(total.counted)))
            for level, at_level in total.by_level():
                gains, losses = total.gains_and_losses(at_level)
                label = level.label.lower()
                gained = amount_text(sum(gains, Decimal(0)), unit)
                rows.append((f"Delivered: {label}", gained, base_text(at_level)))
                if losses:
                    noun = "commitment" if len(losses) == 1 else "commitments"
                    lost = amount_text(sum(losses, Decimal(0)), unit)
                    rows.append((f"Lost: {label}", lost, f"{len(losses)} {noun}"))
        return rows

    def share_rows(self, total: ExpectedTotal) -> Iterator[tuple[str, str, str]]:
        """Yield the expected rows of a measure in per cent: each commitment with its own share."""
        names = {s["key"]: s["legal_name"] for s in self.lists["signatories"]}
        for c in sorted(total.counted, key=lambda c: names[c["signatory"]]):
            figure, start = c["progress"], c["baseline"]
            level = code_lists.LevelOfProof.label_of(figure["level_of_proof"] or "").lower()
            value = f"{figure['value']}% {level}" if figure["value"] else "No figure reported yet"
            yield (
                f"{c['title']} {names[c['signatory']]}",
                value,
                f"Starting point: {start['value'] + '%' if start else 'not known'} "
                f"Target: {c['target']['value']}%",
            )

    def measure_lines(self) -> list[dict[str, str]]:
        """Return the expected lines of the measures in the download of the statistics."""
        lines = []
        for total in self.measure_totals(self.lists["commitments"]):
            measure, signatories = total.measure, {c["signatory"] for c in total.counted}
            base = {
                "table": "measures", "code": measure["key"], "name": measure["title"],
                "level_of_proof": "", "unit": total.unit, "of": "", "on": TODAY,
                "commitments": str(len(total.counted)), "signatories": str(len(signatories)),
            }  # fmt: skip
            lines.append(base | {"figure": "commitments", "value": str(len(total.counted))})
            if total.can_add:
                lines += [base | line for line in added_lines(total)]
            if total.unit == "percent":
                lines += [base | line for line in self.share_lines(total)]
        return lines

    def share_lines(self, total: ExpectedTotal) -> Iterator[dict[str, str]]:
        names = {s["key"]: s["legal_name"] for s in self.lists["signatories"]}
        for c in sorted(total.counted, key=lambda c: names[c["signatory"]]):
            base = {
                "table": "shares", "code": c["key"], "name": c["title"], "unit": "percent",
                "commitments": "", "signatories": "",
            }  # fmt: skip
            start, figure = c["baseline"], c["progress"]
            yield base | {"figure": "starting_point", "value": start["value"] if start else ""}
            yield base | {"figure": "target", "value": c["target"]["value"]}
            proof = figure["level_of_proof"] or ""
            yield base | {
                "figure": "value",
                "value": figure["value"] or "",
                "level_of_proof": proof,
            }


def added_lines(total: ExpectedTotal) -> Iterator[dict[str, str]]:
    """Yield what is added up of a measure: each figure of the commitments, then by proof."""
    unknown = 0 if total.from_zero else sum(not c["baseline"] for c in total.counted)
    for figure, value in [
        ("first_promised", total.first_promised),
        ("promised", total.promised),
        ("starting_point", total.start),
        ("starting_point_unknown", unknown),
    ]:
        yield {"figure": figure, "value": str(value)}
    for level, at_level in total.by_level():
        signatories = str(len({c["signatory"] for c in at_level}))
        for figure, amounts in zip(
            ("gained", "lost"), total.gains_and_losses(at_level), strict=True
        ):
            yield {
                "figure": figure,
                "value": str(sum(amounts)),
                "level_of_proof": level.value,
                "commitments": str(len(amounts)),
                "signatories": signatories,
            }


def counted_as(commitment: dict[str, Any]) -> str:
    """Return how a commitment is counted: on track only while the reports that are due come."""
    is_old = commitment["reporting"] != "up_to_date"
    is_on_track = commitment["delivery"] == "on_track"
    return "on_track_before" if is_on_track and is_old else str(commitment["delivery"])


def is_counted(commitment: dict[str, Any]) -> bool:
    return commitment["record_status"] != "withdrawn" and not commitment["superseded_by"]


def replaces_one_of_its_measure(commitment: dict[str, Any], by_key: dict[str, Any]) -> bool:
    replaced = by_key.get(commitment["supersedes"])
    return replaced is not None and replaced["measure"] == commitment["measure"]


def amount_text(value: Decimal, unit: str) -> str:
    number = f"{value.normalize():,f}"
    return f"£{number}" if unit == "gbp" else number


def base_text(commitments: list[dict[str, Any]]) -> str:
    signatories = len({c["signatory"] for c in commitments})
    commitment_noun = "commitment" if len(commitments) == 1 else "commitments"
    signatory_noun = "signatory" if signatories == 1 else "signatories"
    return f"{len(commitments)} {commitment_noun} by {signatories} {signatory_noun}"


def table_rows(body: str, part: str = "totals") -> list[tuple[str, ...]]:
    """Return the rows of the tables with bars in a part of a page."""
    section = re.search(rf'<section[^>]* id="{part}".*?(?=<section class="block|\Z)', body, re.S)
    assert section, part
    rows = re.findall(r"<tr.*?</tr>", section[0], re.S)
    return [
        tuple(
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        )
        for row in rows
        if 'scope="col"' not in row
    ]


def statistics_rows(reader: Client, name: str) -> list[tuple[str, ...]]:
    """Return the rows of a statistics table, after comparing them with the overview."""
    rows = table_rows(page_body(reader, f"/statistics/{name}"), name)
    overview = read(reader, "/statistics", TODAY)
    for label, value in rows:
        # Themes have a number of their own, not a part of all.
        assert f"{label} {value.split()[0] if name == 'theme' else value}" in overview
    return rows


def page_body(reader: Client, address: str) -> str:
    with clock.fixed_at(day(TODAY)):
        return reader.get(address).content.decode()
