"""HTML comes from templates, which escape by default: nothing in the package goes around them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes
from markupsafe import Markup

import beaconviz
from beaconviz.figures.markup import _ENVIRONMENT, macros

PACKAGE = Path(beaconviz.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted(PACKAGE.rglob("*.jinja"))
TAG = re.compile(r"(?<!\?P)</?[a-z][a-z0-9]*(\s[^<>]*)?/?>")  # but for a group of an expression

# Strings with a tag in them that may be: by file, with what they are.
PLOTLY = re.compile(r"</?(br|extra)>")  # the two tags of a Plotly label
TAGS = {
    "core/labels.py": "names of special tokens",
    "models/checkpoint/tokenizer_files.py": "names of special tokens",
    "models/token_names.py": "names of bytes",
    "figures/escape.py": "what keeps a notebook from typesetting a formula",
    "figures/bertviz.py": "a tag of BertViz's own page, which is taken out",
    "ui/components/greeting.py": "a component of Streamlit, whose text its script sets",
    "ui/components/share_button.py": "a component of Streamlit, without any text",
    "ui/components/reading_view.py": "a component of Streamlit, without any text",
}
# Where text becomes HTML without being escaped: by file, with what it is.
UNESCAPED = {
    "figures/escape.py": "escaped in the same line",
    "figures/page.py": "Plotly's script and figures, pandas' table",
    "figures/bertviz.py": "the scripts of the page, BertViz's fragment",
    "figures/html/reading_view.py": "the files beside it, and JSON without any <",
}
# Templates with an expression inside <script> or <style>, where escaping is not enough.
RAW = {"figures/page.jinja", "figures/bertviz.jinja", "figures/html/reading_view.jinja"}


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def strings(module: str) -> Iterator[str]:
    """The literals of a module, parts of f-strings too, without its docstrings."""
    tree = ast.parse(module)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings:
                yield node.value
        elif isinstance(node, ast.JoinedStr):  # a tag may have an expression in its middle
            parts = (part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
            yield "".join(map(str, parts))


def has_tag(module: str, plotly: bool = False) -> bool:
    found = (PLOTLY.sub("", text) if plotly else text for text in strings(module))
    return any(TAG.search(text) for text in found)


def unescaped(module: str) -> bool:
    """Whether it makes `Markup` of something."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, (ast.Name, ast.Attribute))
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Markup"
        and any(not isinstance(argument, ast.Constant) for argument in node.args)
        for node in ast.walk(ast.parse(module))
    )


def test_no_tag_stands_in_python():
    charts = "figures/charts/"
    modules = {name(path): path.read_text("utf-8") for path in MODULES}
    assert {at for at, text in modules.items() if has_tag(text, at.startswith(charts))} == set(TAGS)


def test_text_becomes_html_without_escaping_only_where_it_may():
    modules = {name(path): path.read_text("utf-8") for path in MODULES}
    assert {at for at, text in modules.items() if unescaped(text)} == set(UNESCAPED)


@pytest.mark.parametrize(
    "module", ["f'<p>{x}</p>'", "f'<p class={x}>'", "'<p>' + x", "x = '<br/>'", "'</p>%s' % x"]
)
def test_a_tag_would_be_seen(module):
    assert has_tag(module)
    assert not has_tag('def f():\n    """<p>"""\n    return "a < b and c > d", "%{x}"')


def test_markup_would_be_seen():
    assert unescaped("Markup(x)")
    assert unescaped("markupsafe.Markup(f'{x}')")
    assert not unescaped("Markup(), Markup('\\n').join(x)")


def test_there_are_templates():
    assert len(TEMPLATES) > 15


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_template_switches_escaping_off(path):
    tree = _ENVIRONMENT.parse(path.read_text("utf-8"))
    assert not {"safe", "forceescape"} & {found.name for found in tree.find_all(nodes.Filter)}
    assert not list(tree.find_all((nodes.ScopedEvalContextModifier, nodes.EvalContextModifier)))


def expressions(template: str) -> Iterator[str]:
    """What of the template stands before each expression."""
    for match in re.finditer(r"\{\{", template):
        before = re.sub(r"\{#.*?#\}", "", template[: match.start()], flags=re.DOTALL)
        yield re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", before, flags=re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_an_expression_in_a_tag_is_the_value_of_a_quoted_attribute(path):
    raw = False
    for before in expressions(path.read_text("utf-8")):
        tag = before[max(before.rfind("<"), 0) :]
        if tag.startswith("<") and ">" not in tag:
            assert re.search(r'="[^"]*$', tag), tag
        opened = re.findall(r"<(/?)(script|style)\b[^>]*>", before)
        raw |= bool(opened) and not opened[-1][0]
    assert raw == (name(path) in RAW)


def test_what_is_missing_is_an_error():
    template = _ENVIRONMENT.from_string("{% macro shown(x) %}{{ x }}{{ y }}{% endmacro %}")
    with pytest.raises(jinja2.UndefinedError, match="'y' is undefined"):
        template.module.shown("x")


def test_text_is_escaped_and_html_is_not():
    template = _ENVIRONMENT.from_string("{% macro shown(x) %}{{ x }}{% endmacro %}")
    assert template.module.shown("<b>") == "&lt;b&gt;"
    assert template.module.shown(Markup("<b>")) == "<b>"
    assert template.module.shown(3) == "3"


def test_a_template_is_the_one_beside_its_module():
    page = macros(str(PACKAGE / "figures" / "page.py"))
    assert page.pair([Markup("<i>"), "<i>"]) == '<div class="pair"><i>&lt;i&gt;</div>'
    with pytest.raises(jinja2.TemplateNotFound):
        macros(str(PACKAGE / "figures" / "nothing.py"))
