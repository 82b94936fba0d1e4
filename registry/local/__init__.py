"""A whole register on one bare machine: embedded services and the supervisor of `make run`."""
