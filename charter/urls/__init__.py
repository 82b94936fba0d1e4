"""URLs of the charter package."""
