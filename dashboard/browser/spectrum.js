// @ts-check
// How strongly the trace of a run swings at each frequency, as minibatch_core/theory/spectrum.py has it:
// computed some thousand numbers at a time, so that the page is never held up.

const FEWEST_EPOCHS = 4 // of fewer no period is to be seen
const [AROUND, ENOUGH] = [3, 12] // epochs of which a trend is the mean, where there are enough epochs
const AT_ONCE = 20_000 // numbers of a wave between two looks at the clock
const ROUNDING = 1e-12 // a trace whose swings are a smaller share of it does not swing

/**
 * @typedef {object} Spectrum
 * @property {Float64Array} amplitude of each swing, in the units of the trace, at 1, 2, ... cycles in ...
 * @property {number} steps ... so many steps
 * @property {number} periodicShare of the power, at the multiples of an epoch's frequency: of what repeats
 */

/** @typedef {{ re: Float64Array, im: Float64Array }} Complex */

/**
 * What transforms traces of a length.
 *
 * @typedef {object} Chirp
 * @property {number} steps their length
 * @property {Complex} turns exp(-2 pi i k / size) for k below size / 2
 * @property {Complex} wave exp(-pi i k^2 / steps)
 * @property {Complex} response the transform of its conjugate, mirrored
 */

/** @type {Chirp | null} */
let known = null // of the last spectrum: runs of the same settings but one are often as long

/** The spectrum of a trace, which is being computed. */
export class Listening {
  /**
   * @param {Float64Array} trace
   * @param {number} period steps of an epoch
   */
  constructor(trace, period) {
    this.work = spectrumOf(trace, period)
    this.isDone = false
    /** @type {Spectrum | null} */
    this.spectrum = null // that there is none where there is no period to be seen
  }

  /**
   * Go on until the time is up, or to the end; returns whether that is reached.
   *
   * @param {number} [until] as performance.now() counts
   */
  advance(until = Infinity) {
    while (!this.isDone) {
      if (performance.now() >= until) return false
      const { done, value } = this.work.next()
      if (!done) continue
      this.isDone = true
      this.spectrum = value
    }
    return true
  }
}

/**
 * Whether a trace is too short for a spectrum.
 *
 * @param {number} steps
 * @param {number} period
 */
export function isShort(steps, period) {
  return steps < FEWEST_EPOCHS * period
}

/**
 * @param {Float64Array} trace
 * @param {number} period
 * @returns {Generator<void, Spectrum | null, void>}
 */
function* spectrumOf(trace, period) {
  if (period < 2 || isShort(trace.length, period)) return null
  const epochs = Math.floor(trace.length / period)
  const window = period * (epochs >= ENOUGH ? AROUND : 1)
  const steps = (epochs - Math.floor(epochs / 2)) * period
  const late = trace.slice(-steps - window)
  const highest = highestOf(late) || 1
  for (let k = 0; k < late.length; k++) late[k] /= highest // the square of a loss of 1e200 would be infinite
  yield
  const swings = swingsOf(late, steps, window)
  if (highestOf(swings) < ROUNDING) return null
  yield
  const periodicShare = periodicShareOf(swings, period)
  yield
  if (known?.steps !== steps) known = yield* chirpOf(steps)
  const amplitude = yield* amplitudesOf(swings, known)
  for (let k = 0; k < amplitude.length; k++) amplitude[k] *= highest
  return { amplitude, steps, periodicShare }
}

/** @param {Float64Array} values */
function highestOf(values) {
  let highest = 0
  for (const value of values) highest = Math.max(highest, Math.abs(value))
  return highest
}

/**
 * So many steps of a trace less the mean of the `window` around, which has half the weight at both ends
 * where it is even. Added up in the same order as in Python.
 *
 * @param {Float64Array} late
 * @param {number} steps
 * @param {number} window
 */
function swingsOf(late, steps, window) {
  let mean = 0
  for (const value of late) mean += value
  mean /= late.length
  const swings = new Float64Array(steps)
  const aside = window - Math.floor(window / 2)
  let [total, ofAll] = [0, 0]
  for (let k = 0; k < steps; k++) {
    if (k % window === 0) {
      total = 0 // anew, so that rounding does not add up
      for (let i = k; i < k + window; i++) total += late[i] - mean
    }
    const moved = total + (late[k + window] - late[k])
    const around = window % 2 ? moved : 0.5 * (total + moved)
    swings[k] = late[k + aside] - mean - around / window
    ofAll += swings[k]
    total = moved
  }
  for (let k = 0; k < steps; k++) swings[k] -= ofAll / steps
  return swings
}

/**
 * @param {Float64Array} swings over whole epochs
 * @param {number} period
 */
function periodicShareOf(swings, period) {
  const sums = new Float64Array(period)
  let [power, repeated] = [0, 0]
  for (let k = 0; k < swings.length; k++) {
    sums[k % period] += swings[k]
    power += swings[k] * swings[k]
  }
  for (const sum of sums) repeated += sum * sum
  return repeated / (swings.length / period) / power
}

/**
 * The amplitude at 1, 2, ... cycles: (2/T) |sum_t y_t exp(-2 pi i k t / T)|. Since 2 k t is
 * k^2 + t^2 - (k - t)^2, that is a convolution with a wave, of any length, and so a product of transforms
 * whose length is a power of two (Bluestein's algorithm).
 *
 * @param {Float64Array} swings
 * @param {Chirp} chirp
 * @returns {Generator<void, Float64Array, void>}
 */
function* amplitudesOf(swings, { steps, turns, wave, response }) {
  const size = response.re.length
  const sum = { re: new Float64Array(size), im: new Float64Array(size) }
  for (let t = 0; t < steps; t++) {
    sum.re[t] = swings[t] * wave.re[t]
    sum.im[t] = swings[t] * wave.im[t]
  }
  yield* transform(sum, turns)
  for (let k = 0; k < size; k++) {
    const re = sum.re[k]
    const im = sum.im[k]
    sum.re[k] = re * response.re[k] - im * response.im[k]
    sum.im[k] = re * response.im[k] + im * response.re[k]
  }
  yield* transformBack(sum, turns)
  const amplitude = new Float64Array(Math.floor(steps / 2))
  for (let k = 1; k <= amplitude.length; k++) {
    amplitude[k - 1] = (2 / steps / size) * Math.sqrt(sum.re[k] ** 2 + sum.im[k] ** 2)
  }
  if (steps % 2 === 0) amplitude[amplitude.length - 1] /= 2 // at 1/2 the two sides of the spectrum meet
  return amplitude
}

/**
 * @param {number} steps
 * @returns {Generator<void, Chirp, void>}
 */
function* chirpOf(steps) {
  const half = Math.floor(steps / 2)
  let size = 2
  while (size < steps + half) size *= 2
  const turns = yield* waveOf(size / 2, (k) => (-2 * Math.PI * k) / size)
  const wave = yield* waveOf(steps, (k) => (-Math.PI * ((k * k) % (2 * steps))) / steps)
  const response = { re: new Float64Array(size), im: new Float64Array(size) }
  for (let k = 0; k < steps; k++) {
    const mirrored = k === 0 ? 0 : size - k
    for (const at of k <= half ? [k, mirrored] : [mirrored]) {
      response.re[at] = wave.re[k]
      response.im[at] = -wave.im[k]
    }
  }
  yield* transform(response, turns)
  return { steps, turns, wave, response }
}

/**
 * @param {number} length
 * @param {(k: number) => number} angleAt
 * @returns {Generator<void, Complex, void>}
 */
function* waveOf(length, angleAt) {
  const [re, im] = [new Float64Array(length), new Float64Array(length)]
  for (let k = 0; k < length; k++) {
    const angle = angleAt(k)
    re[k] = Math.cos(angle)
    im[k] = Math.sin(angle)
    if (k % AT_ONCE === 0) yield
  }
  return { re, im }
}

/**
 * The discrete Fourier transform in place, of a length that is a power of two; its values come in an order
 * that `transformBack` takes.
 *
 * @param {Complex} values
 * @param {Complex} turns
 */
function* transform(values, turns) {
  for (let half = values.re.length / 2; half >= 1; half /= 2) {
    part(values, turns, half)
    yield
  }
}

/**
 * Back again, but for the factor of the length.
 *
 * @param {Complex} values
 * @param {Complex} turns
 */
function* transformBack(values, turns) {
  for (let half = 1; half < values.re.length; half *= 2) {
    join(values, turns, half)
    yield
  }
}

/**
 * Each stretch of numbers as two of half its length.
 *
 * @param {Complex} values
 * @param {Complex} turns
 * @param {number} half of a stretch
 */
function part({ re, im }, turns, half) {
  const every = re.length / 2 / half
  for (let start = 0; start < re.length; start += 2 * half) {
    for (let k = 0; k < half; k++) {
      const cos = turns.re[k * every]
      const sin = turns.im[k * every]
      const one = start + k
      const other = one + half
      const x = re[one] - re[other]
      const y = im[one] - im[other]
      re[one] += re[other]
      im[one] += im[other]
      re[other] = x * cos - y * sin
      im[other] = x * sin + y * cos
    }
  }
}

/**
 * Each two stretches of numbers as one again.
 *
 * @param {Complex} values
 * @param {Complex} turns
 * @param {number} half of a stretch
 */
function join({ re, im }, turns, half) {
  const every = re.length / 2 / half
  for (let start = 0; start < re.length; start += 2 * half) {
    for (let k = 0; k < half; k++) {
      const cos = turns.re[k * every]
      const sin = -turns.im[k * every]
      const one = start + k
      const other = one + half
      const x = re[other] * cos - im[other] * sin
      const y = re[other] * sin + im[other] * cos
      re[other] = re[one] - x
      im[other] = im[one] - y
      re[one] += x
      im[one] += y
    }
  }
}
