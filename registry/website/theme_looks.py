"""The colour and the icon of each theme."""

# Those with a colour and an icon of their own, as in themes.svg and _subjects.scss.
LOOKS = {
    "local-employment",
    "buy-local",
    "partners-in-communities",
    "good-employer",
    "green-and-sustainable",
    "ethical-procurement",
}


def theme_look(code: str | None) -> str:
    """Return the name of a theme's colour and icon; those of other charters share one."""
    return code if code in LOOKS else "other"
