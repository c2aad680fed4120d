"""dashboard/browser/losses.js, from the losses' own formulas; `make docs` writes it.

The browser computes every step that it plays. Its formulas are those of the records, line by line
in JavaScript, and a test compares the file with what this makes.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from minibatch_core.losses import LOSSES

__all__ = ["losses_module"]

FUNCTIONS = {
    "math.exp": "Math.exp",
    "math.log": "Math.log",
    "math.log1p": "Math.log1p",
    "math.sqrt": "Math.sqrt",
    "math.tanh": "Math.tanh",
    "abs": "Math.abs",
    "max": "Math.max",
    "min": "Math.min",
}
OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "===",
    ast.NotEq: "!==",
}

HEAD = """\
// @ts-check
// Written by `make docs` from minibatch_core/losses; a change belongs there.

/** @typedef {keyof typeof TERMS} Loss */

// The loss of one point and its slope in the logit z; e = exp(-|z|), p = sigmoid(z).
export const TERMS = {
"""

CONVEX = """\
/** @type {Record<Loss, boolean>} */
export const IS_CONVEX = {
"""

TYPE = """\
  /**
   * @param {number} z
   * @param {number} e
   * @param {number} p
   * @param {number} y
   * @returns {[loss: number, slope: number]}
   */
"""


def losses_module() -> str:
    """The browser's module of losses."""
    terms = (
        f"{TYPE}  {name}: {javascript(loss.value_and_slope)},\n" for name, loss in LOSSES.items()
    )
    convex = (f"  {name}: {str(loss.is_convex).lower()},\n" for name, loss in LOSSES.items())
    return f"{HEAD}{''.join(terms)}}}\n\n{CONVEX}{''.join(convex)}}}\n"


def javascript(kernel: Callable[..., Any]) -> str:
    """A compiled function as an arrow function of JavaScript.

    Raises ValueError for what has no counterpart here: a formula is assignments, then a return.
    """
    source = textwrap.dedent(inspect.getsource(inspect.unwrap(getattr(kernel, "py_func", kernel))))
    (function,) = ast.parse(source).body
    if not isinstance(function, ast.FunctionDef):
        raise ValueError(f"a formula should be a function, but got {source!r}")
    names = [argument.arg for argument in function.args.args]
    _check_names(function, {*names, "math", "abs", "max", "min"})
    lines = [f"    {_statement(each)}" for each in function.body if not _is_docstring(each)]
    return "\n".join([f"({', '.join(names)}) => {{", *lines, "  }"])


def _check_names(function: ast.FunctionDef, known: set[str]) -> None:
    """Raise a ValueError for a name that the browser would not know, or that has two values."""
    names = [
        node for each in function.body for node in ast.walk(each) if isinstance(node, ast.Name)
    ]
    for node in names:
        if isinstance(node.ctx, ast.Store):
            if node.id in known:
                raise ValueError(f"a formula should give a name one value, but not {node.id!r} two")
            known.add(node.id)
    for node in names:
        if node.id not in known:
            raise ValueError(f"a formula should know its names, but got {node.id!r}")


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _statement(statement: ast.stmt) -> str:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return f"const {name} = {_expression(value)}"
        case ast.Return(value=ast.expr() as value):
            return f"return {_expression(value)}"
    raise ValueError(f"a formula should hold assignments and a return, but got {_told(statement)}")


def _expression(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=float() | int() as value):
            return f"{value:g}" if value == float(f"{value:g}") else repr(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"(-{_expression(operand)})"
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
            return f"({_expression(left)} {OPERATORS[type(operator)]} {_expression(right)})"
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return f"({_expression(left)} {OPERATORS[type(operator)]} {_expression(right)})"
        case ast.IfExp(test=test, body=body, orelse=other):
            return f"({_expression(test)} ? {_expression(body)} : {_expression(other)})"
        case ast.Tuple(elts=parts):
            return f"[{', '.join(map(_expression, parts))}]"
        case ast.Call(func=function, args=arguments) if ast.unparse(function) in FUNCTIONS:
            called = FUNCTIONS[ast.unparse(function)]
            return f"{called}({', '.join(map(_expression, arguments))})"
    raise ValueError(f"a formula should be arithmetic, but got {_told(node)}")


def _told(node: ast.AST) -> str:
    return ast.unparse(node)
