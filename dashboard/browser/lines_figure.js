// @ts-check
// Figures with a line for each of several runs, as dashboard/figures/many_runs.py makes them.

import { logAxis } from "./log_axis.js"
import { endsOf, thinned, toDraw } from "./thinned.js"

/** @import { Layout, Trace } from "./wire.js" */

export const MOST_DRAWN = 800 // points of a line
export const ALONG = ",.6~r" // how a hover writes what is counted along a run
const [SMALL, LARGE] = [1e-9, 1e9] // numbers between these are hovered without powers of ten
const LEGEND_ABOVE = { orientation: "h", x: 1, xanchor: "right", y: 1, yanchor: "bottom", tracegroupgap: 0 }

/**
 * A line of a figure: its values, and where the k-th stands.
 *
 * @typedef {object} Line
 * @property {string} name
 * @property {string} colour
 * @property {"solid" | "dot" | "dash"} dash
 * @property {(k: number) => number} place
 * @property {Float64Array} values
 */

/**
 * @param {Line[]} lines
 * @param {string} quantity
 * @param {string} unit that is counted along the runs
 * @param {boolean} isLog
 * @returns {{ data: Trace[], layout: Layout }}
 */
export function linesFigure(lines, quantity, unit, isLog) {
  /** @type {Float64Array[]} */
  const every = []
  const data = lines.map(({ name, colour, dash, place, values }) => {
    const steps = thinned([values], MOST_DRAWN)
    const drawn = Float64Array.from(steps, (k) => (isLog && !(values[k] > 0) ? NaN : values[k]))
    every.push(drawn)
    const hovertemplate = `${unit} %{x:${ALONG}}: %{y:${hovered(drawn)}}<extra>${name}</extra>`
    const x = toDraw(Float64Array.from(steps, (k) => place(k)))
    return strokeOf(name, x, toDraw(drawn), { color: colour, width: 1.6, dash }, hovertemplate)
  })
  const upwards = isLog ? logAxis(axis(quantity, { type: "log", minexponent: 3 }), every) : axis(quantity)
  return { data, layout: { xaxis: axis(unit, { uirevision: unit }), yaxis: upwards, legend: LEGEND_ABOVE } }
}

/**
 * @param {string} name
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} y
 * @param {{ color: string, width: number, dash?: string }} line
 * @param {string} hovertemplate
 * @returns {Trace}
 */
export function strokeOf(name, x, y, line, hovertemplate) {
  return { type: "scatter", mode: "lines", name, x, y, line, hovertemplate }
}

/**
 * @param {string} title
 * @param {object} [more]
 */
function axis(title, more = {}) {
  return { title: { text: title, standoff: 4 }, zeroline: false, exponentformat: "power", minexponent: 6, ...more }
}

/**
 * How a hover writes such numbers, in d3's words.
 *
 * @param {ArrayLike<number>} values
 * @param {number} [digits]
 */
export function hovered(values, digits = 4) {
  const [least, most] = sizesIn(values)
  return `,.${digits}~${Math.min(least, 1) > SMALL && Math.max(most, 1) < LARGE ? "r" : "g"}`
}

/**
 * The smallest and the largest size of the numbers that are neither 0 nor infinite.
 *
 * @param {ArrayLike<number>} values
 */
function sizesIn(values) {
  return endsOf(Array.from(values, Math.abs).filter((size) => size > 0))
}
