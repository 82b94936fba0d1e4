"""The accounts of the demonstration. Anyone knows their password, so production refuses them."""

BUSINESS, SPONSOR = "business@example.org", "sponsor@example.org"
OFFICER, ADMINISTRATOR = "officer@example.org", "admin@example.org"
# What each account does, as `make run` prints it.
ACCOUNTS = {
    BUSINESS: "writes commitments and reports on them",
    SPONSOR: "is copied in when a report is late",
    OFFICER: "checks and publishes for the council",
    ADMINISTRATOR: "sets the register up",
}
PASSWORD = "demonstration"  # noqa: S105  `make run` prints it
