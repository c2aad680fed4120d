// @ts-check
// The update of a step in lines: the optimizer's formula, and the same with the step's numbers.
//
// A number is rounded before it is shown, and the next line is computed from what is shown: so each
// line can be checked with a calculator. There are as many digits as it takes for the last line to
// end at the run's own next value.

import { OPTIMIZERS } from "./optimizers.js"
import { lossAndGradient } from "./unit.js"
import { bracketed, end, equation, filled, named, symbolOf, told } from "./update_text.js"
import { UPDATES, WORDS } from "./updates.js"
import { whole } from "./words.js"

/** @import { Run, State } from "./steps.js" */
/** @import { Remembered } from "./descent.js" */
/** @import { Line, Named } from "./updates.js" */

/** @typedef {"w" | "b"} Parameter */

/**
 * @typedef {object} ShownLine
 * @property {string} formula
 * @property {Record<Parameter, string> | string} numbers one text where w and b have the same
 */

/**
 * @typedef {object} Update
 * @property {ShownLine[]} lines
 * @property {number} digits of every number but the last
 * @property {Record<Parameter, string>} next as the lines have it
 * @property {Record<Parameter, string>} own as the run has it, to as many digits
 * @property {[symbol: string, words: string][]} symbols of the lines
 * @property {Record<Parameter, Named>} values that every name stands for at last
 */

/** @type {Parameter[]} */
export const BOTH = ["w", "b"]
export const LAST = "θ_next" // the name of the last line
const FEWEST = 8 // digits
const MOST = 17 // with so many nothing is rounded
const FEWEST_AT_LAST = 6
const OF_THE_CHANGE = 2 // digits, so that a small step is seen
const SPARE = 2 // digits that every line has more than the last
const SIGNS = {
  "←": "What stands on the left gets a new value, calculated from the values before.",
  "^": "To the power of.",
}
const RIGHT = 1e-6 // by how much of itself a number may be off, since those before it were rounded
const LISTED = 3 // points whose slopes are all shown

/**
 * @param {Run} run
 * @param {State} state not the last
 * @param {Remembered} remembered before the step
 * @returns {Update}
 */
export function updateOf(run, state, remembered) {
  const ends = /** @type {Record<Parameter, number>} */ ({ w: digitsAtEnd(run, state, "w"), b: digitsAtEnd(run, state, "b") })
  const exact = written(run, state, remembered, MOST, ends)
  for (const more of [0, 1]) { // where the last digit lies between two, one more decides
    const last = { w: ends.w + more, b: ends.b + more }
    for (let digits = Math.max(FEWEST, last.w + SPARE, last.b + SPARE); digits <= MOST; digits++) {
      const update = written(run, state, remembered, digits, last)
      if (isTheRuns(update) && isRight(update, exact)) return update
    }
  }
  return exact
}

/** @param {Update} update */
export function isTheRuns({ next, own }) {
  return BOTH.every((name) => next[name] === own[name])
}

/**
 * Whether no number is far off: rounded numbers that nearly cancel may leave anything.
 *
 * @param {Update} update
 * @param {Update} exact
 */
function isRight({ values }, exact) {
  return BOTH.every((each) =>
    Object.entries(exact.values[each]).every(([name, value]) => Math.abs(values[each][name] - value) <= RIGHT * Math.abs(value)),
  )
}

/**
 * @param {Run} run
 * @param {State} state
 * @param {Parameter} name
 */
function digitsAtEnd(run, { step }, name) {
  const [before, after] = [run[name][step], run[name][step + 1]]
  if (before === after) return FEWEST_AT_LAST
  const size = Math.log10(Math.max(Math.abs(before), Math.abs(after)) / Math.abs(after - before))
  return Math.max(FEWEST_AT_LAST, Math.min(Math.ceil(size) + OF_THE_CHANGE, MOST - SPARE - 1))
}

/**
 * @param {Run} run
 * @param {State} state
 * @param {Remembered} remembered
 * @param {number} digits
 * @param {Record<Parameter, number>} last digits of the last line
 * @returns {Update}
 */
function written(run, state, remembered, digits, last) {
  /** @param {number} value */
  const shown = (value) => Number(value.toPrecision(digits))
  const of = valuesOf(run, state, remembered, shown)
  const lines = [gradientLine(run, state, of, shown), ...(run.rates ? [scheduleLine(of.w)] : [])]
  const names = new Set(["theta", "g"])
  for (const line of UPDATES[run.optimizer]) {
    if (!line.when(of.w)) continue
    lines.push(taken(line, of, shown, last))
    for (const [, name] of `${line.text}{${line.name}}`.matchAll(/\{(\w+)\}/g)) names.add(name)
  }
  return {
    lines,
    digits,
    next: { w: end(of.w.theta_next, last.w), b: end(of.b.theta_next, last.b) },
    own: { w: end(run.w[state.step + 1], last.w), b: end(run.b[state.step + 1], last.b) },
    symbols: symbolsOf(run, names, lines),
    values: of,
  }
}

/**
 * A line for w and for b; what it gives stands among their values from then on.
 *
 * @param {Line} line
 * @param {Record<Parameter, Named>} of
 * @param {(value: number) => number} shown
 * @param {Record<Parameter, number>} last
 * @returns {ShownLine}
 */
function taken({ name, text, shared, value }, of, shown, last) {
  const formula = `${symbolOf(name)} ${name in of.w ? "←" : "="} ${named(text)}`
  const [w, b] = BOTH.map((each) => {
    const numbers = filled(text, of[each])
    const exact = value(of[each])
    const isLast = name === "theta_next"
    of[each][name] = isLast ? exact : shown(exact)
    const result = isLast ? end(exact, last[each]) : told(of[each][name])
    return numbers === result ? result : equation(numbers, result)
  })
  return { formula, numbers: shared ? w : { w, b } }
}

/**
 * @param {Run} run
 * @param {Set<string>} names
 * @param {ShownLine[]} lines
 * @returns {Update["symbols"]}
 */
function symbolsOf({ optimizer }, names, lines) {
  const signs = Object.entries(SIGNS).filter(([sign]) => lines.some(({ formula }) => formula.includes(sign)))
  return [...signs, .../** @type {[string, string][]} */ ([...names].map((name) => [symbolOf(name), WORDS[optimizer][name]]))]
}

/**
 * What the names stand for before the step, rounded as they are shown; settings are never rounded.
 *
 * @param {Run} run
 * @param {State} state
 * @param {Remembered} remembered
 * @param {(value: number) => number} shown
 * @returns {Record<Parameter, Named>}
 */
function valuesOf(run, { step, own, w, b }, remembered, shown) {
  const { numbers, state, memory } = OPTIMIZERS[run.optimizer]
  /** @type {Named} */
  const common = { t: step + 1 }
  numbers.forEach((name, k) => { common[name] = run.hyperparameters[k] })
  if (run.rates) common.lr = shown(run.rates[step])
  if (memory) common[memory] = shown(remembered.memory[0])
  /** @param {Parameter} name @param {number} theta @param {number} g @returns {Named} */
  const values = (name, theta, g) => ({
    ...common,
    ...Object.fromEntries(state.map((each, k) => [each, shown(remembered[name][k])])),
    theta: shown(theta),
    g: shown(g),
  })
  return { w: values("w", w, own.slopeW), b: values("b", b, own.slopeB) }
}

/**
 * How g comes about; it becomes what the line ends at.
 *
 * @param {Run} run
 * @param {State} state
 * @param {Record<Parameter, Named>} of
 * @param {(value: number) => number} shown
 * @returns {ShownLine}
 */
function gradientLine(run, { points, w, b, own, all }, of, shown) {
  const size = points.length
  const single = size > LISTED ? [] : Array.from(points, (point) => lossAndGradient(run, [point], w, b))
  const slopes = {
    w: single.length > 0 ? single.map(({ slopeW }) => shown(slopeW)) : [shown(own.slopeW * size)],
    b: single.length > 0 ? single.map(({ slopeB }) => shown(slopeB)) : [shown(own.slopeB * size)],
  }
  const numbers = { w: "", b: "" }
  for (const name of BOTH) {
    of[name].g = shown(slopes[name].reduce((sum, slope) => sum + slope, 0) / size)
    const [first, ...others] = slopes[name]
    const sum = [told(first), ...others.map((slope) => bracketed(slope))].join(" + ")
    const result = told(of[name].g)
    numbers[name] = size === 1 ? result : equation(`${others.length > 0 ? `(${sum})` : sum} / ${size}`, result)
  }
  const whose = own === all ? "all" : "the minibatch's"
  const what = size === 1 ? "the gradient of the minibatch's one point" : `the mean of the gradients of ${whose} ${whole(size)} points`
  return { formula: `g = ${what}`, numbers }
}

/**
 * @param {Named} values
 * @returns {ShownLine}
 */
function scheduleLine({ lr }) {
  return { formula: "lr = the schedule's learning rate at this step", numbers: told(lr) }
}
