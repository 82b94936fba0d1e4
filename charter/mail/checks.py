"""A system check: each kind of email has a template, and each template a kind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.template import Engine, TemplateDoesNotExist
from django.template.loader_tags import BlockNode

from charter.mail.kinds import MessageKind, registered_kinds

BLOCKS = {"subject", "text", "html"}


@register(Tags.templates)
def check_email_templates(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Report kinds without a template or a block, and templates without a kind."""
    kinds = [kind for kind in registered_kinds() if kind.has_template]
    problems = [*_template_problems(kinds), *_kind_problems({kind.code for kind in kinds})]
    return [Error(problem, id="charter.E002") for problem in problems]


def _template_problems(kinds: list[MessageKind]) -> Iterator[str]:
    for kind in kinds:
        name = f"emails/{kind.code}.html"
        try:
            template = Engine.get_default().get_template(name)
        except TemplateDoesNotExist:
            yield f"The kind of email {kind.code} has no template {name}."
            continue
        blocks = {
            node.name
            for node in template.nodelist.get_nodes_by_type(BlockNode)
            if isinstance(node, BlockNode)
        }
        for block in sorted(BLOCKS - blocks):
            yield f"The template {name} has no block {block}."


def _kind_problems(codes: set[str]) -> Iterator[str]:
    for folder in Engine.get_default().dirs:
        for path in sorted(Path(folder, "emails").glob("[!_]*")):
            if path.stem not in codes:
                yield f"The template emails/{path.name} belongs to no kind of email."
