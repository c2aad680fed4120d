"""Formulas of the engine in JavaScript, and dashboard/browser/losses.js and schedules.js.

The browser computes every step that it trains and plays. Its formulas are those of the records,
line by line in JavaScript. `make docs` writes them, and a test compares the files with what this
makes.
"""

import ast
import inspect
import math
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from minibatch_core.losses import LOSSES, Loss
from minibatch_core.schedules import SCHEDULES

__all__ = [
    "Parts",
    "arguments",
    "expression",
    "helpers",
    "javascript",
    "losses_module",
    "procedure",
    "schedules_module",
]

Parts = dict[str, Callable[..., Any]]
"""The parts that a formula calls, by their names."""

FUNCTIONS = {
    "math.cos": "Math.cos",
    "math.exp": "Math.exp",
    "math.log": "Math.log",
    "math.log1p": "Math.log1p",
    "math.sqrt": "Math.sqrt",
    "math.tanh": "Math.tanh",
    "np.exp": "Math.exp",
    "np.float32": "Math.fround",
    "abs": "Math.abs",
    "max": "Math.max",
    "min": "Math.min",
}
CONSTANTS = {"math.pi": "Math.PI"}
OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",  # of what is not below 0
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

MEANS = """\
/**
 * Fills `mean` with the means over some points: of the loss, and of its slopes in w and in b.
 *
 * @callback Mean
 * @param {Float64Array} x
 * @param {Uint8Array} labels
 * @param {Int32Array | number[]} points
 * @param {number} from the first of these points ...
 * @param {number} to ... and the one behind the last
 * @param {Float64Array} place w and b
 * @param {Float64Array} mean
 */

/** @type {Record<Loss, Mean>} */
export const MEANS = {
"""

MEAN = """\
  %s: (x, labels, points, from, to, place, mean) => {
    const [w, b] = [place[0], place[1]]
    let [total, slopeW, slopeB] = [0, 0, 0]
    for (let k = from; k < to; k++) {
      const i = points[k]
      const [z, y] = [w * x[i] + b, labels[i]]
      const e = Math.exp(-Math.abs(z))
      const p = (z >= 0 ? 1 : e) / (1 + e)
%s
      total += value
      slopeW += slope * x[i]
      slopeB += slope
    }
    mean[0] = total / (to - from)
    mean[1] = slopeW / (to - from)
    mean[2] = slopeB / (to - from)
  },
"""

DERIVATIVES = """\
// The first and second derivative in the logit of the loss of one point.
export const DERIVATIVES = {
"""

CONVEX = """\
/** @type {Record<Loss, boolean>} */
export const IS_CONVEX = {
"""

ENDS = """\
// What the loss of no point falls below, or rises above.
/** @type {Record<Loss, [lowest: number, highest: number]>} */
export const ENDS = {
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

TYPE_OF_DERIVATIVES = """\
  /**
   * @param {number} p
   * @param {number} y
   * @returns {[slope: number, bend: number]}
   */
"""

SCHEDULES_HEAD = """\
// @ts-check
// Written by `make docs` from minibatch_core/schedules.py; a change belongs there.

/** @typedef {keyof typeof SCHEDULES} ScheduleName */

/**
 * The learning rate of step t = 0, 1, ... as a share of lr.
 *
 * @callback Share
 * @param {number} t
 * @param {number} steps
 * @param {number} before the share of the step before, 1 before step 0
 * @returns {number}
 */
"""


def losses_module() -> str:
    """The browser's module of losses."""
    terms = (
        f"{TYPE}  {name}: {javascript(loss.value_and_slope)},\n" for name, loss in LOSSES.items()
    )
    means = (MEAN % (name, _of_a_point(loss)) for name, loss in LOSSES.items())
    derivatives = (
        f"{TYPE_OF_DERIVATIVES}  {name}: {javascript(loss.derivatives)},\n"
        for name, loss in LOSSES.items()
    )
    convex = (f"  {name}: {str(loss.is_convex).lower()},\n" for name, loss in LOSSES.items())
    ends = (
        f"  {name}: [{_end(loss.lowest)}, {_end(loss.highest)}],\n" for name, loss in LOSSES.items()
    )
    parts = (
        (HEAD, terms),
        (MEANS, means),
        (DERIVATIVES, derivatives),
        (CONVEX, convex),
        (ENDS, ends),
    )
    return "\n".join(f"{head}{''.join(lines)}}}\n" for head, lines in parts)


def _end(loss: float) -> str:
    return "Infinity" if math.isinf(loss) else f"{loss:.17g}"


def _of_a_point(loss: Loss) -> str:
    lines = _assigned(_parsed(loss.value_and_slope, {}), ["const value", "const slope"])
    return "\n".join(f"      {line}" for line in lines)


def schedules_module() -> str:
    """The browser's module of schedules."""
    parts: Parts = {}
    shares = "".join(
        f"  {name}: {javascript(schedule.share, 2, parts)},\n"
        for name, schedule in SCHEDULES.items()
    )
    return (
        f"{SCHEDULES_HEAD}\n{helpers(parts, {})}\nexport const SCHEDULES = "
        f"/** @satisfies {{Record<string, Share>}} */ ({{\n{shares}}})\n"
    )


def helpers(parts: Parts, types: Mapping[str, str]) -> str:
    """The parts that formulas call; the types are those of arguments that are no numbers."""
    texts: dict[str, str] = {}
    while parts.keys() != texts.keys():  # a part may call others
        texts |= {name: _helper(name, parts, types) for name in parts.keys() - texts.keys()}
    return "\n".join(texts[name] for name in sorted(texts))


def _helper(name: str, parts: Parts, types: Mapping[str, str]) -> str:
    names = inspect.signature(parts[name]).parameters
    told = "".join(f" * @param {{{types.get(each, 'number')}}} {each}\n" for each in names)
    made = javascript(parts[name], 0, parts)
    return f"/**\n{told} * @returns {{number}}\n */\nconst {name} = {made}\n"


def javascript(kernel: Callable[..., Any], indent: int = 2, parts: Parts | None = None) -> str:
    """A compiled function as an arrow function of JavaScript, its end at an indent.

    The parts that it calls are added to `parts`, by their names. Raises ValueError for what has no
    counterpart here: a formula is assignments, conditions, and a return.
    """
    function = _parsed(kernel, {} if parts is None else parts)
    return _arrow(arguments(function), _lines(function, function.body), indent)


def procedure(
    kernel: Callable[..., Any],
    names: Sequence[str],
    into: Sequence[str],
    indent: int = 2,
    parts: Parts | None = None,
    given: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The same with arguments of these names, which writes what it gives `into` places of arrays.

    Its own arguments that are not among the names are `given` as other expressions.
    """
    function = _parsed(kernel, {} if parts is None else parts)
    stored = _stored(function)
    lines = [
        f"{'let' if name in stored else 'const'} {name} = {place}" for name, place in given.items()
    ]
    return _arrow(names, lines + _assigned(function, into), indent)


def _arrow(names: Sequence[str], lines: Sequence[str], indent: int) -> str:
    inner = "\n".join(f"{' ' * (indent + 2)}{line}" for line in lines)
    return f"({', '.join(names)}) => {{\n{inner}\n{' ' * indent}}}"


def _parsed(kernel: Callable[..., Any], parts: Parts) -> ast.FunctionDef:
    kernel = inspect.unwrap(getattr(kernel, "py_func", kernel))
    source = textwrap.dedent(inspect.getsource(kernel))
    (parsed,) = ast.parse(source).body
    if not isinstance(parsed, ast.FunctionDef):
        raise ValueError(f"a formula should be a function, but got {source!r}")
    function: ast.FunctionDef = _Resolved(kernel.__globals__, parts).visit(parsed)
    return function


def _lines(function: ast.FunctionDef, statements: Sequence[ast.stmt]) -> list[str]:
    """The lines of a function's statements."""
    changing = _check_names(function)
    known = changing | set(arguments(function))
    lines = [f"let {name}" for name in sorted(changing)]
    return lines + [line for each in statements for line in _statement(each, known)]


def _assigned(function: ast.FunctionDef, places: Sequence[str]) -> list[str]:
    """The lines of a function, with what it returns assigned to as many places."""
    *others, last = function.body
    returns = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    if returns != [last] or returns[0].value is None:
        raise ValueError(f"a formula should end in its one return, but got {_told(function)}")
    value = returns[0].value
    values = value.elts if isinstance(value, ast.Tuple) else [value]
    given = [f"{place} = {expression(each)}" for place, each in zip(places, values, strict=True)]
    return _lines(function, others) + given


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
    stored = _stored(function)
    given = {argument.arg for argument in function.args.args}
    known = {*given, *stored, "math", "np", "abs", "max", "min", "parts"}
    for node in _names(function):
        if node.id not in known:
            raise ValueError(f"a formula should know its names, but got {node.id!r}")
    return {name for name, times in stored.items() if times > 1} - given


def _stored(function: ast.FunctionDef) -> Counter[str]:
    """How often each name is given a value."""
    return Counter(node.id for node in _names(function) if isinstance(node.ctx, ast.Store))


def _names(function: ast.FunctionDef) -> list[ast.Name]:
    return [node for each in function.body for node in ast.walk(each) if isinstance(node, ast.Name)]


def _statement(statement: ast.stmt, changing: set[str]) -> list[str]:
    """The lines of a statement; names that are `changing` have been declared before."""
    match statement:
        case ast.Expr(value=ast.Constant()):  # a docstring
            return []
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Name(id=array)):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            return [f"const {name} = {array}[{k}]" for k, name in enumerate(names) if name != "_"]
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
        case ast.Attribute() if ast.unparse(node) in CONSTANTS:
            return CONSTANTS[ast.unparse(node)]
        case ast.Attribute(value=ast.Name(id="parts" | "s" as owner), attr=name):
            return name if owner == "parts" else f"s.{name}"
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int() as place)):
            return f"{name}[{place}]"
        case ast.Constant(value=float() | int() as value):
            return f"{value:g}" if value == float(f"{value:g}") else repr(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"(-{expression(operand)})"
        case ast.BinOp(left=left, op=operator, right=right):
            return _operation(expression(left), operator, right)
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return f"({expression(left)} {OPERATORS[type(operator)]} {expression(right)})"
        case ast.BoolOp(op=ast.And(), values=values):
            return f"({' && '.join(map(expression, values))})"
        case ast.IfExp(test=test, body=body, orelse=other):
            return f"({expression(test)} ? {expression(body)} : {expression(other)})"
        case ast.Tuple(elts=parts):
            return f"[{', '.join(map(expression, parts))}]"
        case ast.Call(func=function, args=arguments) if called := _called(function):
            return f"{called}({', '.join(map(expression, arguments))})"
    raise ValueError(f"a formula should be arithmetic, but got {_told(node)}")


def _called(function: ast.expr) -> str | None:
    match function:
        case ast.Attribute(value=ast.Name(id="parts")):
            return expression(function)
    return FUNCTIONS.get(ast.unparse(function))


def _operation(left: str, operator: ast.operator, right: ast.expr) -> str:
    """Two numbers and a sign; `t` is a whole number, and so a power of it is taken by power.js."""
    match operator:
        case ast.FloorDiv():
            return f"Math.floor({left} / {expression(right)})"
        case ast.Pow() if isinstance(right, ast.Name) and right.id == "t":
            return f"power({left}, t)"
    if type(operator) not in OPERATORS:
        raise ValueError(f"a formula should be arithmetic, but got {type(operator).__name__}")
    return f"({left} {OPERATORS[type(operator)]} {expression(right)})"


def _told(node: ast.AST) -> str:
    return ast.unparse(node)
