"""The class of every task that the clock starts."""

import time
from typing import Any

from celery import Task

from registry.operations.broker import LAST_TICKS, broker_client


class Tick(Task):
    """A task that does nothing by a clock that jumped or behind the ledger, and notes each
    success.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # These need the models, which Django has not read yet when Celery imports this module.
        from registry.log import publishing
        from registry.operations import clock_jumps

        may_go_on = clock_jumps.clock_is_right() and not publishing.is_frozen()
        return super().__call__(*args, **kwargs) if may_go_on else None

    def on_success(self, retval: Any, task_id: str, args: Any, kwargs: Any) -> None:
        with broker_client() as redis:
            redis.hset(LAST_TICKS, self.name, int(time.time()))
