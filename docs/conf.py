"""How the documentation is built; ``tox run -e docs`` builds it with warnings as errors."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any, Generic

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer

HERE = Path(__file__).resolve().parent
# In a checkout the library need not be installed.
sys.path.append(str(HERE.parent))
sys.path.append(str(HERE / "extensions"))

project = "ommongo"
copyright = "the ommongo developers"
_package = (HERE.parent / "ommongo" / "__init__.py").read_text(encoding="utf-8")
release = re.search(r'^__version__\s*(?::[^=]+)?=\s*"([^"]+)"', _package, re.MULTILINE)[1]  # type: ignore[index]

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "pictures",
    "drawings",
]
# What is copied can be run: prompts and output stay behind.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
exclude_patterns = ["_build", "changelog.d", "examples"]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_title = f"ommongo {release}"

nitpicky = True
# In docstrings a name between backticks is code; a link is asked for by a role.
default_role = "code"

add_module_names = False
autodoc_member_order = "groupwise"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [("MongoDB manual", "see also")]

nitpick_ignore_regex = [
    # The build needs no network, so what is described elsewhere is not linked.
    (r"py:.*", r"(pymongo|bson)\..*"),
    (r"py:.*", r"(builtins|collections|datetime|decimal|enum|pathlib|re|types|typing|uuid)\..*"),
    (r"py:.*", r"typing_extensions\..*|ClientSession|Cursor|OperationFailure|datetime|tzinfo"),
    (r"py:.*", r"ReadConcern|WriteConcern"),
    # Type variables, and types of the library's own that a signature needs and no user does.
    (r"py:(class|obj)", r"(ommongo\.(\w+\.)*)?[A-Z]"),
    (r"py:.*", r"ommongo\.(\w+\.)*_\w+(\.\w+)*|Condition|FieldName"),
    (r"py:.*", r"Changes|Limits|OnError|QueryLike|Retrieved|SessionLike"),
]

# Where a name that several modules give is described: the first of these that has it.
_HOMES: dict[str, str] = {}
for _module in [
    "ommongo.exceptions",
    "ommongo.util",
    "ommongo.query_expression",
    "ommongo.update_expression",
    "ommongo.fields",
    "ommongo.document",
    "ommongo.query",
    "ommongo.ops",
    "ommongo.session",
    "ommongo.testing",
]:
    for _name in importlib.import_module(_module).__all__:
        _HOMES.setdefault(_name, _module)

# A long class is described on several pages: its own has what stands on none of these.
_MEMBER = re.compile(r"^\.\. auto(?:method|property|attribute):: ommongo\.\w+\.(\w+\.\w+)$", re.M)
placed_members = sorted(
    name
    for page in (HERE / "reference").rglob("*.rst")
    for name in _MEMBER.findall(page.read_text(encoding="utf-8"))
)

_FIELD = importlib.import_module("ommongo.fields").Field


def _skip(app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """
    Leave out what is described elsewhere.

    That is a public name that has its home on another page, what is bson's, a method that a page
    describes by itself, and what each field does as every `Field` does; only its schema tells more.
    """
    here = app.env.current_document.autodoc_module
    described = app.env.current_document.autodoc_class
    if what == "module":
        elsewhere = _HOMES.get(name, here) != here
        elsewhere = elsewhere or str(getattr(obj, "__module__", "")).startswith("bson")
    else:
        every = hasattr(_FIELD, name) and name != "schema_json"
        elsewhere = here == "ommongo.fields" and every and described != "Field"
        elsewhere = elsewhere or f"{described}.{name}" in placed_members
        # An old name of the class of a field. Described, it would be what `type` in every signature
        # leads to.
        elsewhere = elsewhere or name == "type"
    return True if elsewhere else None


def _public_bases(app: Sphinx, name: str, obj: type[Any], options: Any, bases: list[Any]) -> None:
    """Name the public classes that a class is made of, not the parts that they are written in."""
    found: list[Any] = []
    waiting = [getattr(base, "__origin__", base) for base in bases]
    while waiting:
        base = waiting.pop(0)
        if not base.__module__.startswith("ommongo") or base.__name__ in _HOMES:
            found.append(base)
        else:
            waiting = [*base.__bases__, *waiting]
    named = [base for base in found if base not in (object, Generic)]
    bases[:] = list(dict.fromkeys(named)) or [object]


def _plain_text(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """
    Keep a colon in a sentence from being read as the end of a type.

    Docstrings here hold no types; an empty one, before a colon of its own, tells napoleon so.
    """
    if what in ("attribute", "data", "property"):
        starts = [0]
    else:
        starts = [at + 1 for at, line in enumerate(lines) if line in ("Returns:", "Yields:")]
    for at in starts:
        if at < len(lines) and ":" in lines[at]:
            text = lines[at].lstrip()
            lines[at] = f"{lines[at][: -len(text)]}: {text}"


def _find_home(app: Sphinx, env: Any, node: Any, text: nodes.Element) -> nodes.Element | None:
    """Resolve a name in a signature, which says where the class is written, to its page."""
    name = str(node.get("reftarget", "")).rpartition(".")[2]
    if node.get("refdomain") != "py" or name not in _HOMES:
        return None
    python = env.get_domain("py")
    found = python.find_obj(env, None, None, f"{_HOMES[name]}.{name}", None, 0)
    if not found:
        return None
    target, entry = found[0]
    return python.resolve_xref(env, node["refdoc"], app.builder, entry.objtype, target, node, text)


_analyze = ModuleAnalyzer.analyze


def _analyze_without_overloads(self: ModuleAnalyzer) -> None:
    """Leave overloads of fields and operators to type checkers: a reader wants what is called."""
    _analyze(self)
    if self.modname.startswith(("ommongo.fields", "ommongo.query_expression")):
        self.overloads = {}


def setup(app: Sphinx) -> None:
    """Hook the above in."""
    # When one moves to another page, all pages are read again.
    app.add_config_value("placed_members", [], "env")
    ModuleAnalyzer.analyze = _analyze_without_overloads  # type: ignore[method-assign]
    app.connect("autodoc-skip-member", _skip)
    app.connect("autodoc-process-bases", _public_bases)
    app.connect("autodoc-process-docstring", _plain_text, priority=400)  # napoleon's is 500
    app.connect("missing-reference", _find_home)
