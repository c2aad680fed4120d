// @ts-check
// The order in which a run sees the points, as torch's DataLoader has it. Where the epochs differ,
// each has a seed, from which torch.randperm and torch.randint draw.

import { MersenneTwister } from "./mersenne_twister.js"

/** @import { Plan } from "./plan.js" */
/** @import { SentTraining } from "./wire.js" */

/** @typedef {Pick<Plan, "order" | "seeds" | "replacement" | "kept">} Orders */

/**
 * What all the orders of a run over n points are made from.
 *
 * @param {number} n
 * @param {Pick<SentTraining, "shuffle" | "batch_size" | "drop_last" | "epochs">} settings
 * @param {MersenneTwister} generator as the model leaves it
 * @returns {Orders}
 */
export function makeOrders(n, { shuffle, batch_size: size, drop_last: dropLast, epochs }, generator) {
  const kept = dropLast ? n - (n % size) : n
  const replacement = shuffle === "replacement"
  if (replacement || shuffle === "each_epoch") {
    return { order: null, seeds: Uint32Array.from({ length: epochs }, () => seedOfEpoch(generator)), replacement, kept }
  }
  const order = new Int32Array(n)
  if (shuffle === "once") permute(order, generator)
  else store(order)
  return { order: order.subarray(0, kept), seeds: null, replacement, kept }
}

/**
 * DataLoader draws a base seed for its workers, then RandomSampler a seed of its own, of which
 * torch.manual_seed takes the last 32 of 64 bits.
 *
 * @param {MersenneTwister} generator
 */
function seedOfEpoch(generator) {
  for (let k = 0; k < 3; k++) generator.draw()
  return generator.draw()
}

/** @param {Int32Array} points */
function store(points) {
  for (let i = 0; i < points.length; i++) points[i] = i
}

/**
 * torch.randperm.
 *
 * @param {Int32Array} points
 * @param {MersenneTwister} generator
 */
function permute(points, generator) {
  const n = points.length
  store(points)
  for (let i = 0; i < n - 1; i++) {
    const j = i + (generator.draw() % (n - i))
    const other = points[j]
    points[j] = points[i]
    points[i] = other
  }
}

/** The points that the epochs of a run see, in order. */
export class Sampler {
  /** @param {Orders & Pick<Plan, "x">} run */
  constructor({ x, order, seeds, replacement, kept }) {
    this.points = new Int32Array(order ? 0 : x.length)
    this.seen = order ?? this.points.subarray(0, kept)
    this.seeds = seeds
    this.replacement = replacement
    this.generator = new MersenneTwister()
    this.epoch = -1
  }

  /**
   * Those of an epoch, until another is asked for.
   *
   * @param {number} epoch
   */
  orderOf(epoch) {
    if (!this.seeds || epoch === this.epoch) return this.seen
    const { points, generator } = this
    this.epoch = epoch
    generator.seed(this.seeds[epoch])
    if (!this.replacement) permute(points, generator)
    else for (let k = 0; k < points.length; k++) points[k] = generator.draw() % points.length
    return this.seen
  }
}

/**
 * @param {Orders & Pick<Plan, "x">} run
 * @param {number} epoch
 */
export function orderOfEpoch(run, epoch) {
  return new Sampler(run).orderOf(epoch)
}

/**
 * The points of minibatch j of an epoch; the last may be short.
 *
 * @param {Pick<Plan, "batch_size">} run
 * @param {Int32Array} order
 * @param {number} j
 */
export function minibatch({ batch_size: size }, order, j) {
  return order.subarray(j * size, Math.min((j + 1) * size, order.length))
}
