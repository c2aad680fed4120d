// @ts-check
// The board of a race of optimizers, as pages/optimizers.py draws it. A test compares every number and word.

import { STATE_SIZE } from "./descent.js"
import { fillRates } from "./learning_rates.js"
import { linesFigure, strokeOf } from "./lines_figure.js"
import { NOTES } from "./notes.js"
import { OPTIMIZERS } from "./optimizers.js"
import { hyperparametersOf } from "./plan.js"
import { barOf, limitsOf } from "./run_charts.js"
import { said, written } from "./sentences.js"
import { placeOf } from "./steps.js"
import { shortened, thinned } from "./thinned.js"
import { UNITS } from "./units.js"
import { listed, number, plain, rounded } from "./words.js"

/** @import { Filled } from "./board.js" */
/** @import { Ground } from "./ground.js" */
/** @import { Line } from "./lines_figure.js" */
/** @import { Note } from "./notes.js" */
/** @import { Counting, Planned } from "./plan.js" */
/** @import { Trained } from "./training.js" */
/** @import { SentChart, SentLooks, SentTraining, Trace, View } from "./wire.js" */

const MOST_OF_PATH = 400 // points
const FARTHEST = 1e6 // how far a path is drawn
const SMALL_LOSS = 1e-3 // which is told with two digits
const DASHES = /** @type {const} */ (["solid", "dot", "dash"]) // of the learning rates, the largest first
const FULL = "$full"
const VELOCITY = "momentum_buffer"
const FIRST = [VELOCITY, "exp_avg"]
const SUM = "sum"
const SECOND = ["square_avg", "exp_avg_sq", SUM]

/**
 * An optimizer's run.
 *
 * @typedef {object} Runner
 * @property {SentTraining} train
 * @property {Trained} run
 */

/** @typedef {Required<Pick<SentLooks, "optimizers" | "adaptive_lr" | "is_matched">>} Racing */

/**
 * A race that was run.
 *
 * @typedef {object} Raced
 * @property {Racing & Counting} race
 * @property {Planned} plan of any of its runs: all have the same minibatches
 * @property {Runner[]} runners
 * @property {Ground} ground
 */

/**
 * How each of the optimizers is trained; those of a kind share a learning rate.
 *
 * @param {SentTraining} train
 * @param {Racing} race
 * @returns {SentTraining[]}
 */
export function racersOf(train, { optimizers, adaptive_lr: adaptiveLr, is_matched: isMatched }) {
  return optimizers.map((optimizer) => {
    const lr = OPTIMIZERS[optimizer].isAdaptive ? adaptiveLr : train.lr
    const racer = { ...train, optimizer, lr }
    const share = shareOfSum(racer)
    return isMatched && share < 1 ? { ...racer, lr: Number((lr * share).toPrecision(6)) } : racer
  })
}

/**
 * What the mean of the gradients is of their sum in the long run, as a velocity keeps it.
 *
 * @param {SentTraining} train
 */
function shareOfSum(train) {
  const place = OPTIMIZERS[train.optimizer].numbers.indexOf("momentum")
  return 1 - (hyperparametersOf(train)[place] ?? 0)
}

/**
 * @param {View} view that was sent of another race
 * @param {Raced} raced
 * @returns {Filled}
 */
export function raceBoard(view, raced) {
  const explained = /** @type {Set<string>} */ (new Set())
  const drawn = [
    lossChart(raced),
    ...view.charts.filter(({ name }) => name === "surface").map((chart) => surfaceChart(chart, raced)),
    rateChart(raced),
    lengthChart(raced),
    ...rememberedChart("first", FIRST, raced),
    ...rememberedChart("second", SECOND, raced),
  ]
  const charts = drawn.map((chart) => withNote(chart, explained))
  /** @type {View["metrics"]} */
  const metrics = raced.runners.map((runner) => [`Loss, ${labelOf(runner)}`, told(lastOf(runner))])
  const [term] = Object.values(view.labels) // what a loss is
  const labels = Object.fromEntries(metrics.map(([label]) => [label, term]))
  return { ...view, metrics, labels, charts, player: null }
}

/** @typedef {Omit<SentChart, "note" | "terms"> & { notes: Note[] }} Drawn */

/**
 * @param {Drawn} drawn
 * @param {Set<string>} explained
 * @returns {SentChart}
 */
function withNote({ notes, ...chart }, explained) {
  const { text: note, terms } = written(notes, explained)
  return { ...chart, note, terms }
}

/**
 * A chart with a line for each run.
 *
 * @param {string} name
 * @param {string} title
 * @param {Note[]} notes
 * @param {Pick<SentChart, "data" | "layout">} figure
 * @returns {Drawn}
 */
function chartOf(name, title, notes, figure) {
  const answer = { text: "", terms: [] }
  return { name, title, notes, answer, ...figure, bar: null, clickable: false, seekable: false, mark: null, follows: "race" }
}

/** @param {Raced} raced */
function lossChart(raced) {
  const lines = raced.runners.map((runner) => lineOf(raced, runner, runner.run.fullLoss, runner.run.steps))
  return chartOf("loss", "Loss on all the data", notesOfEnds(raced.runners), along(raced, lines, "loss"))
}

/** @param {Raced} raced */
function lengthChart(raced) {
  const lines = raced.runners.map((runner) => {
    const { w, b, batchLoss } = runner.run
    return lineOf(raced, runner, batchLoss.map((_, t) => Math.hypot(w[t + 1] - w[t], b[t + 1] - b[t])))
  })
  const figure = withoutLegend(along(raced, lines, "length", true))
  return chartOf("length", "Length of each step", [NOTES.race_length], figure)
}

/**
 * What those optimizers remember of w under one of these names that do, if any does.
 *
 * @param {"first" | "second"} name
 * @param {string[]} names
 * @param {Raced} raced
 */
function rememberedChart(name, names, raced) {
  const shown = raced.runners.flatMap((runner) => {
    const values = rememberedOf(runner, names)
    return values ? [{ runner, line: lineOf(raced, runner, values) }] : []
  })
  if (shown.length === 0) return []
  const figure = along(raced, shown.map(({ line }) => line), "remembered", name === "second")
  const runners = shown.map(({ runner }) => runner)
  /** @type {[Note, Runner[]][]} */
  const kinds = [
    [NOTES.race_mean, runners.filter((each) => !isSum(each))],
    [NOTES.race_sum, runners.filter(isSum)],
  ]
  const notes = kinds
    .filter(([, those]) => those.length > 0)
    .map(([note, those]) => withNames(note, { labels: those.map(labelOf).join(", ") }))
  return [chartOf(name, NOTES[`race_${name}_title`].text, notes, withoutLegend(figure))]
}

/** @param {Runner} runner */
function isSum({ train }) {
  /** @type {{ state: readonly string[] }} */
  const { state } = OPTIMIZERS[train.optimizer]
  return state.includes(SUM)
}

/**
 * Of a velocity, which is a sum of gradients, the mean: 1 - momentum times it.
 *
 * @param {Runner} runner
 * @param {string[]} names
 */
function rememberedOf({ train, run: { states } }, names) {
  if (!states) throw new Error("A race keeps what its optimizers remember.")
  for (const [slot, name] of OPTIMIZERS[train.optimizer].state.entries()) {
    if (!names.includes(name)) continue
    const share = name === VELOCITY ? shareOfSum(train) : 1
    const values = Float64Array.from({ length: states.length / STATE_SIZE }, (_, t) => states[t * STATE_SIZE + slot])
    if (values.some((value) => value !== 0)) return values.map((value) => value * share)
  }
  return null
}

/**
 * The learning rates, one line for all optimizers that have the same one.
 *
 * @param {Raced} raced
 */
function rateChart(raced) {
  const { plan, runners } = raced
  const rates = [...new Set(runners.map(({ train }) => train.lr))].toSorted((one, other) => other - one)
  const names = rates.map((lr) => runners.filter(({ train }) => train.lr === lr).map(labelOf).join(", "))
  const steps = plan.epochs * plan.per_epoch
  /** @type {Line[]} */
  const lines = rates.map((lr, k) => {
    const values = new Float64Array(steps)
    fillRates(values, plan.schedule, lr, 0, steps, 1)
    return { name: names[k], colour: FULL, dash: DASHES[k], place: placeIn(raced), values }
  })
  const named = rates.map((lr, k) => `${plain(lr)} for ${names[k]}`).join("; ")
  const figure = withoutLegend(along(raced, lines, "lr"))
  const layout = { ...figure.layout, yaxis: { ...figure.layout.yaxis, rangemode: "tozero" } }
  const schedule = NOTES[`schedule_${plan.schedule}`]
  return chartOf("rate", "Learning rate", [schedule, withNames(NOTES.race_rates, { named })], { ...figure, layout })
}

/**
 * The paths on the surface of all the data.
 *
 * @param {SentChart} chart
 * @param {Raced} raced
 * @returns {Drawn}
 */
function surfaceChart(chart, { runners, ground }) {
  const [zmin, zmax] = limitsOf(ground)
  const heat = { ...chart.data?.[0], x: ground.b, y: ground.w, z: ground.rows, zmin, zmax }
  const xaxis = { ...chart.layout?.xaxis, range: ground.bEnds }
  const yaxis = { ...chart.layout?.yaxis, range: ground.wEnds }
  return {
    ...chart,
    data: [heat, ...runners.flatMap(pathOf)],
    layout: { ...chart.layout, xaxis, yaxis },
    bar: chart.bar && { ...chart.bar, ...barOf(ground, false) },
    notes: [NOTES.race_surface],
  }
}

/**
 * @param {Runner} runner
 * @returns {Trace[]}
 */
function pathOf(runner) {
  const [w, b] = [runner.run.w, runner.run.b].map((values) => values.map(inSight))
  const steps = thinned([w, b], MOST_OF_PATH)
  const [x, y] = [shortened(b, steps), shortened(w, steps)]
  const name = labelOf(runner)
  const hovertemplate = `${name}<br>b %{x:.3f}, w %{y:.3f}<extra></extra>`
  const lines = [{ color: "#ffffff", width: 4 }, { color: colourOf(runner), width: 2.2 }]
  return lines.map((line) => strokeOf(name, x, y, line, hovertemplate))
}

/** @param {number} value */
function inSight(value) {
  return Math.max(-FARTHEST, Math.min(FARTHEST, value))
}

/**
 * @param {Raced} raced
 * @param {Runner} runner
 * @param {Float64Array} values
 * @param {Int32Array} [steps] at which they are, if not at all
 * @returns {Line}
 */
function lineOf(raced, runner, values, steps) {
  return { name: labelOf(runner), colour: colourOf(runner), dash: "solid", place: placeIn(raced, steps), values }
}

/**
 * Where a step stands: at what its run has spent before it.
 *
 * @param {Raced} raced
 * @param {Int32Array} [steps] that are counted, if not all
 */
function placeIn({ race, plan }, steps) {
  const counted = { ...plan, ...race }
  /** @param {number} k */
  return (k) => placeOf(counted, steps ? steps[k] : k)
}

/**
 * @param {Raced} raced
 * @param {Line[]} lines
 * @param {string} quantity
 * @param {boolean} [isLog]
 */
function along({ race }, lines, quantity, isLog = false) {
  return linesFigure(lines, quantity, UNITS[race.unit], isLog)
}

/** @param {Pick<SentChart, "layout"> & { data: Trace[] }} figure beside one whose legend serves both */
function withoutLegend({ data, layout }) {
  return { data, layout: { ...layout, showlegend: false } }
}

/**
 * Who ends lowest in this one run, and of what that is true.
 *
 * @param {Runner[]} runners
 */
function notesOfEnds(runners) {
  const ends = runners.map((runner) => (runner.run.divergedAt === null ? lastOf(runner) : Infinity))
  const lowest = Math.min(...ends)
  if (lowest === Infinity) return [runners.length > 1 ? NOTES.race_diverged : NOTES.race_one_diverged]
  const value = told(lowest)
  if (runners.length === 1) return [said(NOTES.race_one, { value })]
  const alike = runners.filter((_, k) => told(ends[k]) === value)
  const best = listed(alike.map(labelOf))
  if (alike.length > 1) return [withNames(alike.length === 2 ? NOTES.race_both : NOTES.race_all, { best, value })]
  return [withNames(NOTES.race_best, { best, value }), NOTES.race_luck]
}

/**
 * A sentence that names optimizers, of which some are terms.
 *
 * @param {Note} note
 * @param {Record<string, string>} parts
 * @returns {Note}
 */
function withNames(note, parts) {
  const { text, terms } = said(note, parts)
  return { text, terms: [...terms, ...NOTES.race_optimizers.terms.filter(({ words }) => text.includes(words))] }
}

/** @param {Runner} runner */
function labelOf({ train }) {
  return OPTIMIZERS[train.optimizer].label
}

/** @param {Runner} runner */
function colourOf({ train }) {
  return OPTIMIZERS[train.optimizer].colour
}

/** @param {Runner} runner */
function lastOf({ run: { fullLoss } }) {
  return fullLoss[fullLoss.length - 1]
}

/**
 * A loss with four decimals, or two digits where it is small.
 *
 * @param {number} loss
 */
function told(loss) {
  return loss >= SMALL_LOSS ? number(loss, 4) : rounded(loss, 2)
}
