// @ts-check
// How large a learning rate gradient descent can bear at a minimum: by law 10, and as runs tell it. The
// numbers are those of minibatch_core/theory/stability.py.

import { bendsOf } from "./noise.js"
import { planOf } from "./plan.js"
import { Trainer } from "./training.js"

/** @import { Data } from "./sources.js" */
/** @import { SentMinimum, SentSettings } from "./wire.js" */

const NEAR = 1e-4 // how far from the minimum the runs start
const [STEPS, MOST_STEPS] = [300, 1000] // that they take; more with a momentum that forgets slowly
const LARGEST_MOMENTUM = 0.99 // up to which so many are enough
const [REACH, PART] = [4, 1.001] // how many times less or more than the law's is tried, and how exactly
export const LARGEST_LR = 1000 // that a run may have
const LATE = 20 // steps at the end of a run, which tell whether it has come closer

/**
 * @param {SentMinimum} minimum
 * @param {number} momentum
 */
export function largestStableLr({ hessian }, momentum) {
  return (2 + 2 * momentum) / bendsOf(hessian).most
}

/**
 * The largest stable learning rate by bisection, or null where runs do not tell; it goes a little further at
 * each `next()`.
 *
 * @param {SentSettings} settings of any run on these data, with this loss
 * @param {Data} data
 * @param {SentMinimum} minimum
 * @param {number} momentum
 * @returns {Generator<void, number | null>}
 */
export function* stableLrFound(settings, data, minimum, momentum) {
  if (momentum > LARGEST_MOMENTUM) return null
  const predicted = largestStableLr(minimum, momentum)
  let [low, high] = [predicted / REACH, predicted * REACH]
  if (high > LARGEST_LR) return null
  while (high / low > PART) {
    const middle = Math.sqrt(low * high)
    if (yield* comesCloser(settings, data, minimum, momentum, middle)) low = middle
    else high = middle
  }
  return Math.sqrt(low * high)
}

/**
 * Whether a run that starts close to the minimum, in the sharpest direction, comes closer.
 *
 * @param {SentSettings} settings
 * @param {Data} data
 * @param {SentMinimum} minimum
 * @param {number} momentum
 * @param {number} lr
 * @returns {Generator<void, boolean>}
 */
function* comesCloser(settings, data, { w, b, hessian }, momentum, lr) {
  const { c, s } = bendsOf(hessian) // towards larger w
  const epochs = Math.round(Math.min(MOST_STEPS, Math.max(STEPS, 10 / (1 - momentum))))
  const train = { ...settings.train, momentum, lr, epochs, init_w: w + NEAR * c, init_b: b + NEAR * s }
  const trainer = new Trainer(planOf({ data: settings.data, train }, data), new Int32Array())
  while (!trainer.advance(0)) yield
  const run = trainer.run
  if (!run || run.divergedAt !== null) return false
  for (let step = epochs + 1 - LATE; step <= epochs; step++) {
    if (!(Math.abs((run.w[step] - w) * c + (run.b[step] - b) * s) < NEAR)) return false
  }
  return true
}
