// @ts-check
// A run whose future is hidden: at a step nothing is drawn of what comes after it, so that it can be foretold.

import { label, writeCaption } from "./figures.js"
import { pathOf } from "./run_charts.js"
import { placeOf } from "./steps.js"

/** @import { Board } from "./board.js" */
/** @import { Run } from "./steps.js" */
/** @import { Mark, Trace, View } from "./wire.js" */

const CUT = "live-chart-cut" // the class of a plot whose lines are not Plotly's, since they end at the step
const COVERED = "live-chart-covered" // and that of one that is of the end of the run alone
/** @type {Set<Mark | null>} */
const ALONG = new Set(["losses", "traces"]) // marks of charts along the run, whose captions are of all of it
/** @type {Set<Mark | null>} */
const OF_STEP = new Set([null, "minibatch", "epoch"]) // and of those that show nothing of what comes

/**
 * Whether all that a board draws of its run can end at a step.
 *
 * @param {Pick<View, "charts">} view
 */
export function canHideFuture({ charts }) {
  return charts.every(({ mark, follows }) => follows || OF_STEP.has(mark))
}

/**
 * The traces of a chart as far as they are known at a step; what they show, their `meta` says.
 *
 * @param {Trace[]} data
 * @param {Run} run
 * @param {number} step
 */
export function soFar(data, run, step) {
  const until = Math.fround(placeOf(run, step)) // lines stand at places of 32 bits
  return data.map((trace) => knownOf(trace, run, step, until))
}

/**
 * @param {Trace} trace
 * @param {Run} run
 * @param {number} step
 * @param {number} until
 * @returns {Trace}
 */
function knownOf(trace, run, step, until) {
  switch (trace.meta) {
    case "batch_loss":
    case "full_loss":
    case "held_out":
    case "w":
    case "b":
    case "late_loss":
    case "late_w":
    case "late_b":
      return first(trace, countUpTo(trace.x ?? [], until))
    case "path": {
      const { w, b } = pathOf({ w: run.w.subarray(0, step + 1), b: run.b.subarray(0, step + 1) })
      return { ...trace, x: b, y: w }
    }
    case "ends":
      return step === run.last ? trace : first(trace, 1)
    case "fit":
      return step === run.last ? trace : first(trace, 0)
    default:
      return trace
  }
}

/**
 * @param {Trace} trace
 * @param {number} count of its points
 * @returns {Trace}
 */
function first(trace, count) {
  const [x, y] = [trace.x, trace.y].map((values) => Array.prototype.slice.call(values ?? [], 0, count))
  return { ...trace, x, y }
}

/**
 * How many of ascending values are not beyond another.
 *
 * @param {ArrayLike<number>} values
 * @param {number} most
 */
function countUpTo(values, most) {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (values[middle] <= most) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * What Plotly draws of the future is hidden, and what captions tell of it, or is shown again.
 *
 * @param {Board} board
 * @param {boolean} isHidden
 */
export function hideFuture({ plots, view }, isHidden) {
  for (const chart of view.charts) {
    const plot = plots.get(chart.name)
    if (!plot || !chart.follows) continue
    const isCovered = isHidden && chart.mark === null
    plot.classList.toggle(CUT, isHidden && chart.mark !== null)
    plot.classList.toggle(COVERED, isCovered)
    if (isCovered) writeCaption(plot, "This chart is of the end of the run, and is hidden.")
    else if (!isHidden) label(plot, chart)
    else if (ALONG.has(chart.mark)) writeCaption(plot, "What comes after this step is hidden.")
  }
}
