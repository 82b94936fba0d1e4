"""Make a variable that a template of the project names and nothing defines an error in tests.

Django prints nothing for such a variable and takes it as false, so that a misspelt name only hides
a part of a page. `None`, an empty value and an object without its related object are defined.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest
from django.template.base import Node, Variable, VariableDoesNotExist
from django.template.context import BaseContext, Context

FOLDER = Path(__file__).parents[1] / "templates"
_current_node: ContextVar[Node | None] = ContextVar("current_node", default=None)


@contextmanager
def forbid_unknown_variables() -> Iterator[None]:
    """Fail a test that renders an unknown variable, in tags and with filters as well.

    Templates of other packages stay as they are.
    """
    render, lookup = Node.render_annotated, Variable._resolve_lookup

    def render_annotated(node: Node, context: Context) -> str:
        outer = _current_node.set(node)
        try:
            return render(node, context)
        finally:
            _current_node.reset(outer)

    def resolve_lookup(variable: Variable, context: Context) -> Any:
        try:
            return lookup(variable, context)
        except VariableDoesNotExist as error:
            if place := _place_in_project(_current_node.get()):
                # Not an Exception: the operators of {% if %} would take it as false.
                pytest.fail(f"{place}: {variable.var} is unknown, {_missing_part(error)}")
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Node, "render_annotated", render_annotated)
        patch.setattr(Variable, "_resolve_lookup", resolve_lookup)
        yield


def _place_in_project(node: Node | None) -> str:
    """Return the template and line of a node, "website/home.html, line 3"; "" for another's."""
    path = Path(node.origin.name) if node else Path()
    if node is None or not path.is_relative_to(FOLDER):
        return ""
    return f"{path.relative_to(FOLDER)}, line {node.token.lineno}"


def _missing_part(error: VariableDoesNotExist) -> str:
    """Return which name was missing where: "NoneType has no “key”"."""
    name, holder = error.params
    where = "the context" if isinstance(holder, BaseContext) else type(holder).__name__
    return f"{where} has no “{name}”"
