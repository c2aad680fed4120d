// @ts-check
// The loss surface of all the data that a run walks on, as dashboard/charts/run.py has it: computed some
// rows at a time, and kept for the next runs, most of which walk on the same.

import { seekLowest } from "./lowest.js"
import { endsOf } from "./thinned.js"
import { lossAndGradient, spaced, surfaceOf } from "./unit.js"

/** @import { Ends, Lowest } from "./lowest.js" */
/** @import { Plan, Way } from "./plan.js" */
/** @import { Trace } from "./wire.js" */

/**
 * @typedef {object} Surface
 * @property {Ends} wEnds
 * @property {Ends} bEnds
 * @property {Float32Array} w
 * @property {Float32Array} b
 * @property {Float32Array[]} rows a value for each b, of each w
 * @property {Ends} limits the smallest and the largest of these values
 * @property {{ w: number, b: number }} lowestCell
 * @property {number} coinToss the loss at w = b = 0
 */

/** @typedef {Surface & { lowest: Lowest }} Ground */

export const FINE = 61 // cells of a surface that is complete ...
export const COARSE = 21 // ... and of one that is soon replaced by another
const HALVES = [5, 10, 20, 40] // how far a surface reaches from its middle, in w and in b
const MIDDLE = { w: 1, b: -1 }
const TERMS_AT_ONCE = 400_000 // cells times points between two looks at the clock

/** @typedef {Pick<Plan, "x" | "y" | "loss">} Unit */

export class Grounds {
  constructor() {
    /** @type {Unit | null} */
    this.of = null
    /** @type {Map<string, Rising>} */
    this.known = new Map() // by how far they reach, and their cells
  }

  /**
   * The ground of a run of which w and b are known, beside kept ones; it may not be complete yet.
   *
   * @param {Unit} unit
   * @param {Pick<Way, "w" | "b">} run
   * @param {Trace[]} kept paths
   * @param {number} cells
   */
  under({ x, y, loss }, { w, b }, kept, cells) {
    if (this.of?.x !== x || this.of.y !== y || this.of.loss !== loss) {
      this.of = { x, y, loss }
      this.known.clear()
    }
    const near = kept.map(reachOf).filter((reach) => reach <= HALVES[3])
    const reach = Math.max(reachOf({ x: b, y: w }), ...near)
    const half = HALVES.find((each) => reach <= each) ?? HALVES[3]
    const key = `${half} ${cells}`
    const ground = this.known.get(key) ?? new Rising(this.of, half, cells)
    this.known.set(key, ground)
    return ground
  }
}

/** A ground that is being computed. */
export class Rising {
  /**
   * @param {Unit} unit
   * @param {number} half
   * @param {number} cells
   */
  constructor(unit, half, cells) {
    this.unit = unit
    this.cells = cells
    this.wEnds = endsAround(MIDDLE.w, half)
    this.bEnds = endsAround(MIDDLE.b, half)
    this.everything = Int32Array.from(unit.x, (_, i) => i)
    this.values = new Float64Array(cells * cells)
    this.rows = 0 // that are known
    this.search = seekLowest(unit, this.everything, this.wEnds, this.bEnds)
    /** @type {Surface | null} */
    this.surface = null
    /** @type {Ground | null} */
    this.ground = null
  }

  /**
   * Go on until the time is up, or to the end; returns the ground if that is reached.
   *
   * @param {number} [until] as performance.now() counts
   */
  advance(until = Infinity) {
    const surface = this.rise(until)
    if (!surface) return null
    while (!this.ground && performance.now() < until) {
      const { done, value: lowest } = this.search.next()
      if (done) this.ground = { ...surface, lowest }
    }
    return this.ground
  }

  /**
   * The same, of the surface alone: where it is lowest, besides at its cells, need not be known.
   *
   * @param {number} [until]
   */
  rise(until = Infinity) {
    const { unit, cells, wEnds, bEnds, everything, values } = this
    const some = Math.max(1, Math.floor(TERMS_AT_ONCE / (cells * everything.length)))
    while (this.rows < cells && performance.now() < until) {
      const last = Math.min(this.rows + some, cells)
      const wGrid = spaced(...wEnds, cells).subarray(this.rows, last)
      surfaceOf(unit, everything, wGrid, spaced(...bEnds, cells), values.subarray(this.rows * cells, last * cells))
      this.rows = last
    }
    if (this.rows === cells) this.surface ??= this.whole()
    return this.surface
  }

  /** @returns {Surface} */
  whole() {
    const { unit, cells, wEnds, bEnds, everything, values } = this
    const [wGrid, bGrid] = [wEnds, bEnds].map((ends) => spaced(...ends, cells))
    const [w, b] = [wGrid, bGrid].map((grid) => Float32Array.from(grid))
    const rows = Array.from(w, (_, i) => Float32Array.from(values.subarray(i * cells, (i + 1) * cells)))
    const limits = endsOf(values)
    const cell = values.indexOf(limits[0])
    const lowestCell = { w: wGrid[Math.floor(cell / cells)], b: bGrid[cell % cells] }
    const coinToss = lossAndGradient(unit, everything, 0, 0).loss
    return { wEnds, bEnds, w, b, rows, limits, lowestCell, coinToss }
  }
}

/**
 * How far a path (b across, w upwards) goes from the middle of a surface.
 *
 * @param {Pick<Trace, "x" | "y">} path
 */
function reachOf({ x: b = [], y: w = [] }) {
  let reach = 0
  for (let k = 0; k < w.length; k++) {
    reach = Math.max(reach, Math.abs(w[k] - MIDDLE.w), Math.abs(b[k] - MIDDLE.b))
  }
  return reach
}

/**
 * @param {number} middle
 * @param {number} half
 * @returns {Ends}
 */
function endsAround(middle, half) {
  return [middle - half, middle + half]
}
