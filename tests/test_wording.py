"""One word for each concept: retired words stay out of names, comments, labels and documents."""

import ast
import importlib
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django import forms
from django.apps import apps

from registry.open_data import dictionary
from registry.schema import kinds
from registry.schema.codes import published_lists

ROOT = Path(__file__).parent.parent
# What to write instead stands in the glossary of README.md.
RETIRED_NAMES = {
    "promise", "promises", "news", "told", "tell", "tells", "firm", "firms", "story", "stories",
    "whoever", "anew", "unasked", "mails",
}  # fmt: skip
CONCEPTS = r"promises?|news|firms?|e-mails?|mails"
RETIRED_TEXT = re.compile(
    rf"\b({CONCEPTS}|told|story|stories|whoever|anew|anybody|somebody|everybody)\b", re.IGNORECASE
)
RETIRED_LABELS = re.compile(rf"\b({CONCEPTS})\b", re.IGNORECASE)
# Names that stay, each with its reason.
NAMES_THAT_STAY = {
    "story": "the published field of a success",
    "success_story": "the form field that fills it",
    "SINCE_PROMISE": "the published code of what a measure counts: the verb",
}
# Words that stay in comments, labels and documents, each with its reason.
TEXT_THAT_STAYS = [
    (
        r"\b(signatory|signatories|organisations|businesses|you|they|who|others|and|not|notice|register|it|whoever)"
        r" promises?\b",
        "the verb",
    ),
    (r"`[^`]*`", "a name in code"),
    (r"“[^”]*”|\"[^\"]*\"", "a quotation"),
    (r"good news story", "a kind of evidence, as councils call it"),
    (
        r"\bstory\b(?=[^.]{0,40}\bsuccess)|\bsuccess(es)?\b[^.]{0,40}\bstory\b",
        "the published field",
    ),
]
# Words that no page or email of ours has, outside quotations (voice: plain, nobody accused).
RETIRED_ON_PAGES = re.compile(
    rf"\b(?:{CONCEPTS}|told|anew|whoever|any more|anybody|somebody|everybody|of the council|stands?"
    r"|with words|in public|mend\w*|by itself|at hand|falls? due|go(?:es)? on|put right|c[ao]me of"
    r"|waits?)\b",
    re.IGNORECASE,
)
# Words that stay on pages and in emails, each with its reason.
PAGES_THAT_STAY = [
    (r"\b(?:you(?: can)?|signatories) promise\b", "the verb"),
    (r"\bmail server\b", "the program’s name"),
    (r"“[^”]*”", "a quotation"),
]
DOCUMENTS = ["README.md", "NOTICE", *(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/*.md"))]


def sources() -> list[Path]:
    folders = ("registry", "charter", "reporting", "tests")
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))
            if "migrations" not in path.parts]  # fmt: skip


@cache
def tokens_of(path: Path) -> list[tokenize.TokenInfo]:
    return list(tokenize.generate_tokens(io.StringIO(path.read_text()).readline))


def words_in(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def retired_in(text: str, retired: re.Pattern[str] = RETIRED_TEXT) -> list[str]:
    for pattern, _reason in TEXT_THAT_STAYS:
        text = re.sub(pattern, " ", text, flags=re.IGNORECASE)
    return [found.group() for found in retired.finditer(text)]


def comments_and_docstrings(path: Path) -> Iterator[tuple[int, str]]:
    for token in tokens_of(path):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (
            docstring := ast.get_docstring(node)
        ):
            yield getattr(node, "lineno", 1), docstring


def test_no_name_in_the_code_holds_a_retired_word():
    found = {
        f"{path.relative_to(ROOT)}:{token.start[0]} {token.string}"
        for path in sources()
        for token in tokens_of(path)
        if token.type == tokenize.NAME
        and token.string not in NAMES_THAT_STAY
        and words_in(token.string) & RETIRED_NAMES
    }
    assert found == set()


def test_no_file_is_named_by_a_retired_word():
    paths = [*sources(), *(ROOT / "templates").rglob("*.*")]
    assert [path for path in paths if words_in(path.stem) & RETIRED_NAMES] == []


def test_no_comment_or_docstring_holds_a_retired_word():
    found = [
        f"{path.relative_to(ROOT)}:{line} {words}"
        for path in sources()
        if path.name != "test_wording.py"
        for line, text in comments_and_docstrings(path)
        if (words := retired_in(text))
    ]
    assert found == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_holds_a_retired_word(name):
    text = re.sub(r"```.*?```|\]\([^)]*\)", " ", (ROOT / name).read_text(), flags=re.DOTALL)
    found = [
        f"{number}: {words}"
        for number, line in enumerate(text.splitlines(), start=1)
        if (words := retired_in(line))
    ]
    assert found == []


def labels() -> Iterator[tuple[str, str]]:
    """Yield where each label, hint and description stands, and its text."""
    for name, codes in published_lists().items():
        yield from ((f"{name}.{code}", f"{code.label}. {code.description}") for code in codes)
    for kind in kinds.KINDS:
        for described in dictionary.dictionary_fields(kind):
            yield f"field {kind}.{described.name}", described.meaning
    for app in ("charter", "reporting", "registry"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.get_fields():
                for code, label in getattr(field, "flatchoices", ()):
                    yield f"{model.__name__}.{field.name}.{code}", str(label)
    for path in [
        *(ROOT / "charter" / "forms").glob("*.py"),
        *(ROOT / "reporting" / "forms").glob("*.py"),
    ]:
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for form in vars(module).values():
            if isinstance(form, type) and issubclass(form, forms.BaseForm):
                for name, field in getattr(form, "base_fields", {}).items():
                    yield f"{form.__name__}.{name}", f"{field.label}. {field.help_text}"


def own_words(template: str) -> str:
    """Return the words of a template, without its tags, variables, HTML and exceptions."""
    template = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]+>", " ", template, flags=re.DOTALL)
    words = re.sub(r"\s+", " ", template)
    for pattern, _ in PAGES_THAT_STAY:
        words = re.sub(pattern, " ", words)
    return words


def test_no_page_or_email_holds_a_retired_word():
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in sorted((ROOT / "templates").rglob("*"))
        if path.suffix in (".html", ".txt")
        for match in RETIRED_ON_PAGES.finditer(own_words(path.read_text()))
    ]
    assert found == []


def test_no_label_or_hint_holds_a_retired_word():
    assert [(where, text) for where, text in labels() if retired_in(text, RETIRED_LABELS)] == []
