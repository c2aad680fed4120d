// @ts-check
// Where a loss surface is lowest: inside a box of w and b, outside it, or at no point. The search is
// that of minibatch_core/theory/lowest.py, which says why it is one, and so are its numbers.

import { IS_CONVEX } from "./losses.js"
import { isSeparable, lossAndGradient, lossAndSlope, spaced, surfaceOf } from "./unit.js"

/** @import { Points, Unit } from "./unit.js" */

/** @typedef {[number, number]} Ends */

/** @typedef {{ w: number, b: number, loss: number }} Minimum */

/**
 * As in the core: "inside" the box at (w, b); "local", where that is a minimum but the loss is lower
 * outside; "beyond" its edge; "far", at no point; or "nowhere", where some x divides the classes.
 *
 * @typedef {{ place: "inside" } & Minimum | { place: "local" } & Minimum
 *   | { place: "beyond" } | { place: "far" } | { place: "nowhere" }} Lowest
 */

/** @typedef {Extract<Lowest, Minimum>} InSight */

const ROUNDING = 1e-12 // two losses that differ by less are the same
const FLATTEST = 1e-8 // where the surface is bent less it is a plateau, and no minimum
const CELLS = 21 // values of w, and of b, of the grids from which the search begins
const WIDE = /** @type {Ends} */ ([-20, 20]) // where the second of these grids lies
const MOST_PLACES = 4 // from how many low cells of the box itself the search begins
const [THRESHOLDS, STEEP] = [8, [2, 5, 12, 30, 80, 200]] // steep sigmoids to begin from as well
const STEEPER = [500, 1200, 3000, 8000, 20000] // and steeper ones, almost steps
const [FARTHEST, MOST_STEPS] = [200, 100] // how far a descent goes, if not to twice where it begins, and in how many steps
const NUDGE = 1e-6 // by how much a logit is moved to see how its slope changes
const SATURATED = 700 // a logit at which p is 0 or 1 to the last digit

/**
 * @param {Unit} unit
 * @param {Points} points
 * @param {Ends} wEnds
 * @param {Ends} bEnds
 * @returns {Lowest}
 */
export function lowestPoint(unit, points, wEnds, bEnds) {
  const search = seekLowest(unit, points, wEnds, bEnds)
  for (;;) {
    const { done, value } = search.next()
    if (done) return value
  }
}

/**
 * The same, a little further at each `next()`.
 *
 * @param {Unit} unit
 * @param {Points} points
 * @param {Ends} wEnds
 * @param {Ends} bEnds
 * @returns {Generator<void, Lowest, void>}
 */
export function* seekLowest(unit, points, wEnds, bEnds) {
  if (isSeparable(unit, points)) return { place: "nowhere" }
  const { limit, sigmoids } = farOut(unit, points)
  /** @type {Minimum | null} */
  let here = null
  let lowest = Infinity
  for (const start of beginnings(unit, points, wEnds, bEnds, sigmoids)) {
    yield
    if (!start) continue
    const { isMinimum, w, b, loss } = yield* descend(unit, points, start)
    lowest = Math.min(lowest, loss)
    if (isMinimum && isWithin(w, wEnds) && isWithin(b, bEnds) && loss < (here?.loss ?? Infinity)) {
      here = { w, b, loss }
    }
    if (isMinimum && IS_CONVEX[unit.loss]) break // there is no other
  }
  if (!here) return { place: lowest < limit - ROUNDING ? "beyond" : "far" }
  return { place: here.loss < limit && here.loss <= lowest + ROUNDING ? "inside" : "local", ...here }
}

/**
 * Whether there is a minimum in the box.
 *
 * @param {Lowest} lowest
 * @returns {lowest is InSight}
 */
export function isInSight(lowest) {
  return lowest.place === "inside" || lowest.place === "local"
}

/**
 * @param {number} value
 * @param {Ends} ends
 */
function isWithin(value, [from, to]) {
  return from <= value && value <= to
}

/**
 * The lowest mean loss that is tended to infinitely far out, where every p is 0 or 1, and the sides
 * and thresholds of steep sigmoids that come near it: side 1 where p rises with x, -1 where it falls.
 *
 * @param {Unit} unit
 * @param {Points} points
 * @returns {{ limit: number, sigmoids: { side: 1 | -1, at: number }[] }}
 */
function farOut({ x, y, loss }, points) {
  const sorted = Array.from(points)
  sorted.sort((one, other) => x[one] - x[other])
  const [low, high] = [-SATURATED, SATURATED].map((z) => [0, 1].map((label) => lossAndSlope(loss, z, label)[0]))
  const last = sorted.length - 1
  const parts = sorted.map((i, k) => (k ? (x[sorted[k - 1]] + x[i]) / 2 : x[i] - 1))
  parts.push(x[sorted[last]] + 1)
  const every = /** @type {const} */ ([1, -1]).flatMap((side) => {
    const [left, right] = side === 1 ? [low, high] : [high, low]
    let sum = sorted.reduce((total, i) => total + right[y[i]], 0)
    return parts.map((at, k) => {
      if (k) sum += left[y[sorted[k - 1]]] - right[y[sorted[k - 1]]]
      return { side, at, mean: sum / sorted.length }
    })
  })
  every.sort((one, other) => one.mean - other.mean)
  return { limit: every[0].mean, sigmoids: every.slice(0, THRESHOLDS) }
}

/**
 * Low cells of the box, the lowest of a wider grid, the best of steep and steeper sigmoids; nothing while
 * they are looked for.
 *
 * @param {Unit} unit
 * @param {Points} points
 * @param {Ends} wEnds
 * @param {Ends} bEnds
 * @param {{ side: 1 | -1, at: number }[]} sigmoids
 * @returns {Generator<[w: number, b: number] | void, void, void>}
 */
function* beginnings(unit, points, wEnds, bEnds, sigmoids) {
  for (const [ofW, ofB, most] of /** @type {[Ends, Ends, number][]} */ ([[wEnds, bEnds, MOST_PLACES], [WIDE, WIDE, 1]])) {
    const [wGrid, bGrid] = [spaced(...ofW, CELLS), spaced(...ofB, CELLS)]
    const values = new Float64Array(CELLS * CELLS)
    for (let i = 0; i < CELLS; i++) {
      surfaceOf(unit, points, wGrid.subarray(i, i + 1), bGrid, values.subarray(i * CELLS, (i + 1) * CELLS))
      yield
    }
    for (const cell of lowPlaces(values, CELLS).slice(0, most)) {
      yield [wGrid[Math.floor(cell / CELLS)], bGrid[cell % CELLS]]
    }
  }
  for (const steep of [STEEP, STEEPER]) {
    /** @type {[number, number]} */
    let best = [0, 0]
    let least = Infinity
    for (const { side, at } of sigmoids) {
      yield
      for (const size of steep) {
        const { loss } = lossAndGradient(unit, points, side * size, -side * size * at)
        if (loss < least) [least, best] = [loss, [side * size, -side * size * at]]
      }
    }
    yield best
  }
}

/**
 * The cells of a grid that are no higher than their neighbours, the lowest first.
 *
 * @param {Float64Array} values
 * @param {number} cells of a row, and of a column
 */
export function lowPlaces(values, cells) {
  const places = []
  for (let cell = 0; cell < values.length; cell++) {
    const [i, j] = [Math.floor(cell / cells), cell % cells]
    let least = Infinity
    for (let k = Math.max(0, i - 1); k <= Math.min(cells - 1, i + 1); k++) {
      for (let l = Math.max(0, j - 1); l <= Math.min(cells - 1, j + 1); l++) least = Math.min(least, values[k * cells + l])
    }
    if (values[cell] <= least) places.push(cell)
  }
  places.sort((one, other) => values[one] - values[other])
  return places
}

/**
 * Newton's method against the gradient along both directions of the curvature.
 *
 * @param {Unit} unit
 * @param {Points} points
 * @param {[w: number, b: number]} start
 * @returns {Generator<void, Minimum & { isMinimum: boolean }, void>}
 */
function* descend(unit, points, start) {
  let [w, b] = start
  let { loss } = lossAndGradient(unit, points, w, b)
  const farthest = Math.max(FARTHEST, 2 * (Math.abs(w) + Math.abs(b)))
  for (let t = 0; t < MOST_STEPS; t++) {
    yield
    const [gW, gB, hWW, hWB, hBB] = slopesAndBends(unit, points, w, b)
    // The eigenvalues of H, and (c, s) the direction of the first.
    const [middle, half] = [(hWW + hBB) / 2, Math.hypot((hWW - hBB) / 2, hWB)]
    const turn = 0.5 * Math.atan2(2 * hWB, hWW - hBB)
    const [c, s] = [Math.cos(turn), Math.sin(turn)]
    const first = -(c * gW + s * gB) / Math.max(Math.abs(middle + half), 1e-9)
    const second = -(c * gB - s * gW) / Math.max(Math.abs(middle - half), 1e-9)
    let [stepW, stepB] = [c * first - s * second, s * first + c * second]
    let there = lossAndGradient(unit, points, w + stepW, b + stepB).loss
    while (there > loss && Math.abs(stepW) + Math.abs(stepB) > 1e-13) {
      stepW /= 2
      stepB /= 2
      there = lossAndGradient(unit, points, w + stepW, b + stepB).loss
    }
    if (there <= loss) [w, b, loss] = [w + stepW, b + stepB, there]
    if (Math.abs(stepW) + Math.abs(stepB) < 1e-9 * (1 + Math.abs(w) + Math.abs(b))) {
      return { w, b, loss, isMinimum: Math.hypot(gW, gB) < 1e-7 && middle - half > FLATTEST }
    }
    if (Math.abs(w) + Math.abs(b) > farthest) break
  }
  return { w, b, loss, isMinimum: false }
}

/**
 * The means over the points of the first and second slopes in w and b.
 *
 * @param {Unit} unit
 * @param {Points} points
 * @param {number} w
 * @param {number} b
 */
function slopesAndBends({ x, y, loss }, points, w, b) {
  const sums = [0, 0, 0, 0, 0]
  for (let k = 0; k < points.length; k++) {
    const i = points[k]
    const z = w * x[i] + b
    const slope = lossAndSlope(loss, z, y[i])[1]
    const bend = (lossAndSlope(loss, z + NUDGE, y[i])[1] - slope) / NUDGE
    sums[0] += slope * x[i]
    sums[1] += slope
    sums[2] += bend * x[i] * x[i]
    sums[3] += bend * x[i]
    sums[4] += bend
  }
  return sums.map((sum) => sum / points.length)
}
