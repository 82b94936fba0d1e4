"""Entrances of the clock to the outbox. PostgreSQL knows what is due; a bell may ring twice, late or never."""

from celery import shared_task

from charter import outbox


# A server may take ten minutes to answer the final dot; the lease lasts fifteen.
@shared_task(soft_time_limit=13 * 60, time_limit=14 * 60)
def drain_outbox() -> None:
    """Hand over the mail that is due. In parallel: each message is claimed once (see outbox.drain)."""
    outbox.drain()


@shared_task
def sweep_leases() -> None:
    """Leave in doubt what was cut off in flight. Twice: the second finds nothing (see outbox.sweep_leases)."""
    outbox.sweep_leases()
