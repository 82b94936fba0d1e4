"""Reporting's part of the site map."""
