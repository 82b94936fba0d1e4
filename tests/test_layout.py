"""The layout of the code: no circle of imports, short files, names that say what they do."""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

from registry.website import private_links

ROOT = Path(__file__).parent.parent
PACKAGES = ["registry", "charter", "reporting"]
LONGEST_FILE = 350  # lines
MOST_POSITIONAL = 4  # arguments of a function
# Functions with more, each with its reason.
MANY_POSITIONAL = {
    "registry/log/canonical.py": "the recipe of the hash, in its own order",
    "reporting/demonstration/events.py": "the columns of a scripted row",
}
ONE_WORD_NAMES = 0.35  # of all functions and methods
PUBLIC_TEMPLATES = [
    *(ROOT / "templates").glob("website/*"),
    *(ROOT / "templates").glob("*.html"),
    ROOT / "templates" / "components" / "footer.html",
    ROOT / "templates" / "components" / "navigation.html",
]
SIGNED_IN_FRAME = "private.html"


def sources() -> Iterator[Path]:
    """Yield the Python files of the product, without migrations."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def test_no_two_modules_import_each_other():
    graph = grimp.build_graph(*PACKAGES)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    TopologicalSorter(imports).prepare()  # raises CycleError and names the circle


def test_no_source_file_is_longer_than_350_lines():
    lengths = {str(path): len(path.read_text().splitlines()) for path in sources()}
    assert {path: n for path, n in lengths.items() if n > LONGEST_FILE} == {}


def test_most_function_names_have_several_words():
    names = [
        node.name.strip("_")
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__")
    ]
    one_word = [name for name in names if "_" not in name]
    assert len(one_word) / len(names) <= ONE_WORD_NAMES


def test_public_templates_name_private_routes_through_one_list():
    for path in PUBLIC_TEMPLATES:
        if path.name == SIGNED_IN_FRAME:
            continue
        routes = re.findall(r"""{% url ['"](\w+(?::\w+)?)""", path.read_text())
        assert [r for r in routes if not r.startswith("website:")] == [], path


def test_every_private_link_has_an_address():
    for name in private_links.ROUTES:
        assert private_links.private_url(name).startswith("/")


def test_no_function_takes_many_arguments_by_position():
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources()
        if str(path.relative_to(ROOT)) not in MANY_POSITIONAL
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and positional_arguments(node) > MOST_POSITIONAL
    }
    assert found == set()


def positional_arguments(function: ast.FunctionDef) -> int:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len([name for name in names if name not in ("self", "cls")])
