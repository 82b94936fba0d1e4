"""Begin a new ledger, because a person decided so. The ledger is described in registry/log."""

from charter import acts
from registry.log import ledger


@acts.act("ledger.begin")
def begin_new_ledger() -> None:
    """Set the ledger in use aside and begin a new one, which knows what the database knows."""
    ledger.begin_new()
