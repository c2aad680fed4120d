// @ts-check
// The sigmoid unit p = 1 / (1 + exp(-(w x + b))) in the browser: loss, gradient and surface of any
// points. The numbers are those of minibatch_core.

import { MEANS, TERMS } from "./losses.js"

/** @import { Loss } from "./losses.js" */
/** @import { Plan } from "./plan.js" */

/**
 * Data, and the loss that is taken of it.
 *
 * @typedef {Pick<Plan, "x" | "y" | "loss">} Unit
 */

/** @typedef {Int32Array | number[]} Points by their number */

/** @typedef {{ loss: number, slopeW: number, slopeB: number }} LossAndGradient */

const LARGEST_EXPONENT = 700 // exp of up to this, and of minus this, is a normal number
const FACTORS = 512 // so many factors up to 1 + e have a finite product

/**
 * The mean over the points of the loss and of its slopes in w and b.
 *
 * @param {Unit} unit
 * @param {Points} points
 * @param {number} w
 * @param {number} b
 * @returns {LossAndGradient}
 */
export function lossAndGradient({ x, y, loss }, points, w, b) {
  const mean = new Float64Array(3)
  MEANS[loss](x, y, points, 0, points.length, Float64Array.of(w, b), mean)
  return { loss: mean[0], slopeW: mean[1], slopeB: mean[2] }
}

/**
 * The loss of a point and its slope in the logit z.
 *
 * @param {Loss} loss
 * @param {number} z
 * @param {number} y
 */
export function lossAndSlope(loss, z, y) {
  const e = Math.exp(-Math.abs(z))
  return TERMS[loss](z, e, (z >= 0 ? 1 : e) / (1 + e), y)
}

/**
 * The share of points on the right side of p = 1/2.
 *
 * @param {Pick<Unit, "x" | "y">} data
 * @param {number} w
 * @param {number} b
 */
export function accuracy({ x, y }, w, b) {
  let right = 0
  for (let i = 0; i < x.length; i++) right += Number(w * x[i] + b > 0 === (y[i] === 1))
  return right / x.length
}

/**
 * The mean loss of the points at each (w, b): a row for each w, one after another.
 *
 * @param {Unit} unit
 * @param {Points} points
 * @param {Float64Array} wGrid
 * @param {Float64Array} bGrid
 * @param {Float64Array} [values] to be written over
 */
export function surfaceOf(unit, points, wGrid, bGrid, values = new Float64Array(wGrid.length * bGrid.length)) {
  const columns = bGrid.length
  values.fill(0)
  const addRow = (!isFar(unit, points, wGrid, bGrid) && ADD_ROW[unit.loss]) || addRowDirectly
  const minus = bGrid.map((b) => Math.exp(-b))
  const plus = bGrid.map(Math.exp)
  wGrid.forEach((w, i) => {
    const row = values.subarray(i * columns, (i + 1) * columns)
    addRow(row, unit, points, w, bGrid, plus, minus)
    for (let j = 0; j < columns; j++) row[j] /= points.length
  })
  return values
}

/**
 * @param {Unit} unit
 * @param {Points} points
 * @param {Float64Array} wGrid
 * @param {Float64Array} bGrid
 */
function isFar({ x }, points, wGrid, bGrid) {
  let reach = 0
  for (const i of points) reach = Math.max(reach, Math.abs(x[i]))
  return Math.max(farthest(wGrid) * reach, farthest(bGrid)) > LARGEST_EXPONENT
}

/** @param {Float64Array} values */
function farthest(values) {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

/**
 * Adds the points' losses to the row of one w; plus and minus are exp(b) and exp(-b).
 *
 * @typedef {(row: Float64Array, unit: Unit, points: Points, w: number, bGrid: Float64Array,
 *   plus: Float64Array, minus: Float64Array) => void} AddRow
 */

/** @type {AddRow} */
function addRowDirectly(row, unit, points, w, bGrid) {
  bGrid.forEach((b, j) => {
    row[j] += lossAndGradient(unit, points, w, b).loss * points.length
  })
}

/**
 * exp(-(w x + b)) is exp(-w x) exp(-b): one exp of a point serves a whole row. Of factors 1 + u a
 * row keeps the product, less 1 so that small u count, and takes the log of 512 of them at once.
 *
 * A loss that is not here is taken point by point.
 *
 * @type {Partial<Record<Loss, AddRow>>}
 */
const ADD_ROW = {
  mse(row, { x, y }, points, w, bGrid, plus, minus) {
    for (let k = 0; k < points.length; k++) {
      const i = points[k]
      const e = Math.exp(-w * x[i])
      for (let j = 0; j < row.length; j++) {
        const miss = 1 / (1 + e * minus[j]) - y[i]
        row[j] += miss * miss
      }
    }
  },
  bce(row, { x, y }, points, w, bGrid, plus, minus) {
    addLogsOfProducts(row, points, (i, product) => {
      const zX = w * x[i]
      const [e, eMinus] = [Math.exp(zX), Math.exp(-zX)]
      for (let j = 0; j < row.length; j++) {
        const z = zX + bGrid[j]
        const u = z > 0 ? eMinus * minus[j] : e * plus[j]
        product[j] += u + product[j] * u
        row[j] += (z > 0 ? z : 0) - y[i] * z
      }
    })
  },
  bce_with_logits_on_sigmoid(row, { x, y }, points, w, bGrid, plus, minus) {
    addLogsOfProducts(row, points, (i, product) => {
      const e = Math.exp(-w * x[i])
      for (let j = 0; j < row.length; j++) {
        const p = 1 / (1 + e * minus[j])
        const u = Math.exp(p)
        product[j] += u + product[j] * u
        row[j] -= y[i] * p
      }
    })
  },
}

/**
 * @param {Float64Array} row
 * @param {Points} points
 * @param {(i: number, product: Float64Array) => void} multiply
 */
function addLogsOfProducts(row, points, multiply) {
  const product = new Float64Array(row.length)
  for (let first = 0; first < points.length; first += FACTORS) {
    product.fill(0)
    const last = Math.min(first + FACTORS, points.length)
    for (let k = first; k < last; k++) multiply(points[k], product)
    for (let j = 0; j < row.length; j++) row[j] += Math.log1p(product[j])
  }
}

/**
 * Whether some x divides the classes, so that the loss goes on falling for ever larger |w|.
 *
 * @param {Pick<Unit, "x" | "y">} data
 * @param {Points} points
 */
export function isSeparable({ x, y }, points) {
  const [low, high] = [[Infinity, Infinity], [-Infinity, -Infinity]]
  for (const i of points) {
    low[y[i]] = Math.min(low[y[i]], x[i])
    high[y[i]] = Math.max(high[y[i]], x[i])
  }
  return high[0] < low[1] || high[1] < low[0]
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} points
 */
export function spaced(from, to, points) {
  return Float64Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1))
}
