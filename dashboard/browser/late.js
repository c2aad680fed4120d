// @ts-check
// The last epochs of a run, step by step, as dashboard/charts/late.py and dashboard/figures/run.py have them.

import { NOTES } from "./notes.js"
import { said } from "./sentences.js"
import { shortened } from "./thinned.js"
import { whole } from "./words.js"

/** @import { Note } from "./notes.js" */
/** @import { Played } from "./plan.js" */
/** @import { Axis, Shape, Trace } from "./wire.js" */

const LATE_EPOCHS = 6 // of which every step is shown
const FEW_STEPS = 200 // up to so many each has a dot
const LONG = 1000 // from here on the numbers of steps are too long to stand side by side

const ANEW = { none: null, once: null, each_epoch: NOTES.late_each_epoch, replacement: NOTES.late_replacement }

/**
 * The steps with which the last epochs begin, and the one after the last.
 *
 * @param {Played} run
 */
function startsOf({ w, per_epoch: perEpoch }) {
  const begun = Math.ceil((w.length - 1) / perEpoch) // a run that diverged may have ended within an epoch
  const first = Math.max(0, begun - LATE_EPOCHS)
  return Array.from({ length: begun - first + 1 }, (_, k) => (first + k) * perEpoch)
}

/**
 * The minibatch losses of the last epochs.
 *
 * @param {Played} run
 * @param {Float64Array} batchLoss
 * @returns {{ late_loss: Partial<Trace> }}
 */
export function lateLosses(run, batchLoss) {
  const late = stretch(run, batchLoss)
  return { late_loss: { ...late, mode: late.x.length <= FEW_STEPS ? "lines+markers" : "lines" } }
}

/**
 * w and b over the last epochs.
 *
 * @param {Played} run
 */
export function lateTraces(run) {
  return { late_w: stretch(run, run.w), late_b: stretch(run, run.b) }
}

/**
 * @param {Played} run
 * @param {Float64Array} values
 */
function stretch(run, values) {
  const [first] = startsOf(run)
  const steps = Int32Array.from({ length: run.w.length - 1 - first }, (_, k) => first + k)
  return { x: steps, y: shortened(values, steps) }
}

/**
 * A tick where each epoch begins, every other labelled, or the first alone of long numbers.
 *
 * @param {Played} run
 * @param {Axis | undefined} axis
 * @returns {Axis}
 */
export function withEpochs(run, axis) {
  const starts = startsOf(run)
  const every = starts[starts.length - 1] < LONG ? 2 : starts.length
  const ticktext = starts.map((start, number) => (number % every === 0 ? whole(start) : ""))
  return { ...axis, tickvals: starts, ticktext, tickangle: 0 }
}

/**
 * Every other of several epochs shaded.
 *
 * @param {Played} run
 * @param {("" | "2")[]} axes
 * @returns {Shape[]}
 */
export function bandsOf(run, axes) {
  const starts = startsOf(run)
  const shaded = starts.length > 2 ? starts.slice(0, -1).filter((_, number) => number % 2 === 0) : []
  return axes.flatMap((axis) => shaded.map((start) => bandAt(start, start + run.per_epoch, axis)))
}

/**
 * @param {number} x0
 * @param {number} x1
 * @param {"" | "2"} axis
 */
function bandAt(x0, x1, axis) {
  const look = { type: "rect", y0: 0, y1: 1, fillcolor: "rgba(128,128,128,0.16)", line: { width: 0 }, layer: "below" }
  return { ...look, xref: `x${axis}`, yref: `y${axis} domain`, x0, x1 }
}

/** @param {Played} run */
export function lateTitle(run) {
  if (run.diverged) return NOTES.late_diverged.text
  const epochs = startsOf(run).length - 1
  return said(epochs > 1 ? NOTES.late_epochs : NOTES.late_epoch, { epochs: whole(epochs) }).text
}

/**
 * @param {Played} run
 * @returns {Note[]}
 */
export function noteOfLateLosses(run) {
  if (startsOf(run).length === 2) return noteOfEpoch(run)
  const anew = ANEW[run.settings.train.shuffle]
  if (run.per_epoch === 1) return [NOTES.shaded, ...noteOfEpoch(run)]
  const steps = { steps: whole(run.per_epoch) }
  return [NOTES.shaded, said(anew ? NOTES.epoch_has : NOTES.epoch_has_again, steps), ...(anew ? [anew] : [])]
}

/**
 * @param {Played} run
 * @returns {Note[]}
 */
export function noteOfEpoch({ per_epoch: perEpoch }) {
  return [perEpoch > 1 ? said(NOTES.epoch_has, { steps: whole(perEpoch) }) : NOTES.epoch_has_one]
}
