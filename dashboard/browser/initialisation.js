// @ts-check
// What plain PyTorch draws after torch.manual_seed(seed).

import { MersenneTwister } from "./mersenne_twister.js"

/** @import { SentTraining } from "./wire.js" */

/**
 * The w and b that nn.Linear(1, 1) starts with, and the generator as it leaves it. A start that is
 * given replaces the values, not the draws.
 *
 * @param {Pick<SentTraining, "seed" | "init_w" | "init_b" | "randn_before_model">} settings
 */
export function drawStart({ seed, init_w: w, init_b: b, randn_before_model: randns }) {
  const generator = new MersenneTwister(seed)
  // torch.randn(1) draws two normals out of two numbers of 64 bits, and keeps the second for the next.
  for (let k = 0; k < 4 * Math.ceil(randns / 2); k++) generator.draw()
  const drawn = [uniform(generator), uniform(generator)]
  return { w: w ?? drawn[0], b: b ?? drawn[1], generator }
}

/**
 * A float32 from -1 to 1: 24 bits of a draw.
 *
 * @param {MersenneTwister} generator
 */
function uniform(generator) {
  return (generator.draw() % 2 ** 24) / 2 ** 23 - 1
}
