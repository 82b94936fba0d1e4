"""Mutants of a module: small faults planted in its syntax tree, one at a time."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

SWAPS: dict[type, list[type]] = {
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
    ast.And: [ast.Or],
    ast.Or: [ast.And],
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.FloorDiv],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Mult],
    ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Mult],
    ast.BitOr: [ast.BitAnd],
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
ANNOTATIONS = ("annotation", "returns", "type_params")
REMOVABLE = (ast.Raise, ast.Continue, ast.Break, ast.AugAssign)


@dataclass(frozen=True)
class Place:
    """A node of the tree: field `field` of `parent`, at `index` if the field is a list.

    `statement` is the statement of the module around it, `function` the function or method. With
    `is_called`, the node runs when that is called, otherwise when the module is imported.
    """

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    statement: ast.stmt
    function: ast.FunctionDef | None
    is_called: bool

    @property
    def line(self) -> int:
        return getattr(self.node, "lineno", 0) or self.parent.lineno  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Mutant:
    """A fault: another node at a place, or None to remove what is there."""

    place: Place
    node: ast.AST | None

    def __str__(self) -> str:
        change = f"{_text(self.place.node)} -> {_text(self.node)}"
        needs_context = isinstance(self.place.parent, ast.keyword | ast.BoolOp | ast.BinOp)
        needs_context |= not hasattr(self.place.node, "lineno")
        return f"{change} in {_text(self.place.parent)}" if needs_context else change

    def plant(self) -> None:
        """Put the fault into the tree for good."""
        place, node = self.place, self.node
        if node is not None:
            ast.fix_missing_locations(ast.copy_location(node, place.node))
        if place.index is None:
            setattr(place.parent, place.field, node)
        elif node is None:
            del getattr(place.parent, place.field)[place.index]
        else:
            getattr(place.parent, place.field)[place.index] = node


def find_mutants(tree: ast.Module) -> list[Mutant]:
    """Return every mutant of a module, in the order of its lines."""
    statements = [statement for statement in tree.body if not _is_for_types(statement)]
    places = (place for each in statements for place in _walk(each, each, None, False))
    return [Mutant(place, node) for place in places for node in _changes(place)]


def _is_for_types(statement: ast.stmt) -> bool:
    """Return True for statements that nothing runs: the docstring, type variables, protocols."""
    if isinstance(statement, ast.ClassDef):
        return any("Protocol" in ast.unparse(base) for base in statement.bases)
    value = getattr(statement, "value", None)
    is_variable = isinstance(value, ast.Call) and ast.unparse(value.func) == "TypeVar"
    return is_variable or (isinstance(statement, ast.Expr) and isinstance(value, ast.Constant))


def _walk(
    parent: ast.AST, statement: ast.stmt, function: ast.FunctionDef | None, is_called: bool
) -> Iterator[Place]:
    """Yield all places but annotations, docstrings, imports, and what makes a class a class."""
    if isinstance(parent, ast.FunctionDef):
        function = function or parent
    for field, value in ast.iter_fields(parent):
        if field in ANNOTATIONS or _is_read_once(parent, field):
            continue
        is_body = isinstance(parent, ast.FunctionDef) and field == "body"
        for index, node in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(node, ast.AST) or _is_left_alone(node, parent):
                continue
            position = index if isinstance(value, list) else None
            called = is_called or is_body
            yield Place(node, parent, field, position, statement, function, called)
            yield from _walk(node, statement, function, called)


def _is_read_once(parent: ast.AST, field: str) -> bool:
    """Return True for imports, and for decorators and bases of classes: no fork can undo them."""
    is_head = isinstance(parent, ast.ClassDef) and field != "body"
    return is_head or isinstance(parent, ast.Import | ast.ImportFrom)


def _is_left_alone(node: ast.AST, parent: ast.AST) -> bool:
    """Return True for docstrings and for fields of classes, which dataclasses have read already."""
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_docstring or (
        isinstance(parent, ast.ClassDef) and not isinstance(node, ast.FunctionDef)
    )


def _text(node: ast.AST | None) -> str:
    if node is None:
        return "nothing"
    return " ".join(ast.unparse(node).split())[:100] or type(node).__name__


def _changes(place: Place) -> Iterator[ast.AST | None]:
    """Yield what may stand at a place instead."""
    node, parent = place.node, place.parent
    for kind in SWAPS.get(type(node), []):
        yield kind()
    if isinstance(node, ast.Constant) and not isinstance(
        parent, ast.JoinedStr | ast.FormattedValue
    ):
        yield from _other_constants(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield ast.Constant("")
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield ast.Name(NAMES[node.id], ast.Load())
    elif isinstance(node, ast.UnaryOp):
        yield copy.deepcopy(node.operand)
    elif isinstance(node, ast.Return) and node.value and ast.unparse(node.value) != "None":
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Call) and _is_link_of_chain(node.func):
        yield copy.deepcopy(node.func.value)  # type: ignore[attr-defined]
    if place.field == "decorator_list":
        yield None
    if place.field in ("test", "ifs") and not isinstance(node, ast.Compare | ast.UnaryOp):
        yield ast.UnaryOp(ast.Not(), copy.deepcopy(node))
    removes_call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    if removes_call or isinstance(node, REMOVABLE):
        yield ast.Pass()


def _is_link_of_chain(function: ast.expr) -> bool:
    """Return True for a method called on what a call or a manager returned, as in a queryset."""
    if not isinstance(function, ast.Attribute):
        return False
    receiver = function.value
    return isinstance(receiver, ast.Call) or (
        isinstance(receiver, ast.Attribute) and receiver.attr == "objects"
    )


def _other_constants(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str):
        yield ast.Constant("" if value else "mutant")
    elif isinstance(value, bytes):
        yield ast.Constant(b"" if value else b"mutant")
