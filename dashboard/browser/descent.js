// @ts-check
// A run at work, a step at a time, as minibatch_core/engine/training.py has it.

import { MEANS } from "./losses.js"
import { OPTIMIZERS } from "./optimizers.js"
import { Sampler } from "./orders.js"

/** @import { Plan } from "./plan.js" */

export const STATE_SIZE = Math.max(...Object.values(OPTIMIZERS).map(({ state }) => state.length))

/**
 * What an optimizer knows between two steps.
 *
 * @typedef {object} Remembered
 * @property {number} t steps taken
 * @property {Float64Array} memory what is common to all parameters
 * @property {Float64Array} w what it remembers of w, in the order of its record
 * @property {Float64Array} b
 */

export class Descent {
  /** @param {Plan} run */
  constructor(run) {
    this.run = run
    this.sampler = new Sampler(run)
    this.h = Float64Array.from(run.hyperparameters)
    this.factors = new Float64Array(3)
    /** @type {Remembered} */
    this.now = { t: 0, memory: Float64Array.of(1), w: new Float64Array(STATE_SIZE), b: new Float64Array(STATE_SIZE) }
    this.place = new Float64Array(2) // w and b
    this.mean = new Float64Array(3) // the loss of the last step's minibatch, and its slopes, before that step
    this.slopes = this.mean.subarray(1)
  }

  /** Take a step from `place`. */
  step() {
    const { run, h, factors, now, place, mean, slopes } = this
    const optimizer = OPTIMIZERS[run.optimizer]
    const order = this.sampler.orderOf(Math.floor(now.t / run.per_epoch))
    const from = (now.t % run.per_epoch) * run.batch_size
    MEANS[run.loss](run.x, run.y, order, from, Math.min(from + run.batch_size, order.length), place, mean)
    if (run.rates) h[0] = run.rates[now.t]
    now.t += 1
    optimizer.factors(h, now.memory, now.t, factors)
    optimizer.step(h, factors, now.w, now.t, place, slopes, 0)
    optimizer.step(h, factors, now.b, now.t, place, slopes, 1)
  }

  /** What the optimizer knows now, which later steps leave as it is. */
  copy() {
    return copyOf(this.now)
  }

  /** @param {Remembered} remembered */
  goOnFrom(remembered) {
    this.now = copyOf(remembered)
  }
}

/**
 * @param {Remembered} remembered
 * @returns {Remembered}
 */
function copyOf({ t, memory, w, b }) {
  return { t, memory: memory.slice(), w: w.slice(), b: b.slice() }
}
