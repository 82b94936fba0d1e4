"""A whole register on one machine: embedded services, and the supervisor of `make run`."""
