// @ts-check
// An optimizer at work on w and b, a step at a time, as minibatch_core/engine/training.py has it.

import { OPTIMIZERS } from "./optimizers.js"

/** @import { OptimizerName } from "./optimizers.js" */

const STATE_SIZE = Math.max(...Object.values(OPTIMIZERS).map(({ state }) => state.length))

/** @typedef {ReturnType<typeof makeOptimizer>} AtWork */

/**
 * What an optimizer knows between two steps.
 *
 * @typedef {object} Remembered
 * @property {number} t steps taken
 * @property {Float64Array} memory what is common to all parameters
 * @property {Float64Array} w what it remembers of w, in the order of its record
 * @property {Float64Array} b
 */

/**
 * @param {OptimizerName} name
 * @param {ArrayLike<number>} hyperparameters lr, then those of the record in its order
 */
export function makeOptimizer(name, hyperparameters) {
  const { factors, step } = OPTIMIZERS[name]
  const h = Float64Array.from(hyperparameters)
  /** @type {Remembered} */
  let now = { t: 0, memory: Float64Array.of(1), w: new Float64Array(STATE_SIZE), b: new Float64Array(STATE_SIZE) }
  return {
    /** @returns {Readonly<Remembered>} */
    get now() {
      return now
    },

    /**
     * w and b after another step; its learning rate is the one before, unless it is given.
     *
     * @param {number} w
     * @param {number} b
     * @param {number} slopeW
     * @param {number} slopeB
     * @param {number} [lr]
     * @returns {[w: number, b: number]}
     */
    step(w, b, slopeW, slopeB, lr) {
      if (lr !== undefined) h[0] = lr
      now.t += 1
      const common = factors(h, now.memory, now.t)
      return [step(h, common, now.w, now.t, w, slopeW), step(h, common, now.b, now.t, b, slopeB)]
    },

    /** A copy, which later steps leave as it is. */
    copy: () => copyOf(now),

    /** @param {Remembered} remembered */
    goOnFrom(remembered) {
      now = copyOf(remembered)
    },
  }
}

/**
 * @param {Remembered} remembered
 * @returns {Remembered}
 */
function copyOf({ t, memory, w, b }) {
  return { t, memory: memory.slice(), w: w.slice(), b: b.slice() }
}
