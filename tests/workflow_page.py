"""Draws the tables of the workflow: `python -m tests.workflow_page > docs/workflow.md`."""

from typing import Any

from django.utils.module_loading import import_string

# What has states, and the names of its tables: which follow which, and whose turn each is.
DRAWN = {
    "A commitment": "charter.workflow.COMMITMENT",
    "A change of a commitment": "charter.workflow.CHANGE",
    "An application to join": "charter.workflow.APPLICATION",
    "The standing of a signatory": "charter.workflow.STANDING",
    "An update, and a success": "reporting.workflow.REVIEW",
}
HEAD = """# States and moves

Made by `python -m tests.workflow_page` from the tables in `charter/workflow.py` and
`reporting/workflow.py`; the database refuses every other move. The words in brackets say whose turn
it is.
"""


def drawn() -> str:
    """Return the page: a diagram for everything that has states."""
    return "\n".join([HEAD, *(_diagram(title, table) for title, table in DRAWN.items())])


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
    print(drawn(), end="")
