"""How templates become Python: as Jinja does it, with less around each thing that a page says, asks or calls.

A page draws hundreds of values, and Jinja asks of every one at run time what it is. Here

- what is written out is escaped, unless it is markup already, and is not made markup first: it is joined at once;
- a callable is called as Python does. What wants Jinja's context is known by its name (``gettext`` and its like are
  globals) or is a filter;
- an attribute is looked up as Python does; only where there is none, Jinja looks for an item;
- a macro is a function with its own parameters instead of an object that sorts them.

Templates, their language and what they may use stay Jinja's own.
"""

import keyword
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, MacroRef, optimizeconst
from jinja2.utils import _PassArg, missing
from markupsafe import Markup, escape

_has_signs = re.compile("[&<>\"']").search


def written(value: Any) -> str:
    """``value`` as HTML, to be joined with its surroundings; what is markup does not come here."""
    kind = type(value)
    if kind is str:
        return escape(value) if _has_signs(value) else value
    return str(value) if kind is int else escape(value)


@lru_cache(maxsize=1024)
def _maker(parameters: tuple[str, ...], asks_caller: bool) -> Callable[..., Callable[..., Markup]]:
    """Makes macros that take ``parameters``, and a caller, out of Jinja's functions: those take all, or ``missing``."""
    taken = [f"{name}=missing" for name in parameters]
    given = list(parameters)
    if asks_caller and "caller" not in parameters:
        taken += ["*", "caller=None"]
        given += ["undefined('No caller defined', name='caller') if caller is None else caller"]
    source = (
        "def make(body, undefined):\n"
        f"    def macro({', '.join(taken)}):\n"
        f"        return marked(Markup, body({', '.join(given)}))\n"
        "    return macro\n"
    )
    known: dict[str, Any] = {"missing": missing, "Markup": Markup, "marked": str.__new__}
    exec(source, known)  # noqa: S102 - names of parameters, each an identifier
    make: Callable[..., Callable[..., Markup]] = known["make"]
    return make


_GETTEXT = {"_", "gettext"}
_OF_MAKER = {"body", "undefined", "missing", "Markup", "marked", "kwargs", "varargs"}


class Compiler(CodeGenerator):
    """Writes a template's Python."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        self.writeline("from core.i18n import gettext_in_html")
        self.writeline(f"from {__name__} import _maker as macro_of, written")
        super().visit_Template(node, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if not self._is_html(frame) or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
            return
        self._drawn = self.temporary_identifier()
        self.write(f"({self._drawn} if type({self._drawn} := ")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if not self._is_html(frame) or finalize.src is not None:
            super()._output_child_post(node, frame, finalize)
            return
        self.write(f") is Markup else written({self._drawn}))")

    @staticmethod
    def _is_html(frame: Frame) -> bool:
        return bool(frame.eval_ctx.autoescape) and not frame.eval_ctx.volatile

    @optimizeconst
    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        thing, found = self.temporary_identifier(), self.temporary_identifier()
        self.write(f"({found} if ({found} := getattr(({thing} := ")
        self.visit(node.node, frame)
        name = repr(node.attr)
        self.write(f"), {name}, missing)) is not missing else environment.getattr({thing}, {name}))")

    @optimizeconst
    def visit_Call(  # noqa: N802
        self, node: nodes.Call, frame: Frame, forward_caller: bool = False
    ) -> None:
        if self._wants_context(node.node):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        if self._is_html(frame) and isinstance(node.node, nodes.Name) and node.node.name in _GETTEXT:
            self.write("gettext_in_html")
        else:
            self.visit(node.node, frame)
        self.write("(")
        plain = [pair for pair in node.kwargs if not keyword.iskeyword(pair.key)]
        for one in (*node.args, *plain):
            self.visit(one, frame)
            self.write(", ")
        if forward_caller:
            self.write("caller=caller, ")
        if node.dyn_args:
            self.write("*")
            self.visit(node.dyn_args, frame)
            self.write(", ")
        for pair in node.kwargs:
            if keyword.iskeyword(pair.key):
                self.write(f"**{{{pair.key!r}: ")
                self.visit(pair.value, frame)
                self.write("}, ")
        if node.dyn_kwargs:
            self.write("**")
            self.visit(node.dyn_kwargs, frame)
        self.write(")")

    def _wants_context(self, called: nodes.Expr) -> bool:
        if not isinstance(called, nodes.Name):
            return False
        known: Any = self.environment.globals.get(called.name)
        return known is not None and _PassArg.from_obj(known) is not None

    def macro_def(self, macro_ref: MacroRef, frame: Frame) -> None:
        parameters = tuple(one.name for one in macro_ref.node.args)
        sorts = macro_ref.accesses_kwargs or macro_ref.accesses_varargs
        is_odd = any(keyword.iskeyword(name) or name in _OF_MAKER for name in parameters)
        if sorts or is_odd or not self._is_html(frame):
            super().macro_def(macro_ref, frame)
            return
        self.write(f"macro_of({parameters!r}, {macro_ref.accesses_caller!r})(macro, undefined)")
