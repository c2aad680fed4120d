// @ts-check
// The points that a run learns from: drawn from a source, and stored in some order.

import { SOURCES } from "./sources.js"

/** @import { Data } from "./sources.js" */
/** @import { SentData } from "./wire.js" */

/** @typedef {keyof typeof STORAGE} Stored */

/** What the points are sorted by, if they are; ties stay as they were drawn. */
const STORAGE = /** @satisfies {Record<string, ((data: Data) => ArrayLike<number>) | null>} */ ({
  drawn: null,
  x: ({ x }) => x,
  class: ({ y }) => y,
})

const ANOTHER_SEED = 2 ** 31 // how far the seed of the held-out data is from that of the data

/**
 * As many points of the same source, drawn anew.
 *
 * @param {SentData} settings
 */
export function makeHeldOut(settings) {
  return makeDataset({ ...settings, seed: (settings.seed + ANOTHER_SEED) % 2 ** 32 })
}

/**
 * @param {SentData} settings
 * @returns {Data}
 */
export function makeDataset({ source, n, noise, seed, stored }) {
  const data = SOURCES[source](n, noise, seed)
  const values = STORAGE[stored]?.(data)
  if (!values) return data
  const order = Array.from(values, (_, i) => i)
  order.sort((one, other) => values[one] - values[other])
  return { x: data.x.map((_, k) => data.x[order[k]]), y: data.y.map((_, k) => data.y[order[k]]) }
}
