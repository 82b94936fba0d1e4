"""Memory use does not grow in a hundred thousand ticks of the scheduler."""

from tests import fault_run

TICKS = """
import resource, django; django.setup()
from registry.operations import celery
from charter import tasks as charter_tasks
from reporting import tasks as reporting_tasks
ROUND = [reporting_tasks.follow_periods, reporting_tasks.send_reminders,
    charter_tasks.drain_outbox, charter_tasks.sweep_leases]
def megabytes():
    with open("/proc/self/statm") as memory:
        return int(memory.read().split()[1]) * resource.getpagesize() / 1e6
for number in range(100_000 // len(ROUND)):
    if number == 500:
        print(megabytes())
    for tick in ROUND:
        tick()
print(megabytes())
"""


def test_memory_does_not_grow_in_100_000_ticks(tmp_path, capsys):
    sink = fault_run.SlowSink(tmp_path / "mail")
    with sink.listening(), fault_run.register_with_emails(tmp_path, sink, 20) as register:
        output = register.run("-c", TICKS)
    early, late = (float(line) for line in output.split())
    assert late < 1.2 * early
    assert late < 300
    with capsys.disabled():
        print(f"\n100,000 ticks: {early:.0f} megabytes early, {late:.0f} at the end.")
