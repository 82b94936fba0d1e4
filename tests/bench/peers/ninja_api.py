"""The list and detail of the plain API in django-ninja."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import NinjaAPI, Schema

from tests.bench.peers.plain import all_commitments

api = NinjaAPI(docs_url=None)


class OrganisationOut(Schema):
    id: int
    key: str
    name: str


class UpdateOut(Schema):
    period: date
    value: Decimal | None
    narrative: str
    recorded_on: date


class SuccessOut(Schema):
    id: int
    title: str
    story: str
    happened_on: date


class ListOut(Schema):
    id: int
    key: str
    theme: str
    measure: str
    unit: str
    target: Decimal | None
    baseline: Decimal | None
    start: date
    due: date
    ward: str
    sector: str
    status: str
    title: str
    description: str
    published_at: datetime
    organisation: OrganisationOut
    latest: Decimal | None


class DetailOut(ListOut):
    updates: list[UpdateOut]
    successes: list[SuccessOut]


@api.get("/commitments", response=list[ListOut])
def list_commitments(request: HttpRequest, limit: int = 100, offset: int = 0) -> Any:
    return all_commitments()[offset : offset + limit]


@api.get("/commitments/{key}", response=DetailOut)
def get_commitment(request: HttpRequest, key: str) -> Any:
    related = all_commitments().prefetch_related("updates", "successes")
    return get_object_or_404(related, key=key)
