"""The order in which data passes the modules is the order in which they may import each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "askseoul"

ORDER = [
    "errors",
    "domain",
    "records",
    "index_report",
    "settings",
    "models",
    "tokens",
    "encoders",
    "generators",
    "extracts",
    "archives",
    "markup",
    "webpages",
    "pdfs",
    "documents",
    "books",
    "formats",
    "canonical",
    "frontmatter",
    "articles",
    "places",
    "publication",
    "reading",
    "readers",
    "sentences",
    "passages",
    "quotes",
    "compression",
    "nodes",
    "stamps",
    "chroma",
    "database",
    "lock",
    "lexical",
    "vectors",
    "tables",
    "migrations",
    "opening",
    "neighbours",
    "store",
    "changes",
    "writing",
    "indexing",
    "words",
    "retrieval",
    "prompts",
    "replies",
    "countries",
    "names",
    "attestation",
    "dates",
    "quantities",
    "units",
    "periods",
    "tenses",
    "time_expressions",
    "relative_dates",
    "cues",
    "relations",
    "edits",
    "meaning",
    "wording",
    "checks",
    "speech",
    "surroundings",
    "speakers",
    "attribution",
    "datings",
    "questions",
    "asked_values",
    "opposites",
    "timing",
    "precedence",
    "conversation",
    "references",
    "followups",
    "evidence",
    "answerability",
    "answering",
    "polarity",
    "positions",
    "disagreement",
    "coverage",
    "verification",
    "proof",
    "findings",
    "pipeline",
    "llama",
    "rows",
    "gold",
    "sets",
    "intervals",
    "measures",
    "evaluation",
    "results",
    "baseline",
    "charts",
    "report",
    "judging",
    "batch",
    "terminal",
    "process",
    "options",
    "scoring",
    "evaluating",
    "rendering",
    "article_view",
    "exports",
    "feedback",
    "inversion",
    "clauses",
    "phrasing",
    "suggestions",
    "limits",
    "routes",
    "responses",
    "guard",
    "uploads",
    "exchanges",
    "endpoints",
    "page_events",
    "plumbing",
    "theme",
    "page_inputs",
    "web",
    "serving",
    "chatting",
    "cli",
]
ENTRANCES = {"__init__", "__main__"}
"""What users and Python come in by; no module of ours imports them, and they may import any."""

MODULES = sorted(path.stem for path in PACKAGE.glob("*.py"))

SLOW = {
    "chromadb",
    "docx",
    "fastapi",
    "gradio",
    "llama_index",
    "lxml",
    "openvino",
    "openvino_genai",
    "pypdfium2",
    "sentence_transformers",
    "torch",
    "trafilatura",
    "transformers",
    "uvicorn",
}


def imports_of(tree):
    """Each import that happens at run time: the names it may bind as modules, and whether it is inside a function."""

    def visit(node, inside):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.Import):
                yield from ((alias.name, inside) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                module = "." * child.level + (child.module or "")
                yield from ((f"{module}.{alias.name}", inside) for alias in child.names)
            else:
                yield from visit(child, inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))

    yield from visit(tree, False)


def imports(module):
    return list(imports_of(ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))))


def our_imports(module):
    """Our modules that this one imports: ``askseoul.store.Store`` is ``store``, ``askseoul.Answer`` is ``__init__``."""
    for name, inside in imports(module):
        first, _, rest = name.partition(".")
        if first == "askseoul" and rest != "__version__":  # a text, not a module
            imported = rest.split(".")[0]
            yield (imported if imported in MODULES else "__init__"), inside


def test_every_module_has_its_place():
    assert set(MODULES) - ENTRANCES <= set(ORDER)


@pytest.mark.parametrize("module", sorted(set(MODULES) & set(ORDER)))
def test_a_module_imports_only_from_those_before_it(module):
    before = set(ORDER[: ORDER.index(module)])
    assert {imported for imported, _ in our_imports(module)} <= before


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"__init__", "evaluating", "chatting"}))
def test_our_modules_are_imported_at_the_top_so_no_circle_hides_in_a_function(module):
    assert [imported for imported, inside in our_imports(module) if inside] == []


def test_the_command_line_imports_late_only_what_one_command_needs():
    late = {name: {each for each, inside in our_imports(name) if inside} for name in ("evaluating", "chatting")}
    assert late == {"evaluating": {"baseline", "evaluation", "judging", "scoring"}, "chatting": {"serving"}}


@pytest.mark.parametrize("module", MODULES)
def test_slow_packages_are_imported_in_the_function_that_needs_them(module):
    # What llama defines are LlamaIndex's own kinds of classes: who imports it works with LlamaIndex already.
    slow = SLOW - {"llama_index"} if module == "llama" else SLOW
    assert {name for name, inside in imports(module) if not inside and name.split(".")[0] in slow} == set()


def test_no_module_imports_llama():
    assert [module for module in MODULES if "llama" in dict(our_imports(module))] == []


@pytest.mark.parametrize("module", MODULES)
def test_imports_are_absolute(module):
    assert [name for name, _ in imports(module) if name.startswith(".")] == []


def test_imports_are_seen_as_they_are():
    source = """
import torch.nn as nn
from askseoul import store
from . import beside
if TYPE_CHECKING:
    import gradio
def late():
    from askseoul.checks import check
"""
    assert list(imports_of(ast.parse(source))) == [
        ("torch.nn", False),
        ("askseoul.store", False),
        ("..beside", False),
        ("askseoul.checks.check", True),
    ]
