"""Formulas of the engine in JavaScript, and dashboard/browser/losses.js; `make docs` writes it.

The browser computes every step that it plays. Its formulas are those of the records, line by line
in JavaScript, and a test compares the files with what this makes.
"""

import ast
import inspect
import textwrap
from collections import Counter
from collections.abc import Callable
from typing import Any

from minibatch_core.losses import LOSSES

__all__ = ["Parts", "arguments", "expression", "javascript", "losses_module"]

Parts = dict[str, Callable[..., Any]]
"""The parts that a formula calls, by their names."""

FUNCTIONS = {
    "math.exp": "Math.exp",
    "math.log": "Math.log",
    "math.log1p": "Math.log1p",
    "math.sqrt": "Math.sqrt",
    "math.tanh": "Math.tanh",
    "np.float32": "Math.fround",
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


def javascript(kernel: Callable[..., Any], indent: int = 2, parts: Parts | None = None) -> str:
    """A compiled function as an arrow function of JavaScript, its end at an indent.

    The parts that it calls are added to `parts`, by their names. Raises ValueError for what has no
    counterpart here: a formula is assignments, conditions, and a return.
    """
    kernel = inspect.unwrap(getattr(kernel, "py_func", kernel))
    source = textwrap.dedent(inspect.getsource(kernel))
    (parsed,) = ast.parse(source).body
    if not isinstance(parsed, ast.FunctionDef):
        raise ValueError(f"a formula should be a function, but got {source!r}")
    function = _Resolved(kernel.__globals__, {} if parts is None else parts).visit(parsed)
    changing = _check_names(function)
    lines = [f"let {name}" for name in changing]
    for each in function.body:
        lines += _statement(each, changing | set(arguments(function)))
    inner = "\n".join(f"{' ' * (indent + 2)}{line}" for line in lines)
    return f"({', '.join(arguments(function))}) => {{\n{inner}\n{' ' * indent}}}"


class _Resolved(ast.NodeTransformer):
    """A function with the places in arrays as numbers, and the parts that it calls collected."""

    def __init__(self, known: dict[str, Any], parts: Parts) -> None:
        self.known = known
        self.parts = parts

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.slice, ast.Name) and isinstance(self.known.get(node.slice.id), int):
            node.slice = ast.Constant(self.known[node.slice.id])
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and hasattr(self.known.get(node.func.id), "py_func"):
            part = self.known[node.func.id]
            if self.parts.setdefault(node.func.id, part) is not part:
                raise ValueError(
                    f"every part should have a name of its own, but two are {node.func.id!r}"
                )
            node.func = ast.Attribute(ast.Name("parts", ast.Load()), node.func.id)
        return node


def arguments(function: ast.FunctionDef) -> list[str]:
    """The names of a function's arguments, up to the last that it uses."""
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    names = [argument.arg for argument in function.args.args]
    while names and names[-1] not in used:
        names.pop()
    return names


def _check_names(function: ast.FunctionDef) -> set[str]:
    """The names that are given more than one value; raises ValueError for one never given any."""
    names = [
        node for each in function.body for node in ast.walk(each) if isinstance(node, ast.Name)
    ]
    stored = Counter(node.id for node in names if isinstance(node.ctx, ast.Store))
    given = {argument.arg for argument in function.args.args}
    known = {*given, *stored, "math", "np", "abs", "max", "min", "parts"}
    for node in names:
        if node.id not in known:
            raise ValueError(f"a formula should know its names, but got {node.id!r}")
    return {name for name, times in stored.items() if times > 1} - given


def _statement(statement: ast.stmt, changing: set[str]) -> list[str]:
    """The lines of a statement; names that are `changing` have been declared before."""
    match statement:
        case ast.Expr(value=ast.Constant()):  # a docstring
            return []
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            while names[-1] == "_":
                names.pop()
            return [f"const [{', '.join(names)}] = {expression(value)}"]
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return [f"{'' if name in changing else 'const '}{name} = {expression(value)}"]
        case ast.Assign(targets=[ast.Subscript() as place], value=value):
            return [f"{expression(place)} = {expression(value)}"]
        case ast.AugAssign(target=ast.Subscript() as place, op=operator, value=value):
            return [f"{expression(place)} {OPERATORS[type(operator)]}= {expression(value)}"]
        case ast.If(test=ast.Compare() as test, body=body, orelse=other):
            lines = [f"if {expression(test)} {{", *_block(body, changing)]
            return [*lines, *(["} else {", *_block(other, changing)] if other else []), "}"]
        case ast.Return(value=ast.expr() as value):
            return [f"return {expression(value)}"]
    raise ValueError(
        f"a formula should hold assignments, conditions and a return, but got {_told(statement)}"
    )


def _block(statements: list[ast.stmt], changing: set[str]) -> list[str]:
    return [f"  {line}" for each in statements for line in _statement(each, changing)]


def expression(node: ast.expr) -> str:
    """An expression in JavaScript."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="parts" | "s" as owner), attr=name):
            return name if owner == "parts" else f"s.{name}"
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int() as place)):
            return f"{name}[{place}]"
        case ast.Constant(value=float() | int() as value):
            return f"{value:g}" if value == float(f"{value:g}") else repr(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"(-{expression(operand)})"
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
            return f"({expression(left)} {OPERATORS[type(operator)]} {expression(right)})"
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return f"({expression(left)} {OPERATORS[type(operator)]} {expression(right)})"
        case ast.BoolOp(op=ast.And(), values=values):
            return f"({' && '.join(map(expression, values))})"
        case ast.IfExp(test=test, body=body, orelse=other):
            return f"({expression(test)} ? {expression(body)} : {expression(other)})"
        case ast.Tuple(elts=parts):
            return f"[{', '.join(map(expression, parts))}]"
        case ast.Call(func=function, args=arguments) if ast.unparse(function) in FUNCTIONS:
            called = FUNCTIONS[ast.unparse(function)]
            return f"{called}({', '.join(map(expression, arguments))})"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="parts")) as part, args=arguments):
            return f"{expression(part)}({', '.join(map(expression, arguments))})"
    raise ValueError(f"a formula should be arithmetic, but got {_told(node)}")


def _told(node: ast.AST) -> str:
    return ast.unparse(node)
