"""A pytest plugin that runs the collected tests once for each mutant of a module.

The tests are collected once; then each mutant lives in a fork of this process, in which it replaces
code that has been imported already, so a mutant costs what its tests cost. Only tests that call the
mutated function run, and the first failure ends them.
"""

import ast
import gc
import importlib
import json
import os
import random
import resource
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType

import hypothesis
import pytest

from tests.proof.mutants import Mutant, find_mutants

CPU_SECONDS = 300  # of one run of the tests: some faults make a loop endless
MEMORY = 4 * 2**30  # bytes, for the same reason
Function = tuple[str, int]  # qualified name and first line


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutate", help="the module to mutate")
    parser.addoption("--mutants", type=int, help="how many of its mutants, chosen by a seed")
    parser.addoption("--report", help="the file of results: one JSON object for each mutant")


def pytest_configure() -> None:
    """Keep hypothesis from remembering the mutants' failures, and from simplifying them."""
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile(
        "mutants", hypothesis.settings(), phases=phases, database=None
    )
    hypothesis.settings.load_profile("mutants")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run the tests without a fault, then with each; write down which mutants survive."""
    config = session.config
    module = importlib.import_module(config.getoption("mutate"))
    tree = ast.parse(Path(module.__file__).read_text())
    mutants = find_mutants(tree)
    if (wanted := config.getoption("mutants")) and wanted < len(mutants):
        mutants = random.Random(module.__name__).sample(mutants, wanted)
    with tempfile.TemporaryDirectory() as folder:
        calls = Path(folder) / "calls.json"
        if fork_and_run(lambda: not write_calls(session.items, module, calls)):
            raise pytest.UsageError("A test fails without any mutant.")
        tests_of = json.loads(calls.read_text())
    with Path(config.getoption("report")).open("w") as report:
        for mutant in sorted(mutants, key=lambda mutant: mutant.place.line):
            items = [i for i in session.items if calls_mutant(tests_of[i.nodeid], mutant)]
            killed = fork_and_run(lambda m=mutant, i=items: plant(module, tree, m) or run_tests(i))
            result = {"line": mutant.place.line, "change": str(mutant), "killed": killed}
            print(json.dumps(result), file=report, flush=True)
    return True


def fork_and_run(work: Callable[[], object]) -> bool:
    """Run `work` in a fork; return whether it said yes, broke, or did not end."""
    if pid := os.fork():
        return os.waitpid(pid, 0)[1] != 0
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        os._exit(bool(work()))
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def run_tests(items: list[pytest.Item]) -> bool:
    """Run tests up to the first that fails; return whether one failed."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if item.session.testsfailed:
            return True
    return False


def write_calls(items: list[pytest.Item], module: ModuleType, path: Path) -> bool:
    """Run all tests; write down the functions of a module that each calls. True if none fails."""
    calls: dict[str, list[Function]] = {}
    for item, following in zip(items, [*items[1:], None], strict=True):
        called: set[Function] = set()

        def note(frame: FrameType, event: str, _: object, called: set[Function] = called) -> None:
            code = frame.f_code
            if event == "call" and code.co_filename == module.__file__:
                called.add((code.co_qualname, code.co_firstlineno))

        sys.setprofile(note)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        sys.setprofile(None)
        calls[item.nodeid] = sorted(called)
    path.write_text(json.dumps(calls))
    return not items[0].session.testsfailed


def calls_mutant(called: list[Function], mutant: Mutant) -> bool:
    """Return whether a test calls the mutated function; any test may notice other mutants."""
    function = mutant.place.function
    if not mutant.place.is_called or function is None:
        return True
    first = min(node.lineno for node in [function, *function.decorator_list])
    return any(first <= line <= (function.end_lineno or first) for _, line in called)


def plant(module: ModuleType, tree: ast.Module, mutant: Mutant) -> None:
    """Put a mutant into the imported module, wherever its functions are known already."""
    mutant.plant()
    if mutant.place.is_called:
        replace_code(module, compile(tree, str(module.__file__), "exec"))
    else:
        run_again(module, mutant)


def replace_code(module: ModuleType, code: CodeType) -> None:
    """Give every function of a module its new code: also methods, and what decorators hold."""
    gc.unfreeze()  # what tests/conftest.py froze would not be found
    new = {(each.co_qualname, each.co_firstlineno): each for each in nested_code(code)}
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename == module.__file__:
            each.__code__ = new[each.__code__.co_qualname, each.__code__.co_firstlineno]


def run_again(module: ModuleType, mutant: Mutant) -> None:
    """Run one mutated statement of a module again; replace its values wherever they are known."""
    values: dict[str, object] = {}
    statement = ast.Module([mutant.place.statement], [])
    code = compile(statement, str(module.__file__), "exec")
    exec(code, vars(module), values)  # noqa: S102 - our own module
    for name, value in values.items():
        before = vars(module)[name]
        if isinstance(value, type) and mutant.place.function:
            method = mutant.place.function.name
            setattr(before, method, vars(value)[method])
            continue
        for each in list(sys.modules.values()):
            if getattr(each, "__dict__", {}).get(name) is before:
                setattr(each, name, value)


def nested_code(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of all functions that a code object defines."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from nested_code(constant)
