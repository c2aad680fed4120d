"""dashboard/browser/optimizers.js and updates.js, from the records; `make docs` writes them.

The first has what trains: the compiled steps, line by line in JavaScript. The second has what is
read: the lines of each update, as text and as something to be computed.
"""

import ast
import json

from minibatch_core.optimizers import OPTIMIZERS, Optimizer
from minibatch_core.optimizers.record import WORDS, Line
from minibatch_core.settings import TrainSettings
from minibatch_core.settings.fields import describe
from scripts.formulas import Parts, expression, helpers, procedure

__all__ = ["optimizers_module", "updates_module"]

HEAD = """\
// @ts-check
// Written by `make docs` from minibatch_core/optimizers; a change belongs there.

import { power } from "./power.js"

/** @typedef {keyof typeof OPTIMIZERS} OptimizerName */

/** @typedef {Float64Array} Numbers */

/**
 * Fills `factors` with what step t = 1, 2, ... has in common for all parameters.
 *
 * @callback Common
 * @param {Numbers} h
 * @param {Numbers} memory
 * @param {number} t
 * @param {Numbers} factors
 */

/**
 * Brings parameter k to where it is after step t = 1, 2, ...
 *
 * @callback Step
 * @param {Numbers} h
 * @param {Numbers} factors
 * @param {Numbers} state
 * @param {number} t
 * @param {Numbers} place of all parameters
 * @param {Numbers} slopes of the loss there
 * @param {number} k
 */

/**
 * An optimizer of torch.optim, one parameter and one gradient at a time.
 *
 * @typedef {object} Optimizer
 * @property {string} label
 * @property {string} colour
 * @property {boolean} isAdaptive whether it divides by the size of the gradients
 * @property {string[]} numbers what h holds: lr, then the hyperparameters ...
 * @property {number[]} defaults ... which are these unless they are given
 * @property {string[]} state what it remembers of a parameter; zeros before step 1
 * @property {string} memory what it remembers of all parameters, if anything; 1 before step 1
 * @property {Common} factors
 * @property {Step} step
 */
"""
COMMON = ("h", "memory", "t", "factors")
COMMON_INTO = [f"factors[{k}]" for k in range(3)]
STEP = ("h", "factors", "state", "t", "place", "slopes", "k")
TAKEN = {"theta": "place[k]", "g": "slopes[k]"}
ARRAYS = {"h": "Numbers", "memory": "Numbers", "state": "Numbers", "factors": "Numbers"}


def optimizers_module() -> str:
    """The browser's module of optimizers."""
    parts: Parts = {}
    made = "".join(_optimizer(each, parts) for each in OPTIMIZERS.values())
    return (
        f"{HEAD}\n{helpers(parts, ARRAYS)}\nexport const OPTIMIZERS = "
        f"/** @satisfies {{Record<string, Optimizer>}} */ ({{\n{made}}})\n"
    )


def _optimizer(optimizer: Optimizer, parts: Parts) -> str:
    lines = [
        f"label: {json.dumps(optimizer.label)}",
        f"colour: {json.dumps(optimizer.colour)}",
        f"isAdaptive: {json.dumps(optimizer.is_adaptive)}",
        f"numbers: {json.dumps(_numbers(optimizer))}",
        f"defaults: {json.dumps(list(map(float, optimizer.hyperparameters.values())))}",
        f"state: {json.dumps(list(optimizer.state))}",
        f"memory: {json.dumps(optimizer.memory)}",
        f"factors: {procedure(optimizer.factors, COMMON, COMMON_INTO, 4, parts)}",
        f"step: {procedure(optimizer.step, STEP, ['place[k]'], 4, parts, TAKEN)}",
    ]
    inner = "".join(f"    {line},\n" for line in lines)
    return f"  {optimizer.name}: {{\n{inner}  }},\n"


def _numbers(optimizer: Optimizer) -> list[str]:
    return ["lr", *optimizer.hyperparameters]


# ---- the lines of an update

UPDATES_HEAD = """\
// @ts-check
// Written by `make docs` from minibatch_core/optimizers; a change belongs there.

/** @import { OptimizerName } from "./optimizers.js" */

/** @typedef {Record<string, number>} Named */

/**
 * A line of an update as it is done by hand.
 *
 * @typedef {object} Line
 * @property {string} name of what it gives
 * @property {string} text with {name} for what has a name
 * @property {boolean} shared by w and b: it knows nothing of either
 * @property {(s: Named) => boolean} when it is there
 * @property {(s: Named) => number} value
 */

/** @type {Record<OptimizerName, Line[]>} */
export const UPDATES = {
"""
WORDS_HEAD = """
/** @type {Record<OptimizerName, Record<string, string>>} what the names mean */
export const WORDS = {
"""
SIGNS = {ast.Add: "+", ast.Sub: "−", ast.Mult: "·", ast.Div: "/", ast.Pow: "^"}
RANKS = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Div: 2, ast.Pow: 3}
CALLED = {"sqrt": "√", "max": "max", "float32": "float32"}
IN_PYTHON = {"sqrt": "math.sqrt", "max": "max", "float32": "np.float32"}


def updates_module() -> str:
    """The browser's module of the lines of every update, with words for their names."""
    lines = "".join(
        f"  {name}: [\n{''.join(_lines(optimizer))}  ],\n" for name, optimizer in OPTIMIZERS.items()
    )
    words = "".join(
        f"  {name}: {{\n{''.join(_words(optimizer))}  }},\n"
        for name, optimizer in OPTIMIZERS.items()
    )
    return f"{UPDATES_HEAD}{lines}}}\n{WORDS_HEAD}{words}}}\n"


def _words(optimizer: Optimizer) -> list[str]:
    told = dict(WORDS)
    for name in optimizer.hyperparameters:
        setting = describe(TrainSettings)[name]
        is_other, says = setting.label != name, setting.whole_help
        told[name] = f"{setting.label} in PyTorch. {says}" if is_other else says
    told |= optimizer.words
    return [f"    {name}: {json.dumps(text)},\n" for name, text in told.items()]


def _lines(optimizer: Optimizer) -> list[str]:
    """The lines in JavaScript; a name that no line before gives is an error."""
    known = {*_numbers(optimizer), *optimizer.state, optimizer.memory, "g", "theta", "t"}
    shared = {*_numbers(optimizer), optimizer.memory, "t"}
    made = []
    for line in optimizer.update:
        names = _names(line.formula)
        unknown = (names | _names(line.when)) - known
        if unknown:
            raise ValueError(
                f"a line of {optimizer.name} should know its names, but got {sorted(unknown)}"
            )
        known.add(line.name)
        is_shared = names <= shared
        if is_shared and line.name not in optimizer.state:
            shared.add(line.name)
        made.append(_line(line, is_shared and line.name in shared))
    return made


def _line(line: Line, is_shared: bool) -> str:
    text = _text(ast.parse(line.formula, mode="eval").body)
    return (
        f"    {{\n      name: {json.dumps(line.name)},\n"
        f"      text: {json.dumps(text, ensure_ascii=False)},\n"
        f"      shared: {json.dumps(is_shared)},\n"
        f"      when: (s) => {_of_names(line.when)},\n"
        f"      value: (s) => {_of_names(line.formula)},\n    }},\n"
    )


def _names(formula: str) -> set[str]:
    nodes = ast.walk(ast.parse(formula, mode="eval"))
    return {node.id for node in nodes if isinstance(node, ast.Name)} - CALLED.keys()


def _of_names(formula: str) -> str:
    """A formula in JavaScript, as a function of `s`, which has a number for each name."""
    parsed = ast.parse(formula, mode="eval")
    for node in ast.walk(parsed):
        match node:
            case ast.Call(func=ast.Name(id=name)):
                node.func = ast.parse(IN_PYTHON[name], mode="eval").body
    named = _Named().visit(parsed)
    return expression(named.body)


class _Named(ast.NodeTransformer):
    """Each name as a property of `s`, but for those of functions."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Attribute(ast.Name("s"), node.id)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.args = [self.visit(argument) for argument in node.args]
        return node


def _text(node: ast.expr, outside: int = 0) -> str:
    """A formula as it is written on paper, in parentheses where what is `outside` binds more."""
    match node:
        case ast.Name(id=name):
            return f"{{{name}}}"
        case ast.Constant(value=float() | int() as value):
            return f"{value:g}"
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return f"{CALLED[name]}({', '.join(map(_text, arguments))})"
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=2)):
            return f"{_text(left, 4)}²"
        case ast.BinOp(left=left, op=operator, right=right):
            rank, sign = RANKS[type(operator)], SIGNS[type(operator)]
            space = "" if sign == "^" else " "
            inner = f"{_text(left, rank)}{space}{sign}{space}{_text(right, rank + 1)}"
            return f"({inner})" if rank < outside else inner
    raise ValueError(f"a line should be arithmetic, but got {ast.unparse(node)}")
