"""The charter's part of the site map."""
