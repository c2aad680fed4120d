// @ts-check
// What an optimizer remembers at any step of a run: computed from the run's own w and b, once along
// the run, with copies on the way so that going back is short.

import { OPTIMIZERS } from "./optimizers.js"
import { Descent } from "./descent.js"

/** @import { Remembered } from "./descent.js" */
/** @import { Plan, Way } from "./plan.js" */

// About a millisecond lies between two copies: so many slopes of single points, of which a step
// costs as much as some more.
const SLOPES_TO_COPY = 20_000
const SLOPES_OF_A_STEP = 10

export class Replay {
  /** @param {Plan & Pick<Way, "w" | "b">} run */
  constructor(run) {
    this.run = run
    this.descent = new Descent(run)
    this.every = Math.max(1, Math.floor(SLOPES_TO_COPY / (run.batch_size + SLOPES_OF_A_STEP)))
    /** @type {Remembered[]} */
    this.copies = [this.descent.copy()] // of each `every` steps
  }

  /** The steps that have been gone through. */
  get step() {
    return this.descent.now.t
  }

  /**
   * Go to the moment before a step, or on until the time is up; returns whether it was reached.
   *
   * @param {number} step
   * @param {number} [until] as performance.now() counts
   */
  reach(step, until = Infinity) {
    const copy = Math.min(Math.floor(step / this.every), this.copies.length - 1)
    if (this.step > step || this.step < copy * this.every) this.descent.goOnFrom(this.copies[copy])
    if (OPTIMIZERS[this.run.optimizer].state.length === 0) {
      this.descent.goOnFrom({ ...this.descent.now, t: step })
    }
    const start = this.step
    while (this.step < step) {
      if (this.step % this.every === 0) {
        this.copies[this.step / this.every] ??= this.descent.copy()
        if (this.step > start && performance.now() > until) return false
      }
      this.goOn()
    }
    return true
  }

  goOn() {
    const { run, step, descent } = this
    descent.place[0] = run.w[step]
    descent.place[1] = run.b[step]
    descent.step()
  }
}
