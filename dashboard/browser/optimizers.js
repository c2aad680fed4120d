// @ts-check
// Written by `make docs` from minibatch_core/optimizers; a change belongs there.

import { power } from "./power.js"

/** @typedef {keyof typeof OPTIMIZERS} OptimizerName */

/** @typedef {Float64Array} Numbers */

/**
 * Fills `factors` with what step t = 1, 2, ... has in common for all parameters.
 *
 * @callback Common
 * @param {Numbers} h
 * @param {Numbers} memory
 * @param {number} t
 * @param {Numbers} factors
 */

/**
 * Brings parameter k to where it is after step t = 1, 2, ...
 *
 * @callback Step
 * @param {Numbers} h
 * @param {Numbers} factors
 * @param {Numbers} state
 * @param {number} t
 * @param {Numbers} place of all parameters
 * @param {Numbers} slopes of the loss there
 * @param {number} k
 */

/**
 * An optimizer of torch.optim, one parameter and one gradient at a time.
 *
 * @typedef {object} Optimizer
 * @property {string} label
 * @property {string} colour
 * @property {boolean} isAdaptive whether it divides by the size of the gradients
 * @property {string[]} numbers what h holds: lr, then the hyperparameters ...
 * @property {number[]} defaults ... which are these unless they are given
 * @property {string[]} state what it remembers of a parameter; zeros before step 1
 * @property {string} memory what it remembers of all parameters, if anything; 1 before step 1
 * @property {Common} factors
 * @property {Step} step
 */

/**
 * @param {number} weight_decay
 * @param {number} theta
 * @param {number} g
 * @returns {number}
 */
const decayed = (weight_decay, theta, g) => {
  return ((weight_decay !== 0) ? (g + (weight_decay * theta)) : g)
}

/**
 * @param {Numbers} h
 * @param {Numbers} factors
 * @param {Numbers} state
 * @param {number} theta
 * @param {number} g
 * @returns {number}
 */
const moved = (h, factors, state, theta, g) => {
  let second
  const step_size = factors[0]
  const scale = factors[1]
  state[0] += ((1 - h[1]) * (g - state[0]))
  state[1] = ((h[2] * state[1]) + (((1 - h[2]) * g) * g))
  second = state[1]
  if (h[5] !== 0) {
    state[2] = Math.max(state[2], second)
    second = state[2]
  }
  return (theta - ((step_size * state[0]) / ((Math.sqrt(second) / scale) + h[3])))
}

export const OPTIMIZERS = /** @satisfies {Record<string, Optimizer>} */ ({
  sgd: {
    label: "SGD",
    colour: "#666688",
    isAdaptive: false,
    numbers: ["lr", "weight_decay"],
    defaults: [0.0],
    state: [],
    memory: "",
    factors: (h, memory, t, factors) => {
      factors[0] = h[0]
      factors[1] = 0
      factors[2] = 0
    },
    step: (h, factors, state, t, place, slopes, k) => {
      const theta = place[k]
      const g = slopes[k]
      place[k] = (theta - (h[0] * decayed(h[1], theta, g)))
    },
  },
  momentum: {
    label: "Momentum",
    colour: "#d55e00",
    isAdaptive: false,
    numbers: ["lr", "momentum", "dampening", "weight_decay"],
    defaults: [0.9, 0.0, 0.0],
    state: ["momentum_buffer"],
    memory: "",
    factors: (h, memory, t, factors) => {
      factors[0] = h[0]
      factors[1] = 0
      factors[2] = 0
    },
    step: (h, factors, state, t, place, slopes, k) => {
      const theta = place[k]
      let g = slopes[k]
      g = decayed(h[3], theta, g)
      state[0] = ((t === 1) ? g : ((h[1] * state[0]) + ((1 - h[2]) * g)))
      place[k] = (theta - (h[0] * state[0]))
    },
  },
  nesterov: {
    label: "Nesterov",
    colour: "#e69f00",
    isAdaptive: false,
    numbers: ["lr", "momentum", "weight_decay"],
    defaults: [0.9, 0.0],
    state: ["momentum_buffer"],
    memory: "",
    factors: (h, memory, t, factors) => {
      factors[0] = h[0]
      factors[1] = 0
      factors[2] = 0
    },
    step: (h, factors, state, t, place, slopes, k) => {
      const theta = place[k]
      let g = slopes[k]
      g = decayed(h[2], theta, g)
      state[0] = ((t === 1) ? g : ((h[1] * state[0]) + g))
      place[k] = (theta - (h[0] * (g + (h[1] * state[0]))))
    },
  },
  adagrad: {
    label: "Adagrad",
    colour: "#a65628",
    isAdaptive: true,
    numbers: ["lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"],
    defaults: [0.0, 0.0, 0.0, 1e-10],
    state: ["sum"],
    memory: "",
    factors: (h, memory, t, factors) => {
      factors[0] = (h[0] / (1 + ((t - 1) * h[1])))
      factors[1] = 0
      factors[2] = 0
    },
    step: (h, factors, state, t, place, slopes, k) => {
      const theta = place[k]
      let g = slopes[k]
      g = decayed(h[2], theta, g)
      if (t === 1) {
        state[0] = h[3]
      }
      state[0] += (g * g)
      place[k] = (theta - ((factors[0] * g) / (Math.sqrt(state[0]) + h[4])))
    },
  },
  adadelta: {
    label: "Adadelta",
    colour: "#ff7799",
    isAdaptive: false,
    numbers: ["lr", "rho", "eps", "weight_decay"],
    defaults: [0.9, 1e-06, 0.0],
    state: ["square_avg", "acc_delta"],
    memory: "",
    factors: (h, memory, t, factors) => {
      factors[0] = h[0]
      factors[1] = 0
      factors[2] = 0
    },
    step: (h, factors, state, t, place, slopes, k) => {
      const theta = place[k]
      let g = slopes[k]
      g = decayed(h[3], theta, g)
      state[0] = ((h[1] * state[0]) + (((1 - h[1]) * g) * g))
      const delta = ((Math.sqrt((state[1] + h[2])) / Math.sqrt((state[0] + h[2]))) * g)
      state[1] = ((h[1] * state[1]) + (((1 - h[1]) * delta) * delta))
      place[k] = (theta - (h[0] * delta))
    },
  },
  rmsprop: {
    label: "RMSprop",
    colour: "#007755",
    isAdaptive: true,
    numbers: ["lr", "alpha", "eps", "weight_decay", "momentum", "centered"],
    defaults: [0.99, 1e-08, 0.0, 0.0, 0.0],
    state: ["square_avg", "grad_avg", "momentum_buffer"],
    memory: "",
    factors: (h, memory, t, factors) => {
      factors[0] = h[0]
      factors[1] = 0
      factors[2] = 0
    },
    step: (h, factors, state, t, place, slopes, k) => {
      const theta = place[k]
      let g = slopes[k]
      let average
      let move
      g = decayed(h[3], theta, g)
      state[0] = ((h[1] * state[0]) + (((1 - h[1]) * g) * g))
      if (h[5] !== 0) {
        state[1] += ((1 - h[1]) * (g - state[1]))
        average = (Math.sqrt((state[0] - (state[1] * state[1]))) + h[2])
      } else {
        average = (Math.sqrt(state[0]) + h[2])
      }
      if (h[4] > 0) {
        state[2] = ((h[4] * state[2]) + (g / average))
        move = (h[0] * state[2])
      } else {
        move = ((h[0] * g) / average)
      }
      place[k] = (theta - move)
    },
  },
  adam: {
    label: "Adam",
    colour: "#2f7fd1",
    isAdaptive: true,
    numbers: ["lr", "beta1", "beta2", "eps", "weight_decay", "amsgrad"],
    defaults: [0.9, 0.999, 1e-08, 0.0, 0.0],
    state: ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"],
    memory: "",
    factors: (h, memory, t, factors) => {
      factors[0] = (h[0] / (1 - power(h[1], t)))
      factors[1] = Math.sqrt((1 - power(h[2], t)))
      factors[2] = 0
    },
    step: (h, factors, state, t, place, slopes, k) => {
      const theta = place[k]
      const g = slopes[k]
      place[k] = moved(h, factors, state, theta, decayed(h[4], theta, g))
    },
  },
  adamw: {
    label: "AdamW",
    colour: "#56b4e9",
    isAdaptive: true,
    numbers: ["lr", "beta1", "beta2", "eps", "weight_decay", "amsgrad"],
    defaults: [0.9, 0.999, 1e-08, 0.01, 0.0],
    state: ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"],
    memory: "",
    factors: (h, memory, t, factors) => {
      factors[0] = (h[0] / (1 - power(h[1], t)))
      factors[1] = Math.sqrt((1 - power(h[2], t)))
      factors[2] = 0
    },
    step: (h, factors, state, t, place, slopes, k) => {
      const theta = place[k]
      const g = slopes[k]
      place[k] = moved(h, factors, state, (theta * (1 - (h[0] * h[4]))), g)
    },
  },
  nadam: {
    label: "NAdam",
    colour: "#9900ff",
    isAdaptive: true,
    numbers: ["lr", "beta1", "beta2", "eps", "weight_decay", "momentum_decay"],
    defaults: [0.9, 0.999, 1e-08, 0.0, 0.004],
    state: ["exp_avg", "exp_avg_sq"],
    memory: "mu_product",
    factors: (h, memory, t, factors) => {
      const mu = (h[1] * (1 - (0.5 * (0.96 ** (t * h[5])))))
      const mu_next = (h[1] * (1 - (0.5 * (0.96 ** ((t + 1) * h[5])))))
      memory[0] = Math.fround((Math.fround(memory[0]) * Math.fround(mu)))
      const product = memory[0]
      const gradient_factor = ((h[0] * (1 - mu)) / (1 - product))
      factors[0] = gradient_factor
      factors[1] = ((h[0] * mu_next) / (1 - (product * mu_next)))
      factors[2] = (1 - power(h[2], t))
    },
    step: (h, factors, state, t, place, slopes, k) => {
      const theta = place[k]
      let g = slopes[k]
      const gradient_factor = factors[0]
      const mean_factor = factors[1]
      const correction = factors[2]
      g = decayed(h[4], theta, g)
      state[0] += ((1 - h[1]) * (g - state[0]))
      state[1] = ((h[2] * state[1]) + (((1 - h[2]) * g) * g))
      const denominator = (Math.sqrt((state[1] / correction)) + h[3])
      place[k] = ((theta - ((gradient_factor * g) / denominator)) - ((mean_factor * state[0]) / denominator))
    },
  },
})
