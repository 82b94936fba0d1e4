"""Evidence files for people who may see more than the public."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from charter.views.access import SignedInRequest, member_required, staff_required
from registry import evidence
from reporting.models import Evidence
from reporting.models.evidence import EvidenceQuerySet


@member_required("business.read")
@require_safe
def own_file(request: SignedInRequest, reference: UUID) -> HttpResponse:
    return _serve_file(Evidence.objects.for_user(request.user), reference)


@staff_required("desk.read")
@require_safe
def any_file(request: SignedInRequest, reference: UUID) -> HttpResponse:
    return _serve_file(Evidence.objects.for_staff(request.user), reference)


def _serve_file(items: EvidenceQuerySet, reference: UUID) -> HttpResponse:
    evidence_item = get_object_or_404(items.exclude(file=""), reference=reference)
    return evidence.serve_file(str(evidence_item.file), evidence_item.media_type)
