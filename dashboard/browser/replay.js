// @ts-check
// What an optimizer remembers at any step of a run: computed from the run's own w and b, once along
// the run, with copies on the way so that going back is short.

import { OPTIMIZERS } from "./optimizers.js"
import { makeOptimizer } from "./training.js"
import { lossAndGradient, minibatch, orderOfEpoch } from "./unit.js"

/** @import { Remembered } from "./training.js" */
/** @import { SentRun } from "./wire.js" */

// About a millisecond lies between two copies: so many slopes of single points, of which a step
// costs as much as some more.
const SLOPES_TO_COPY = 20_000
const SLOPES_OF_A_STEP = 10

export class Replay {
  /** @param {SentRun} run */
  constructor(run) {
    this.run = run
    this.optimizer = makeOptimizer(run.optimizer, run.hyperparameters)
    this.every = Math.max(1, Math.floor(SLOPES_TO_COPY / (run.batch_size + SLOPES_OF_A_STEP)))
    /** @type {Remembered[]} */
    this.copies = [this.optimizer.copy()] // of each `every` steps
    this.epoch = -1
    /** @type {Int32Array} */
    this.order = new Int32Array()
  }

  /** The steps that have been gone through. */
  get step() {
    return this.optimizer.now.t
  }

  /**
   * Go to the moment before a step, or on until the time is up; returns whether it was reached.
   *
   * @param {number} step
   * @param {number} [until] as performance.now() counts
   */
  reach(step, until = Infinity) {
    const copy = Math.min(Math.floor(step / this.every), this.copies.length - 1)
    if (this.step > step || this.step < copy * this.every) this.optimizer.goOnFrom(this.copies[copy])
    if (OPTIMIZERS[this.run.optimizer].state.length === 0) {
      this.optimizer.goOnFrom({ ...this.optimizer.now, t: step })
    }
    const start = this.step
    while (this.step < step) {
      if (this.step % this.every === 0) {
        this.copies[this.step / this.every] ??= this.optimizer.copy()
        if (this.step > start && performance.now() > until) return false
      }
      this.goOn()
    }
    return true
  }

  goOn() {
    const { run, step } = this
    const [epoch, j] = [Math.floor(step / run.per_epoch), step % run.per_epoch]
    if (epoch !== this.epoch) {
      this.epoch = epoch
      this.order = orderOfEpoch(run, epoch)
    }
    const [w, b] = [run.w[step], run.b[step]]
    const { slopeW, slopeB } = lossAndGradient(run, minibatch(run, this.order, j), w, b)
    this.optimizer.step(w, b, slopeW, slopeB, run.rates?.[step])
  }
}
