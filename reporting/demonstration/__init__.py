"""A register of firms that do not exist, made by real actions with a moving clock."""
