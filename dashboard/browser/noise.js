// @ts-check
// The gradients of single points at one (w, b), as minibatch_core/theory/noise.py has them: their mean, how
// they scatter, and how the loss is curved there.

import { DERIVATIVES } from "./losses.js"

/** @import { Unit } from "./unit.js" */
/** @import { SentMatrix } from "./wire.js" */

const ROUNDING = 1e-24 // a |G|² that is a smaller share of tr Σ is what rounding has left of a gradient of 0

/**
 * @typedef {object} Bowl
 * @property {number} w of the mean gradient
 * @property {number} b
 * @property {SentMatrix} hessian of the mean loss
 */

/**
 * @typedef {object} Noise
 * @property {Float64Array} slopes of the single points' losses in b; times x those in w
 * @property {{ w: number, b: number }} mean
 * @property {SentMatrix} covariance of the points' gradients
 * @property {SentMatrix} hessian
 */

/**
 * The gradient of all the points, and the Hessian.
 *
 * @param {Unit} unit
 * @param {number} w
 * @param {number} b
 * @param {Float64Array} [slopes] of the single points, to be filled in
 * @returns {Bowl}
 */
export function bowlAt({ x, y, loss }, w, b, slopes) {
  const n = x.length
  let [ofW, ofB, ww, wb, bb] = [0, 0, 0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [slope, bend] = DERIVATIVES[loss](probability(w * x[i] + b), y[i])
    if (slopes) slopes[i] = slope
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
  const e = Math.exp(-Math.abs(z))
  return (z >= 0 ? 1 : e) / (1 + e)
}

/**
 * @param {Unit} unit
 * @param {number} w
 * @param {number} b
 * @returns {Noise}
 */
export function noiseAt(unit, w, b) {
  const { x } = unit
  const n = x.length
  const slopes = new Float64Array(n)
  const { hessian, ...mean } = bowlAt(unit, w, b, slopes)
  let [ww, wb, bb] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [ofW, ofB] = [slopes[i] * x[i] - mean.w, slopes[i] - mean.b]
    ww += ofW * ofW
    wb += ofW * ofB
    bb += ofB * ofB
  }
  return { slopes, mean, covariance: { ww: ww / n, wb: wb / n, bb: bb / n }, hessian }
}

/**
 * tr Σ / |G|²; infinite where the gradient is 0, but for rounding.
 *
 * @param {Noise} noise
 */
export function bSimple({ mean, covariance }) {
  const [above, below] = [traceOf(covariance), squareOf(mean)]
  return below > ROUNDING * above ? above / below : Infinity
}

/**
 * tr(HΣ) / (GᵀHG); NaN where either is not positive, or the gradient is 0.
 *
 * @param {Noise} noise
 */
export function bNoise(noise) {
  const { mean, covariance, hessian } = noise
  const [curved, noisy] = [bentAlong(hessian, mean), traceOfProduct(hessian, covariance)]
  return bSimple(noise) < Infinity && curved > 0 && noisy > 0 ? noisy / curved : NaN
}

/**
 * By how much less minibatches scatter than points, as a share of the covariance.
 *
 * @param {number} n
 * @param {number} batchSize
 * @param {boolean} replacement
 */
export function scatterOf(n, batchSize, replacement) {
  return (replacement ? 1 : (n - batchSize) / Math.max(n - 1, 1)) / batchSize
}

/**
 * What a step of SGD makes of the mean loss, to second order in lr: L - lr |G|² + lr²/2 (GᵀHG + tr(HC)).
 *
 * @param {Noise} noise
 * @param {number} scatter as a share of the covariance; 0 without noise
 */
export function stepOf({ mean, covariance, hessian }, scatter) {
  const square = squareOf(mean)
  const below = bentAlong(hessian, mean) + scatter * traceOfProduct(hessian, covariance)
  return {
    bestLr: below > 0 ? square / below : Infinity, // where the loss falls for ever
    /**
     * @param {number} loss
     * @param {number} lr
     */
    lossAfter: (loss, lr) => loss - lr * square + 0.5 * lr * lr * below,
  }
}

/** @param {SentMatrix} matrix */
export function traceOf({ ww, bb }) {
  return ww + bb
}

/** @param {{ w: number, b: number }} vector */
function squareOf({ w, b }) {
  return w * w + b * b
}

/**
 * @param {SentMatrix} hessian
 * @param {{ w: number, b: number }} direction
 */
function bentAlong({ ww, wb, bb }, { w, b }) {
  return w * (ww * w + wb * b) + b * (wb * w + bb * b)
}

/**
 * @param {SentMatrix} one
 * @param {SentMatrix} other
 */
function traceOfProduct(one, other) {
  return one.ww * other.ww + 2 * one.wb * other.wb + one.bb * other.bb
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
