"""A register of organisations that do not exist, made by real actions with a moving clock."""
