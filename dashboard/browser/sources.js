// @ts-check
// The points of each source of data, as minibatch_core/sources draws them.

import { logarithm } from "./logarithm.js"
import { MersenneTwister } from "./mersenne_twister.js"

/** @typedef {keyof typeof SOURCES} SourceName */

/** @typedef {{ x: Float64Array, y: Uint8Array }} Data */

/**
 * Points as they are drawn.
 *
 * @callback Draw
 * @param {number} n
 * @param {number} noise
 * @param {number} seed
 * @returns {Data}
 */

export const SOURCES = /** @satisfies {Record<string, Draw>} */ ({
  notebook(n, noise, seed) {
    const x = normals(n, seed).map((value) => value + 1)
    const flips = new MersenneTwister()
    flips.seedAsPython(seed)
    const y = Uint8Array.from(x, (each) => {
      const isFlipped = flips.uniform() < (Math.abs(each - 1) < 1 ? noise : noise / 4)
      return Number(isFlipped ? each < 1 : each > 1)
    })
    return { x, y }
  },
})

/**
 * numpy.random.RandomState(seed).randn(n): two at a time, by Marsaglia's polar method.
 *
 * @param {number} n
 * @param {number} seed
 */
function normals(n, seed) {
  const drawn = new Float64Array(n)
  const twister = new MersenneTwister(seed)
  for (let k = 0; k < n; k += 2) {
    let [u, v, square] = [0, 0, 0]
    do {
      u = 2 * twister.uniform() - 1
      v = 2 * twister.uniform() - 1
      square = u * u + v * v
    } while (square >= 1 || square === 0)
    const scale = Math.sqrt((-2 * logarithm(square)) / square)
    drawn[k] = scale * v
    if (k + 1 < n) drawn[k + 1] = scale * u
  }
  return drawn
}
