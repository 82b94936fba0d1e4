"""A signatory's commitments, below /business."""

from django.urls import path

from charter.views import business, changes, details, people

urlpatterns = [
    path("/details", details.ask, name="details"),
    path("/people", people.people, name="people"),
    path("/people/<int:membership>/end", people.end, name="person_end"),
    path("/people/<int:membership>/role", people.role, name="person_role"),
    path("/people/invited/<int:invitation>/end", people.take_back, name="invitation_end"),
    path("/commitments/new", business.commitment_new, name="commitment_new"),
    path("/commitments/<key>", business.commitment, name="commitment"),
    path("/commitments/<key>/edit", business.commitment_edit, name="commitment_edit"),
    path("/commitments/<key>/preview", business.commitment_preview, name="commitment_preview"),
    path("/commitments/<key>/send", business.commitment_send, name="commitment_send"),
    path("/commitments/<key>/change", changes.choose, name="commitment_change"),
    path("/commitments/<key>/change/preview", changes.preview, name="change_preview"),
    path("/commitments/<key>/change/send", changes.send, name="change_send"),
    path("/commitments/<key>/change/drop", changes.drop, name="change_drop"),
    path("/commitments/<key>/change/<action>", changes.write, name="change_write"),
]
