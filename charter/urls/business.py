"""URLs for signatories, below /business."""

from django.urls import path

from charter.views import (
    acceptances,
    activity,
    business,
    changes,
    details,
    memberships,
    people,
    taking_back,
)

urlpatterns = [
    path("/activity", activity.own_activity, name="activity"),
    path("/signatories/<key>/sign", acceptances.sign_charter, name="sign"),
    path("/details", details.details_request, name="details"),
    path("/people", people.signatory_people, name="people"),
    path("/people/<int:membership>/end", memberships.membership_end, name="person_end"),
    path("/people/<int:membership>/role", memberships.membership_role, name="person_role"),
    path("/people/invited/<int:invitation>/end", people.invitation_revoke, name="invitation_end"),
    path("/commitments/new", business.commitment_new, name="commitment_new"),
    path("/commitments/<key>", business.commitment_detail, name="commitment"),
    path("/commitments/<key>/edit", business.commitment_edit, name="commitment_edit"),
    path("/commitments/<key>/preview", business.commitment_preview, name="commitment_preview"),
    path("/commitments/<key>/send", business.commitment_submit, name="commitment_send"),
    path("/commitments/<key>/take-back/<item_key>", taking_back.take_back, name="take_back"),
    path("/commitments/<key>/change", changes.choose_change_action, name="commitment_change"),
    path("/commitments/<key>/change/preview", changes.change_preview, name="change_preview"),
    path("/commitments/<key>/change/send", changes.change_submit, name="change_send"),
    path("/commitments/<key>/change/drop", changes.change_drop, name="change_drop"),
    path("/commitments/<key>/change/<action>", changes.change_edit, name="change_write"),
]
