"""The council's page of featured records."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from charter import permissions
from charter.errors import AlreadyExistsError
from charter.models.people import own_organisation_ids
from charter.views.access import SignedInRequest, staff_required
from reporting.actions import featured_records
from reporting.forms.featured_records import FeaturedRecordForm, UnfeatureForm
from reporting.models import FeaturedRecord
from reporting.models.featured_records import FeaturedRecordQuerySet


@staff_required("desk.read")
@require_http_methods(["GET", "POST"])
def featured_list(request: SignedInRequest) -> HttpResponse:
    """List the featured records; feature another one."""
    if request.method == "POST":
        permissions.check_is_staff_with(request.user, "example.feature")
    form = FeaturedRecordForm(
        request.POST or None, by=request.user, initial={"key": request.GET.get("about", "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            record = form.cleaned_data["key"]
            featured_records.feature_record(record, by=request.user, why=form.cleaned_data["why"])
        except AlreadyExistsError as error:
            form.add_error("key", str(error))
        else:
            messages.success(request, "The example is public, on the first page and its theme’s.")
            return redirect("council:featured_records")
    current = _current_records(request)
    context = {
        "section": "examples",
        "form": form,
        "own_organisations": own_organisation_ids(request.user),
        "featured_records": current.order_by("-chosen_at"),
    }
    return render(request, "council/featured_records.html", context)


def _current_records(request: SignedInRequest) -> FeaturedRecordQuerySet:
    own_records = FeaturedRecord.objects.for_staff(request.user)
    return own_records.current().select_related("commitment__signatory", "success__signatory")


@staff_required("example.remove")
@require_http_methods(["GET", "POST"])
def unfeature_record(request: SignedInRequest, key: str) -> HttpResponse:
    """Ask for the reason and stop featuring a record."""
    current = _current_records(request)
    featured_record = get_object_or_404(current, key=key)
    permissions.check(request.user, "example.remove", featured_record.record.signatory)
    form = UnfeatureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        featured_records.unfeature_record(
            featured_record, by=request.user, reason=form.cleaned_data["reason"]
        )
        messages.success(request, "It is no longer shown as an example.")
        return redirect("council:featured_records")
    context = {"section": "examples", "form": form, "featured_record": featured_record}
    return render(request, "council/unfeature.html", context)
