// @ts-check
// Where the mean loss has a minimum, and how it is curved there. The search is that of
// minibatch_core/theory/minimum.py, which says why it is one; it goes a little further at each `next()`.

import { lowPlaces } from "./lowest.js"
import { bendsOf, bowlAt } from "./noise.js"
import { isSeparable, lossAndGradient, spaced, surfaceOf } from "./unit.js"

/** @import { SentMinimum } from "./wire.js" */
/** @import { Unit } from "./unit.js" */

const FARTHEST = 100 // a minimum is looked for where w and b are no larger than this
const [WIDE, CELLS, MOST_PLACES] = [40, 81, 20] // how far the grid reaches, its values of w and of b, and how many low places count
const [FLATTEST, MOST_STEP_LEFT, STEEPEST] = [1e-12, 1e-6, 1e-9] // at a minimum: bent more than rounding is, and level
const UNSEEN = 1e-7 // so short a step is not judged by the loss, whose rounding is larger
const STARTS = [-8, -2, 2, 8] // w and b to begin at when those lead to none
const MOST_STEPS = 200

/**
 * The lowest minimum that Newton's method finds from the low places of a wide grid.
 *
 * @param {Unit} unit
 * @returns {Generator<void, SentMinimum | null>}
 */
export function* findMinimum(unit) {
  const points = Int32Array.from(unit.x, (_, i) => i)
  if (isSeparable(unit, points)) return null
  const grid = spaced(-WIDE, WIDE, CELLS)
  const values = new Float64Array(CELLS * CELLS)
  for (let i = 0; i < CELLS; i++) {
    surfaceOf(unit, points, grid.subarray(i, i + 1), grid, values.subarray(i * CELLS, (i + 1) * CELLS))
    yield
  }
  for (const [w, b] of beginnings(grid, values)) {
    const found = yield* descend(unit, points, w, b)
    if (found) return found
  }
  return null
}

/**
 * @param {Float64Array} grid
 * @param {Float64Array} values
 * @returns {[w: number, b: number][]}
 */
function beginnings(grid, values) {
  const low = lowPlaces(values, CELLS).slice(0, MOST_PLACES)
  return [
    ...low.map((cell) => /** @type {[number, number]} */ ([grid[Math.floor(cell / CELLS)], grid[cell % CELLS]])),
    ...STARTS.flatMap((w) => STARTS.map((b) => /** @type {[number, number]} */ ([w, b]))),
  ]
}

/**
 * The minimum that Newton's method comes to from here, if it comes to one.
 *
 * @param {Unit} unit
 * @param {Int32Array} points
 * @param {number} w
 * @param {number} b
 * @returns {Generator<void, SentMinimum | null>}
 */
function* descend(unit, points, w, b) {
  let { loss } = lossAndGradient(unit, points, w, b)
  for (let t = 0; t < MOST_STEPS; t++) {
    const gradient = bowlAt(unit, w, b)
    const { most, least, c, s } = bendsOf(gradient.hessian)
    // Against the gradient along every direction, also where the surface is bent downwards.
    const first = -(c * gradient.w + s * gradient.b) / Math.max(Math.abs(most), 1e-9)
    const second = -(c * gradient.b - s * gradient.w) / Math.max(Math.abs(least), 1e-9)
    let [stepW, stepB] = [c * first - s * second, s * first + c * second]
    let there = lossAndGradient(unit, points, w + stepW, b + stepB).loss
    while (!(there <= loss) && longer(stepW, stepB) >= UNSEEN) {
      yield
      stepW /= 2
      stepB /= 2
      there = lossAndGradient(unit, points, w + stepW, b + stepB).loss
    }
    w += stepW
    b += stepB
    loss = Math.min(loss, there)
    if (longer(w, b) > FARTHEST) return null
    if (longer(stepW, stepB) < 1e-12) break
    yield
  }
  const { w: slopeW, b: slopeB, hessian } = bowlAt(unit, w, b)
  const [slope, { least }] = [Math.hypot(slopeW, slopeB), bendsOf(hessian)]
  // Far out every p is 0 or 1 and the surface a plateau: flat, but no more so than it is bent.
  if (slope > STEEPEST || least < FLATTEST || slope > MOST_STEP_LEFT * least) return null
  return { w, b, loss, hessian }
}

/**
 * @param {number} one
 * @param {number} other
 */
function longer(one, other) {
  return Math.max(Math.abs(one), Math.abs(other))
}
