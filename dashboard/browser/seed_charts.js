// @ts-check
// The board of many runs that differ by their seed, as pages/seeds.py draws it, of those that are trained so
// far. A test compares every number and word.

import { ALONG, hovered } from "./lines_figure.js"
import { NOTES } from "./notes.js"
import { said, written } from "./sentences.js"
import { toDraw } from "./thinned.js"
import { UNITS } from "./units.js"
import { number, rounded, whole } from "./words.js"

/** @import { Filled } from "./board.js" */
/** @import { Note } from "./notes.js" */
/** @import { Counting } from "./plan.js" */
/** @import { Sorted } from "./sorted.js" */
/** @import { Layout, SentChart, Trace, View } from "./wire.js" */

/** @typedef {"loss" | "w" | "b" | "held-out"} Quantity */

/**
 * Runs that were looked at at some steps.
 *
 * @typedef {object} Seen
 * @property {Counting & { seeds: number }} looks
 * @property {boolean} isOfOne whether all are the same
 * @property {number} runs that are trained
 * @property {Float64Array} x where the steps stand
 * @property {Record<Quantity, Sorted>} values of all runs
 * @property {Record<Quantity, Float64Array>} first and those of the first
 * @property {number[]} ends the last losses of those that did not diverge
 */

const FEWEST_FOR_BANDS = 10 // of how many runs it can be said where about four of five lie, as the server has it
const [BAND, SHADE] = ["about four of five", 0.28]
const MIDDLE = /** @type {const} */ ([0.1, 0.9]) // the quantiles between which these lie

/**
 * @param {View} view that was sent of other runs, which are all the same where these are
 * @param {Seen} seen
 * @returns {Filled}
 */
export function seedsBoard(view, seen) {
  const explained = /** @type {Set<string>} */ (new Set())
  const charts = view.charts.map((chart) => {
    const { text: note, terms } = written(notesOf(chart.name, seen), explained)
    return { ...chart, ...figureOf(chart, seen), note, terms }
  })
  const metrics = metricsOf(seen)
  return { ...view, metrics, charts, player: null, said: metrics.map(([label]) => label) }
}

// ---- the numbers

/**
 * @param {Seen} seen
 * @returns {View["metrics"]}
 */
function metricsOf({ isOfOne, runs, looks: { seeds }, values, first }) {
  const some = runs < seeds ? `${whole(runs)} of ${whole(seeds)}` : whole(seeds)
  const [end, fresh] = [first.loss, first["held-out"]].map(lastOf)
  if (isOfOne) {
    return [
      ["Runs", runs < seeds ? some : `${some}, all the same`],
      ["Loss at the end", number(end, 4)],
      ["On held-out data", number(fresh, 4)],
    ]
  }
  return [
    ["Runs", some],
    ["Median loss at the end", medianOf(values.loss)],
    ...middleOf(values.loss),
    ["Median on held-out data", medianOf(values["held-out"])],
    ["The first run", Number.isNaN(end) ? "diverged" : number(end, 4)],
  ]
}

/**
 * The median of the runs that did not diverge, and between what the true one lies.
 *
 * @param {Sorted} sorted
 */
function medianOf(sorted) {
  const middle = number(sorted.quantile(sorted.last, 0.5), 4)
  const within = sorted.medianWithin(sorted.last)
  return within ? `${middle} (${number(within[0], 4)} to ${number(within[1], 4)})` : middle
}

/**
 * Between what the middle ones of these runs end, where they are enough.
 *
 * @param {Sorted} sorted
 * @returns {View["metrics"]}
 */
function middleOf(sorted) {
  const count = sorted.counts[sorted.last]
  if (count < FEWEST_FOR_BANDS) return []
  const [low, high] = MIDDLE.map((share) => number(sorted.quantile(sorted.last, share), 4))
  const which = `The middle ${whole(count - 2 * Math.ceil((count - 1) / 10))} of ${whole(count)}`
  return [low === high ? [`${which} at`, low] : [`${which} between`, `${low} and ${high}`]]
}

// ---- the captions

/**
 * @param {string} name of a chart
 * @param {Seen} seen
 * @returns {Note[]}
 */
function notesOf(name, seen) {
  const { isOfOne, values, first, ends } = seen
  if (name === "ends") return notesOfSpread(ends, values.loss)
  const quantity = /** @type {Quantity} */ (name)
  const isLoss = quantity === "loss"
  if (isOfOne) {
    const [end, fresh] = [first[quantity], first["held-out"]].map((along) => number(lastOf(along), 4))
    return [said(isLoss ? NOTES.seeds_one_loss : NOTES.seeds_one, { end, fresh })]
  }
  const heldOut = values["held-out"]
  const middle = number(heldOut.quantile(heldOut.last, 0.5), 4)
  return [...notesOfEnds(values[quantity], seen), ...(isLoss ? [said(NOTES.seeds_held_out, { middle })] : [])]
}

/**
 * Where the runs end that did not diverge, and how sure their median is.
 *
 * @param {Sorted} sorted
 * @param {Seen} seen
 */
function notesOfEnds(sorted, { runs, looks: { seeds } }) {
  const { last } = sorted
  const [low, middle, high] = [0, 0.5, 1].map((share) => number(sorted.quantile(last, share), 4))
  const haveCome = sorted.counts[last] === runs
  const ofAll = haveCome ? "all" : "others"
  const every = runs === seeds ? ofAll : haveCome ? "first" : "first_others"
  if (low === high) return [said(NOTES[`seeds_${every}_alike`], { low })]
  const within = sorted.medianWithin(last)?.map((end) => number(end, 4))
  return [
    said(NOTES.seeds_median, { middle }),
    said(NOTES[`seeds_${every}`], { low, high }),
    within ? said(within[0] === within[1] ? NOTES.seeds_true_alike : NOTES.seeds_true, { low: within[0], high: within[1] }) : NOTES.seeds_few,
  ]
}

/**
 * @param {number[]} ends
 * @param {Sorted} sorted the same
 */
function notesOfSpread(ends, sorted) {
  if (!sorted.medianWithin(sorted.last)) return [NOTES.seeds_ends]
  const largest = Math.max(...ends) || 1 // the square of a loss of 1e200 would be infinite
  const mean = sumOf(ends.map((end) => end / largest)) / ends.length
  const variance = sumOf(ends.map((end) => (end / largest - mean) ** 2)) / (ends.length - 1)
  return [NOTES.seeds_ends, said(NOTES.seeds_spread, { spread: rounded(largest * Math.sqrt(variance), 2) })]
}

/** @param {number[]} values */
function sumOf(values) {
  return values.reduce((sum, value) => sum + value, 0)
}

/** @param {Float64Array} values */
function lastOf(values) {
  return values[values.length - 1]
}

// ---- the figures

/**
 * @param {SentChart} chart
 * @param {Seen} seen
 * @returns {Pick<SentChart, "data" | "layout">}
 */
function figureOf({ name, data, layout }, seen) {
  if (!data) return { data, layout }
  if (name === "ends") return { data: data.map((trace) => ({ ...trace, x: toDraw(seen.ends) })), layout }
  const lines = linesOf(/** @type {Quantity} */ (name), seen)
  const traces = withBand(data, seen)
  return { data: traces.map((trace) => lines[trace.meta ?? ""](trace)), layout: countedLayout(layout, seen) }
}

/**
 * How traces are drawn, by what their `meta` says that they show.
 *
 * @param {Quantity} quantity
 * @param {Seen} seen
 * @returns {Record<string, (trace: Trace) => Trace>}
 */
function linesOf(quantity, { isOfOne, runs, looks: { seeds, unit }, x, values, first }) {
  /**
   * @param {Sorted} sorted of a quantity, where runs have reached the steps
   * @param {(k: number) => number} valueAt
   * @returns {(trace: Trace) => Trace}
   */
  const along = (sorted, valueAt) => (trace) => {
    const reached = sorted.places()
    const y = reached.map(valueAt)
    const hovertemplate = `${UNITS[unit]} %{x:${ALONG}}: %{y:${isOfOne ? hovered(y) : ".4f"}}<extra>${trace.name}</extra>`
    return { ...trace, x: toDraw(reached.map((k) => x[k])), y: toDraw(y), hovertemplate }
  }
  const [own, heldOut] = [values[quantity], values["held-out"]]
  return {
    "all runs": (trace) => {
      const name = runs < seeds ? `${whole(runs)} of ${whole(seeds)} runs` : "all runs"
      return { ...trace, ...outline(own, x, 0, 1), name }
    },
    [BAND]: (trace) => ({ ...trace, ...(runs < FEWEST_FOR_BANDS ? { x: [], y: [] } : outline(own, x, ...MIDDLE)) }),
    "the first run": along(own, (k) => first[quantity][k]),
    median: along(own, (k) => own.quantile(k, 0.5)),
    "held-out median": along(heldOut, (k) => (isOfOne ? first["held-out"][k] : heldOut.quantile(k, 0.5))),
  }
}

/**
 * The traces of a chart, with a band of the middle runs where there are to be enough of them.
 *
 * @param {Trace[]} data
 * @param {Seen} seen
 */
function withBand(data, { isOfOne, looks: { seeds } }) {
  const [all, ...others] = data.filter(({ meta }) => meta !== BAND)
  const band = { ...all, meta: BAND, name: BAND, opacity: SHADE }
  return isOfOne || seeds < FEWEST_FOR_BANDS ? [all, ...others] : [all, band, ...others]
}

/**
 * The outline of what lies between two quantiles.
 *
 * @param {Sorted} sorted
 * @param {Float64Array} x
 * @param {number} low
 * @param {number} high
 * @returns {Pick<Trace, "x" | "y">}
 */
function outline(sorted, x, low, high) {
  const there = sorted.places()
  const back = there.toReversed()
  return {
    x: toDraw([...there, ...back].map((k) => x[k])),
    y: toDraw([...there.map((k) => sorted.quantile(k, high)), ...back.map((k) => sorted.quantile(k, low))]),
  }
}

/**
 * @param {Layout | null} layout
 * @param {Seen} seen
 * @returns {Layout}
 */
function countedLayout(layout, { looks: { unit } }) {
  const { xaxis } = layout ?? {}
  const title = { ...xaxis?.title, text: UNITS[unit] }
  return { ...layout, xaxis: { ...xaxis, title, uirevision: UNITS[unit] } }
}
