"""The base class of all scheduled tasks."""

import time
from typing import Any

from celery import Task

from registry.operations.broker import LAST_TICKS, broker_client


class Tick(Task):
    """A task that records each success.

    It does nothing after a jump of the clock, or while the database is behind its ledger.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # These need the models, which Django has not loaded yet when Celery imports this module.
        from registry.log import publishing
        from registry.operations import clock_jumps

        may_run = clock_jumps.clock_is_right() and not publishing.is_frozen()
        return super().__call__(*args, **kwargs) if may_run else None

    def on_success(self, retval: Any, task_id: str, args: Any, kwargs: Any) -> None:
        with broker_client() as redis:
            redis.hset(LAST_TICKS, self.name, int(time.time()))
