"""URLs for staff, below /council."""

from django.urls import path

from charter.views import (
    acceptances,
    activity,
    bulk_changes,
    council,
    details,
    error_reports,
    imports,
    joining,
    memberships,
    people,
    proposals,
    staff,
    standing,
)

urlpatterns = [
    path("/activity", activity.activity_search, name="activity"),
    path("/activity.csv", activity.activity_csv, name="activity_csv"),
    path("/activity/<int:number>", activity.act_detail, name="act"),
    path("/activity/<str:key>", activity.record_activity, name="record_activity"),
    path("/applications/<int:number>", joining.application_detail, name="application"),
    path("/error-reports/<int:number>", error_reports.error_report, name="error_report"),
    path("/proposals/<int:number>", proposals.proposal_detail, name="proposal"),
    path("/staff", staff.staff_list, name="staff"),
    path("/staff/<int:membership>/end", staff.staff_end, name="staff_end"),
    path(
        "/staff/invited/<int:invitation>/end",
        staff.staff_invitation_revoke,
        name="staff_invitation_end",
    ),
    path("/set-up", council.set_up, name="set_up"),
    path("/signatories", details.signatory_list, name="signatories"),
    path("/signatories/invited", acceptances.invited_list, name="invited"),
    path("/signatories/<key>/invite-again", acceptances.invite_again, name="invite_again"),
    path("/signatories/<key>/delete-invited", acceptances.delete_invited, name="delete_invited"),
    path("/signatories/<key>/details", details.signatory_details, name="details"),
    path("/signatories/new", council.signatory_new, name="signatory_new"),
    path("/signatories/<key>/people", people.council_people, name="people"),
    path("/signatories/<key>/standing", standing.standing_overview, name="standing"),
    path("/signatories/<key>/standing/<name>", standing.standing_step, name="standing_step"),
    path("/people/<int:membership>/end", memberships.council_membership_end, name="person_end"),
    path("/people/<int:membership>/role", memberships.council_membership_role, name="person_role"),
    path(
        "/people/invited/<int:invitation>/end",
        people.council_invitation_revoke,
        name="invitation_end",
    ),
    path("/promises", bulk_changes.bulk_change, name="bulk_change"),
    path("/import", imports.import_upload, name="import"),
    path("/import/empty-file", imports.empty_file, name="import_empty"),
    path("/import/<int:number>", imports.import_preview, name="import_preview"),
    path("/import/<int:number>/problems", imports.import_problems, name="import_problems"),
]
