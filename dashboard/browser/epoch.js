// @ts-check
// The loss surface of every minibatch of an epoch, and their weighted mean: the numbers alone.

import { lowestPoint } from "./lowest.js"
import { minibatch } from "./orders.js"
import { heatOf } from "./surface_tile.js"
import { spaced, surfaceOf } from "./unit.js"

/** @import { Lowest } from "./lowest.js" */
/** @import { Run } from "./steps.js" */
/** @import { Heat } from "./surface_tile.js" */
/** @import { Points } from "./unit.js" */

const TILE_POINTS = 25 // values of w, and of b
const MOST_TILES = 11

/**
 * @typedef {object} Tile
 * @property {Points} points
 * @property {Heat} heat
 * @property {Lowest} lowest
 */

/**
 * @typedef {object} Epoch
 * @property {number} epoch counted from 0
 * @property {(j: number) => Tile} tile of minibatch j
 * @property {Tile} mean
 * @property {number} difference of the mean from the surface of all the data, at most
 */

/**
 * The weighted mean of all minibatches of an epoch, and the surfaces of those that are drawn.
 *
 * @param {Run} run
 * @param {Int32Array} order
 * @param {number} epoch
 * @param {number} now the minibatch whose turn it is
 * @returns {Epoch}
 */
export function epochOfTiles(run, order, epoch, now) {
  const [wGrid, bGrid] = [spaced(...run.w_ends, TILE_POINTS), spaced(...run.b_ends, TILE_POINTS)]
  const mean = new Float64Array(TILE_POINTS ** 2)
  const reused = new Float64Array(TILE_POINTS ** 2)
  const drawn = new Set(sampleOf(run.per_epoch, now))
  /** @type {Map<number, Tile>} */
  const tiles = new Map()
  for (let j = 0; j < run.per_epoch; j++) {
    const points = minibatch(run, order, j)
    const values = surfaceOf(run, points, wGrid, bGrid, drawn.has(j) ? undefined : reused)
    if (drawn.has(j)) tiles.set(j, tileOf(run, points, values, wGrid, bGrid))
    for (let k = 0; k < mean.length; k++) mean[k] += (points.length / order.length) * values[k]
  }
  const full = (run.full ??= surfaceOf(run, run.everything, wGrid, bGrid))
  const difference = mean.reduce((most, z, k) => Math.max(most, Math.abs(z - full[k])), 0)
  /** @param {number} j */
  const tile = (j) => {
    const points = minibatch(run, order, j)
    const known = tiles.get(j) ?? tileOf(run, points, surfaceOf(run, points, wGrid, bGrid), wGrid, bGrid)
    tiles.set(j, known)
    return known
  }
  return { epoch, tile, mean: tileOf(run, order, mean, wGrid, bGrid), difference }
}

/**
 * Which minibatches are drawn: all, or some evenly spaced and among them the one whose turn it is.
 *
 * @param {number} minibatches
 * @param {number} now
 */
export function sampleOf(minibatches, now) {
  if (minibatches <= MOST_TILES) return Array.from({ length: minibatches }, (_, j) => j)
  const sample = Array.from({ length: MOST_TILES }, (_, k) => Math.floor((k * minibatches) / MOST_TILES))
  const nearest = Math.min(MOST_TILES - 1, Math.round((now * MOST_TILES) / minibatches))
  if (!sample.includes(now)) sample[nearest] = now
  return sample
}

/**
 * @param {Run} run
 * @param {Points} points
 * @param {Float64Array} values
 * @param {Float64Array} wGrid
 * @param {Float64Array} bGrid
 * @returns {Tile}
 */
function tileOf(run, points, values, wGrid, bGrid) {
  return {
    points,
    heat: heatOf(run, values, wGrid, bGrid),
    lowest: lowestPoint(run, points, run.w_ends, run.b_ends),
  }
}
