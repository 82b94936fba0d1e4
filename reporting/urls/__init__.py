"""URL patterns of reporting."""
