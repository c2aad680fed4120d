// @ts-check
// The gradients of single points at one (w, b), as minibatch_core/theory/noise.py has them: their mean, how
// they scatter, and how the loss is curved there.

import { DERIVATIVES } from "./losses.js"

/** @import { Unit } from "./unit.js" */
/** @import { SentMatrix } from "./wire.js" */

/**
 * @typedef {object} Bowl
 * @property {number} w of the mean gradient
 * @property {number} b
 * @property {SentMatrix} hessian of the mean loss
 */

/**
 * The gradient of all the points, and the Hessian.
 *
 * @param {Unit} unit
 * @param {number} w
 * @param {number} b
 * @returns {Bowl}
 */
export function bowlAt({ x, y, loss }, w, b) {
  const n = x.length
  let [ofW, ofB, ww, wb, bb] = [0, 0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [slope, bend] = DERIVATIVES[loss](probability(w * x[i] + b), y[i])
    ofW += slope * x[i]
    ofB += slope
    ww += bend * x[i] * x[i]
    wb += bend * x[i]
    bb += bend
  }
  return { w: ofW / n, b: ofB / n, hessian: { ww: ww / n, wb: wb / n, bb: bb / n } }
}

/** @param {number} z */
function probability(z) {
  return 0.5 + 0.5 * Math.tanh(0.5 * z)
}

/**
 * The eigenvalues of a matrix, the larger first, and (c, s) the direction of that.
 *
 * @param {SentMatrix} matrix
 */
export function bendsOf({ ww, wb, bb }) {
  const [middle, half] = [(ww + bb) / 2, Math.hypot((ww - bb) / 2, wb)]
  const turn = 0.5 * Math.atan2(2 * wb, ww - bb)
  return { most: middle + half, least: middle - half, c: Math.cos(turn), s: Math.sin(turn) }
}
