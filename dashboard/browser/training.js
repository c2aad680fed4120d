// @ts-check
// A run from its settings, trained as minibatch_core trains it: all at once, or a slice at a time, so
// that the page is never held up.

import { Descent, STATE_SIZE } from "./descent.js"
import { fillRates } from "./learning_rates.js"
import { MEANS } from "./losses.js"
import { planOf } from "./plan.js"

/** @import { Planned } from "./plan.js" */
/** @import { Data } from "./sources.js" */
/** @import { SentSettings } from "./wire.js" */

/**
 * What training did, step by step.
 *
 * @typedef {object} Trained
 * @property {Float64Array} w before step 0 ... after the last step
 * @property {Float64Array} b
 * @property {Float64Array} batchLoss of each step's own minibatch, before the step
 * @property {Int32Array} steps at which there is ...
 * @property {Float64Array} fullLoss ... the loss on all the data
 * @property {Float64Array | null} heldOutLoss and on held-out data, if there are any
 * @property {Float64Array | null} states what the optimizer remembers of w after each step, if that is kept: so
 *   many numbers a step as there are at most
 * @property {number | null} divergedAt the first step whose loss, w or b is not finite; the path ends there
 */

// About a millisecond lies between two looks at the clock: so many slopes of single points, of which
// a step costs as much as some more.
const SLOPES_AT_ONCE = 20_000
const SLOPES_OF_A_STEP = 10

export class Trainer {
  /**
   * @param {Planned} plan
   * @param {number | Int32Array} [at] the steps at which the loss on all the data is taken: so many, evenly
   *   along the run, or these, as far as it comes
   * @param {Data | null} [heldOut] on which the loss is taken there as well
   * @param {number} [planned] steps to take, of those of all its epochs
   */
  constructor(plan, at = Infinity, heldOut = null, planned = plan.epochs * plan.per_epoch) {
    this.plan = plan
    this.at = at
    this.everything = Int32Array.from(plan.x, (_, i) => i)
    this.heldOut = heldOut
    this.descent = new Descent(plan)
    this.w = new Float64Array(planned + 1)
    this.b = new Float64Array(planned + 1)
    this.batchLoss = new Float64Array(planned)
    /** @type {Float64Array | null} */
    this.states = null
    this.taken = 0 // steps: up to here w and b are known
    this.share = 1 // of lr that the rate of the last of them was
    /** @type {Trained | null} */
    this.run = null // once all steps are taken
    this.losses = 0 // of the run, on all the data: so many are known
    this.descent.place.set(plan.start)
    ;[this.w[0], this.b[0]] = plan.start
  }

  /** What the optimizer remembers of w is to be kept, of every step. */
  keepStates() {
    this.states = new Float64Array(STATE_SIZE * this.batchLoss.length)
    return this
  }

  /**
   * Go on until the time is up, or to the end; returns the run if that is reached.
   *
   * @param {number} [until] as performance.now() counts
   */
  advance(until = Infinity) {
    do {
      if (this.run) this.takeLosses(this.run)
      else this.takeSteps()
    } while (!this.isAtEnd && performance.now() < until)
    return this.isAtEnd ? this.run : null
  }

  get isAtEnd() {
    return this.run !== null && this.losses === this.run.steps.length
  }

  takeSteps() {
    const { plan, descent, w, b, batchLoss, states } = this
    const { place, mean } = descent
    const some = Math.ceil(SLOPES_AT_ONCE / (plan.batch_size + SLOPES_OF_A_STEP))
    const last = Math.min(this.taken + some, batchLoss.length)
    if (plan.rates) this.share = fillRates(plan.rates, plan.schedule, plan.hyperparameters[0], this.taken, last, this.share)
    while (this.taken < last) {
      descent.step()
      if (!(Number.isFinite(mean[0]) && Number.isFinite(place[0]) && Number.isFinite(place[1]))) {
        this.run = this.cutOff()
        return
      }
      batchLoss[this.taken] = mean[0]
      states?.set(descent.now.w, STATE_SIZE * this.taken)
      this.taken += 1
      w[this.taken] = place[0]
      b[this.taken] = place[1]
    }
    if (last === batchLoss.length) this.run = this.cutOff()
  }

  /** @returns {Trained} */
  cutOff() {
    const { at, taken, w, b, batchLoss, states } = this
    const steps = typeof at === "number" ? spread(taken, at) : at.filter((step) => step <= taken)
    return {
      w: w.subarray(0, taken + 1),
      b: b.subarray(0, taken + 1),
      batchLoss: batchLoss.subarray(0, taken),
      steps,
      fullLoss: new Float64Array(steps.length),
      heldOutLoss: this.heldOut && new Float64Array(steps.length),
      states: states && states.subarray(0, STATE_SIZE * taken),
      divergedAt: taken < batchLoss.length ? taken : null,
    }
  }

  /** @param {Trained} run */
  takeLosses({ w, b, steps, fullLoss, heldOutLoss }) {
    const { plan: { x, y, loss }, heldOut, everything } = this
    const { place, mean } = this.descent
    const some = Math.ceil(SLOPES_AT_ONCE / x.length)
    const last = Math.min(this.losses + some, steps.length)
    for (; this.losses < last; this.losses++) {
      place[0] = w[steps[this.losses]]
      place[1] = b[steps[this.losses]]
      MEANS[loss](x, y, everything, 0, x.length, place, mean)
      fullLoss[this.losses] = mean[0]
      if (!heldOut || !heldOutLoss) continue
      MEANS[loss](heldOut.x, heldOut.y, everything, 0, x.length, place, mean) // as many points
      heldOutLoss[this.losses] = mean[0]
    }
  }
}

/**
 * Steps from 0 to the last, `most` of them at the most.
 *
 * @param {number} last
 * @param {number} most
 */
export function spread(last, most) {
  const count = Math.min(most, last + 1)
  return Int32Array.from({ length: count }, (_, k) => (k < count - 1 ? Math.trunc(k * (last / (count - 1))) : last))
}

/**
 * @param {SentSettings} settings
 * @param {number} [most] steps at which the loss on all the data is taken
 */
export function train(settings, most) {
  return /** @type {Trained} */ (new Trainer(planOf(settings), most).advance())
}
