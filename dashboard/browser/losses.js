// @ts-check
// Written by `make docs` from minibatch_core/losses; a change belongs there.

/** @typedef {keyof typeof TERMS} Loss */

// The loss of one point and its slope in the logit z; e = exp(-|z|), p = sigmoid(z).
export const TERMS = {
  /**
   * @param {number} z
   * @param {number} e
   * @param {number} p
   * @param {number} y
   * @returns {[loss: number, slope: number]}
   */
  mse: (z, e, p, y) => {
    return [((p - y) * (p - y)), (((2 * (p - y)) * p) * (1 - p))]
  },
  /**
   * @param {number} z
   * @param {number} e
   * @param {number} p
   * @param {number} y
   * @returns {[loss: number, slope: number]}
   */
  bce: (z, e, p, y) => {
    return [((Math.max(z, 0) - (y * z)) + Math.log1p(e)), (p - y)]
  },
  /**
   * @param {number} z
   * @param {number} e
   * @param {number} p
   * @param {number} y
   * @returns {[loss: number, slope: number]}
   */
  bce_with_logits_on_sigmoid: (z, e, p, y) => {
    const e_p = Math.exp((-p))
    return [((p + Math.log1p(e_p)) - (y * p)), ((((1 / (1 + e_p)) - y) * p) * (1 - p))]
  },
}

/** @type {Record<Loss, boolean>} */
export const IS_CONVEX = {
  mse: false,
  bce: true,
  bce_with_logits_on_sigmoid: false,
}
