"""Evidence files for people who may see more than the public."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from charter.views.access import SignedInRequest, council_required, signatory_required
from registry import evidence
from reporting.models import Evidence


@signatory_required
@require_safe
def own_file(request: SignedInRequest, reference: UUID) -> HttpResponse:
    return _serve_file(request, reference)


@council_required
@require_safe
def any_file(request: SignedInRequest, reference: UUID) -> HttpResponse:
    return _serve_file(request, reference)


def _serve_file(request: SignedInRequest, reference: UUID) -> HttpResponse:
    files = Evidence.objects.for_user(request.user).exclude(file="")
    evidence_item = get_object_or_404(files, reference=reference)
    return evidence.serve_file(str(evidence_item.file), evidence_item.media_type)
