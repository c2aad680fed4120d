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

/**
 * Fills `mean` with the means over some points: of the loss, and of its slopes in w and in b.
 *
 * @callback Mean
 * @param {Float64Array} x
 * @param {Uint8Array} labels
 * @param {Int32Array | number[]} points
 * @param {number} from the first of these points ...
 * @param {number} to ... and the one behind the last
 * @param {Float64Array} place w and b
 * @param {Float64Array} mean
 */

/** @type {Record<Loss, Mean>} */
export const MEANS = {
  mse: (x, labels, points, from, to, place, mean) => {
    const [w, b] = [place[0], place[1]]
    let [total, slopeW, slopeB] = [0, 0, 0]
    for (let k = from; k < to; k++) {
      const i = points[k]
      const [z, y] = [w * x[i] + b, labels[i]]
      const e = Math.exp(-Math.abs(z))
      const p = (z >= 0 ? 1 : e) / (1 + e)
      const value = ((p - y) * (p - y))
      const slope = (((2 * (p - y)) * p) * (1 - p))
      total += value
      slopeW += slope * x[i]
      slopeB += slope
    }
    mean[0] = total / (to - from)
    mean[1] = slopeW / (to - from)
    mean[2] = slopeB / (to - from)
  },
  bce: (x, labels, points, from, to, place, mean) => {
    const [w, b] = [place[0], place[1]]
    let [total, slopeW, slopeB] = [0, 0, 0]
    for (let k = from; k < to; k++) {
      const i = points[k]
      const [z, y] = [w * x[i] + b, labels[i]]
      const e = Math.exp(-Math.abs(z))
      const p = (z >= 0 ? 1 : e) / (1 + e)
      const value = ((Math.max(z, 0) - (y * z)) + Math.log1p(e))
      const slope = (p - y)
      total += value
      slopeW += slope * x[i]
      slopeB += slope
    }
    mean[0] = total / (to - from)
    mean[1] = slopeW / (to - from)
    mean[2] = slopeB / (to - from)
  },
  bce_with_logits_on_sigmoid: (x, labels, points, from, to, place, mean) => {
    const [w, b] = [place[0], place[1]]
    let [total, slopeW, slopeB] = [0, 0, 0]
    for (let k = from; k < to; k++) {
      const i = points[k]
      const [z, y] = [w * x[i] + b, labels[i]]
      const e = Math.exp(-Math.abs(z))
      const p = (z >= 0 ? 1 : e) / (1 + e)
      const e_p = Math.exp((-p))
      const value = ((p + Math.log1p(e_p)) - (y * p))
      const slope = ((((1 / (1 + e_p)) - y) * p) * (1 - p))
      total += value
      slopeW += slope * x[i]
      slopeB += slope
    }
    mean[0] = total / (to - from)
    mean[1] = slopeW / (to - from)
    mean[2] = slopeB / (to - from)
  },
}

// The first and second derivative in the logit of the loss of one point.
export const DERIVATIVES = {
  /**
   * @param {number} p
   * @param {number} y
   * @returns {[slope: number, bend: number]}
   */
  mse: (p, y) => {
    const steep = (p * (1 - p))
    const bend = (steep * (1 - (2 * p)))
    return [((2 * (p - y)) * steep), (2 * ((steep * steep) + ((p - y) * bend)))]
  },
  /**
   * @param {number} p
   * @param {number} y
   * @returns {[slope: number, bend: number]}
   */
  bce: (p, y) => {
    return [(p - y), (p * (1 - p))]
  },
  /**
   * @param {number} p
   * @param {number} y
   * @returns {[slope: number, bend: number]}
   */
  bce_with_logits_on_sigmoid: (p, y) => {
    const steep = (p * (1 - p))
    const bend = (steep * (1 - (2 * p)))
    const again = (1 / (1 + Math.exp((-p))))
    return [((again - y) * steep), ((((again * (1 - again)) * steep) * steep) + ((again - y) * bend))]
  },
}

/** @type {Record<Loss, boolean>} */
export const IS_CONVEX = {
  mse: false,
  bce: true,
  bce_with_logits_on_sigmoid: false,
}

// What the loss of no point falls below, or rises above.
/** @type {Record<Loss, [lowest: number, highest: number]>} */
export const ENDS = {
  mse: [0, 1],
  bce: [0, Infinity],
  bce_with_logits_on_sigmoid: [0.31326168751822286, 1.3132616875182228],
}
