"""Renders the workflow tables: `python -m tests.workflow_page > docs/workflow.md`."""

from typing import Any

from django.utils.module_loading import import_string

# The title of each diagram, and the prefix of its two tables: moves and turns.
DIAGRAMS = {
    "A commitment": "charter.workflow.COMMITMENT",
    "A change of a commitment": "charter.workflow.CHANGE",
    "An application to join": "charter.workflow.APPLICATION",
    "The standing of a signatory": "charter.workflow.STANDING",
    "An update, and a success": "charter.workflow.REVIEW",
}
HEAD = """# States and moves

Made by `python -m tests.workflow_page` from the tables in `charter/workflow.py`; the database
refuses every other move. The words in brackets say whose turn it is.
"""


def render_page() -> str:
    """Return the page, with a diagram for each workflow."""
    return "\n".join([HEAD, *(_diagram(title, table) for title, table in DIAGRAMS.items())])


def _diagram(title: str, table: str) -> str:
    moves: dict[Any, list[Any]] = import_string(f"{table}_MOVES")
    turns = import_string(f"{table}_TURNS")
    first = next(iter(moves))
    lines = [f"    {state} : {state.label} ({turns[state].label})" for state in moves]
    lines.append(f"    [*] --> {first}")
    for before, afters in moves.items():
        lines += [f"    {before} --> {after}" for after in afters or ["[*]"]]
    return "\n".join([f"## {title}", "", "```mermaid", "stateDiagram-v2", *lines, "```", ""])


if __name__ == "__main__":
    print(render_page(), end="")
