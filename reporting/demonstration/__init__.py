"""A register of fictitious organisations, seeded by real actions with a moving clock."""
