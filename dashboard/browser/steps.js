// @ts-check
// What there is to know of a step of a run, from the points, the path and the order alone. "At step
// t" is the moment before step t is taken; the last position is the end of the run.

import { minibatch, orderOfEpoch } from "./orders.js"
import { lossAndGradient } from "./unit.js"
import { count, decimals, pair, whole } from "./words.js"

/** @import { Counted, Played } from "./plan.js" */
/** @import { LossAndGradient, Points, Unit } from "./unit.js" */
/** @import { Colours } from "./wire.js" */

/**
 * @typedef {object} Prepared
 * @property {number} last the step that stands for the end
 * @property {Int32Array} everything all the points
 * @property {Map<number, Int32Array>} orders of the epochs looked at last
 * @property {Float64Array} [full] the surface of all the data, when it has been computed
 */

/**
 * A run to play.
 *
 * @typedef {Played & Prepared} Run
 */

/**
 * @typedef {object} State
 * @property {number} step
 * @property {boolean} atEnd
 * @property {number} epoch counted from 0, as is ...
 * @property {number} j ... the minibatch in it
 * @property {Int32Array} points of the minibatch
 * @property {number} w
 * @property {number} b
 * @property {LossAndGradient} all of all the data
 * @property {LossAndGradient} own of the minibatch, `all` itself where it is all the data
 * @property {{ w: number, b: number }} [move] what the step does; missing at the end, as is ...
 * @property {number} [ownNext] ... the minibatch's loss after it
 * @property {number} [allNext]
 * @property {number} [ownBefore] at the end: the minibatch's loss before its step, if it was taken
 */

/** @typedef {[label: string, value: string, more: string, colour?: keyof Colours]} Entry */

/**
 * @param {Played} played
 * @returns {Run}
 */
export function prepared(played) {
  const everything = Int32Array.from(played.x, (_, i) => i)
  return { ...played, last: played.w.length - 1, everything, orders: new Map() }
}

/**
 * @param {Run} run
 * @param {number} step
 * @returns {State}
 */
export function stateAt(run, step) {
  const taken = Math.min(step, run.epochs * run.per_epoch - 1) // at the end: the last one
  const [epoch, j] = [Math.floor(taken / run.per_epoch), taken % run.per_epoch]
  const points = minibatch(run, orderOf(run, epoch), j)
  const [w, b] = [run.w[step], run.b[step]]
  const all = lossAndGradient(run, run.everything, w, b)
  const own = isOfAll(run) ? all : lossAndGradient(run, points, w, b)
  const state = { step, atEnd: step === run.last, epoch, j, points, w, b, all, own }
  if (state.atEnd) {
    if (run.diverged || step === 0) return state
    return { ...state, ownBefore: lossAndGradient(run, points, run.w[step - 1], run.b[step - 1]).loss }
  }
  const [nextW, nextB] = [run.w[step + 1], run.b[step + 1]]
  const move = { w: nextW - w, b: nextB - b }
  const ownNext = lossAndGradient(run, points, nextW, nextB).loss
  const allNext = lossAndGradient(run, run.everything, nextW, nextB).loss
  return { ...state, move, ownNext, allNext }
}

/**
 * Whether each minibatch of a run is all the data.
 *
 * @param {Pick<Played, "x" | "batch_size" | "replacement">} run
 */
export function isOfAll({ x, batch_size: size, replacement }) {
  return size === x.length && !replacement
}

/**
 * Where a step stands on a chart that counts in the unit of the run: the steps, the epochs, the
 * examples or the time before it.
 *
 * @param {Counted} run
 * @param {number} step
 */
export function placeOf({ unit, step_cost: ofTime, per_epoch: perEpoch, kept, batch_size: size }, step) {
  if (unit === "steps") return step
  if (unit === "epochs") return step / perEpoch
  const cost = unit === "time" ? ofTime : 0
  return step * cost + Math.floor(step / perEpoch) * kept + (step % perEpoch) * size // an epoch's last may be short
}

/**
 * The step that stands nearest to a place on such a chart.
 *
 * @param {Counted} run
 * @param {number} place
 */
export function stepNear(run, place) {
  const { unit, step_cost: ofTime, per_epoch: perEpoch, kept, batch_size: size } = run
  if (unit === "steps") return Math.round(place)
  if (unit === "epochs") return Math.round(place * perEpoch)
  const cost = unit === "time" ? ofTime : 0
  const ofEpoch = kept + perEpoch * cost
  const epoch = Math.floor(place / ofEpoch)
  const before = epoch * perEpoch + Math.min(Math.floor((place - epoch * ofEpoch) / (size + cost)), perEpoch - 1)
  return place - placeOf(run, before) < placeOf(run, before + 1) - place ? before : before + 1
}

/**
 * The order of an epoch's points, which is kept for the next steps of the epoch.
 *
 * @param {Run} run
 * @param {number} epoch
 */
export function orderOf(run, epoch) {
  const known = run.orders.get(epoch)
  if (known) return known
  if (run.orders.size > 1) run.orders.clear()
  const order = orderOfEpoch(run, epoch)
  run.orders.set(epoch, order)
  return order
}

/**
 * The numbers of a step, as they stand above the charts.
 *
 * @param {Run} run
 * @param {State} state
 * @returns {Entry[]}
 */
export function entriesOf(run, state) {
  const { own, all, atEnd } = state
  const isFull = own === all
  /** @param {string} value */
  const its = (value) => (atEnd ? "–" : value) // the end has no minibatch before it
  /** @type {Entry[]} */
  const entries = [
    ["Step", whole(state.step), run.diverged && atEnd ? " diverges" : ` of ${whole(run.last)}`],
    ["Epoch", whole(state.epoch + 1), ` of ${whole(run.epochs)}`],
    ["Minibatch", its(whole(state.j + 1)), atEnd ? "" : ` of ${whole(run.per_epoch)}`],
    ["Minibatch loss", its(decimals(own.loss, 4)), "", "minibatch"],
    ["Loss, all data", decimals(all.loss, 4), "", "full"],
    ["w", decimals(state.w, 4), "", "w"],
    ["b", decimals(state.b, 4), "", "b"],
    ["Minibatch ∂w, ∂b", its(pair(own)), "", "minibatch"],
    ["All data ∂w, ∂b", pair(all), "", "full"],
  ]
  return entries.filter(([label]) => !(isFull && label.startsWith("Minibatch")))
}

/**
 * The same in one sentence, for a screen reader.
 *
 * @param {Run} run
 * @param {State} state
 */
export function sentenceOf(run, state) {
  const its = `minibatch ${whole(state.j + 1)} of ${whole(run.per_epoch)}, its loss ${decimals(state.own.loss, 4)}`
  const within = state.atEnd ? "the end" : `epoch ${whole(state.epoch + 1)}, ${its}`
  const where = run.diverged && state.atEnd ? "diverges, before it" : `of ${whole(run.last)}, ${within}`
  return (
    `Step ${whole(state.step)} ${where}: ` +
    `loss on all the data ${decimals(state.all.loss, 4)}, ` +
    `w ${decimals(state.w, 4)}, b ${decimals(state.b, 4)}.`
  )
}

/**
 * @param {Pick<Unit, "y">} data
 * @param {Points} points
 */
export function pointsOf({ y }, points) {
  let ones = 0
  for (const i of points) ones += y[i]
  return `${count(points.length, "point")}, ${whole(ones)} of class 1`
}
