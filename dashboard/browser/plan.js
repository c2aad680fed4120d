// @ts-check
// Settings -> a run that is to be trained: its points, their orders, and its start.

import { makeDataset } from "./dataset.js"
import { drawStart } from "./initialisation.js"
import { OPTIMIZERS } from "./optimizers.js"
import { makeOrders } from "./orders.js"

/** @import { Loss } from "./losses.js" */
/** @import { OptimizerName } from "./optimizers.js" */
/** @import { ScheduleName } from "./schedules.js" */
/** @import { Data } from "./sources.js" */
/** @import { SentLooks, SentRun, SentSettings, SentTraining, Unit } from "./wire.js" */

export const MAX_STEPS = 200_000 // as in minibatch_core/settings/train.py

/**
 * What a step of a run depends on, besides w and b and what the optimizer remembers.
 *
 * @typedef {object} Plan
 * @property {Float64Array} x
 * @property {Uint8Array} y
 * @property {Loss} loss
 * @property {OptimizerName} optimizer
 * @property {number[]} hyperparameters lr first
 * @property {Float64Array | null} rates the learning rate of each step, where a schedule changes it
 * @property {number} batch_size
 * @property {number} per_epoch steps
 * @property {number} epochs
 * @property {number} kept points that an epoch sees
 * @property {Int32Array | null} order of the points, where every epoch has the same
 * @property {Uint32Array | null} seeds of the epochs' orders, where they differ
 * @property {boolean} replacement
 */

/**
 * A run before it is trained; its learning rates are filled in as it is.
 *
 * @typedef {Plan & { start: [w: number, b: number], schedule: ScheduleName }} Planned
 */

/**
 * Where a run has been, and the surface that it is drawn on.
 *
 * @typedef {object} Way
 * @property {Float64Array} w before step 0 ... after the last step
 * @property {Float64Array} b
 * @property {boolean} diverged
 * @property {[number, number]} w_ends of the surface
 * @property {[number, number]} b_ends
 * @property {[number, number]} limits of the loss, at the ends of the colour scale
 */

/** @typedef {{ unit: Unit, step_cost: number }} Counting what the charts along a run count */

/** @typedef {Counting & Pick<Plan, "batch_size" | "per_epoch" | "kept">} Counted by what they count it */

/**
 * A run from which every step of it can be computed.
 *
 * @typedef {SentRun & Counting & Plan & Way} Played
 */

/**
 * @param {number} n
 * @param {number} batchSize
 * @param {boolean} dropLast
 */
export function stepsPerEpoch(n, batchSize, dropLast) {
  return dropLast ? Math.floor(n / batchSize) : Math.ceil(n / batchSize)
}

/**
 * The settings with some of them changed, each named by its part and its name there.
 *
 * @param {SentSettings} settings
 * @param {[{ part: "data" | "train" | "looks", name: string }, unknown][]} values
 * @returns {SentSettings}
 */
export function settingsWith({ data, train, looks }, values) {
  const parts = { data: { ...data }, train: { ...train }, looks: { ...looks } }
  for (const [{ part, name }, value] of values) Object.assign(parts[part], { [name]: value })
  return parts
}

/**
 * The looks of a page that has all of these.
 *
 * @template {keyof SentLooks} Name
 * @param {SentSettings} settings
 * @param {...Name} names
 */
export function looksOf({ looks }, ...names) {
  const missing = names.find((name) => looks[name] === undefined)
  if (missing) throw new Error(`The settings of this page should say its ${missing}.`)
  return /** @type {Required<Pick<SentLooks, Name>>} */ (looks)
}

/**
 * @param {object} one
 * @param {object} other whose parts come in the same order
 */
export function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other)
}

/**
 * What can be, as dashboard/shell/repairs.py mends it: B is at most N, or N on a page that has no other,
 * epochs are as many as the steps allow, and Nesterov has a momentum.
 *
 * @param {SentSettings} settings
 * @param {boolean} hasBatchSize
 * @returns {SentSettings}
 */
export function mended({ data, train, looks }, hasBatchSize) {
  const batchSize = hasBatchSize ? Math.min(train.batch_size, data.n) : data.n
  const most = Math.floor(MAX_STEPS / stepsPerEpoch(data.n, batchSize, train.drop_last))
  const epochs = Math.min(train.epochs, most)
  const momentum = train.optimizer === "nesterov" && train.momentum === 0 ? null : train.momentum
  return { data, train: { ...train, batch_size: batchSize, epochs, momentum }, looks }
}

/**
 * Throws a RangeError if the batch size is above N or the steps are above the limit.
 *
 * @param {Pick<SentSettings, "data" | "train">} settings
 * @param {Data} [data] that has been drawn before with the same settings
 * @returns {Planned}
 */
export function planOf({ data: dataSettings, train }, data = makeDataset(dataSettings)) {
  const { loss, batch_size, epochs } = train
  const n = data.x.length
  const per_epoch = stepsPerEpoch(n, batch_size, train.drop_last)
  const steps = epochs * per_epoch
  if (batch_size > n) throw new RangeError(`batch_size should be between 1 and N=${n}, but got ${batch_size}`)
  if (steps > MAX_STEPS) throw new RangeError(`a run may have ${MAX_STEPS} steps, but got ${steps}`)
  const { w, b, generator } = drawStart(train)
  return {
    ...data,
    loss,
    ...rule(train, steps),
    batch_size,
    per_epoch,
    epochs,
    ...makeOrders(n, train, generator),
    start: [w, b],
  }
}

/**
 * A run on the same minibatches from the same start, with another optimizer or learning rate.
 *
 * @param {Planned} plan
 * @param {SentTraining} train
 * @returns {Planned}
 */
export function planWith(plan, train) {
  return { ...plan, ...rule(train, plan.epochs * plan.per_epoch) }
}

/**
 * What is made of the gradients.
 *
 * @param {SentTraining} train
 * @param {number} steps
 */
function rule(train, steps) {
  const { optimizer, schedule } = train
  const rates = schedule === "constant" ? null : new Float64Array(steps)
  return { optimizer, hyperparameters: hyperparametersOf(train), rates, schedule }
}

/**
 * lr, and the hyperparameters of the optimizer in the order of its record.
 *
 * @param {SentTraining} train
 */
export function hyperparametersOf(train) {
  const { numbers, defaults } = OPTIMIZERS[train.optimizer]
  const given = /** @type {Record<string, number | boolean | null>} */ (/** @type {unknown} */ (train))
  return numbers.map((name, k) => Number(given[name] ?? defaults[k - 1]))
}
