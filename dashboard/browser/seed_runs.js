// @ts-check
// Many runs of the settings that the hand holds, which differ by their seed alone: trained one after another,
// and drawn from the first few on, as pages/seeds.py draws them all. A test compares every number.

import { planOf, stepsPerEpoch } from "./plan.js"
import { placeOf } from "./steps.js"
import { toDraw } from "./thinned.js"
import { spread, Trainer } from "./training.js"
import { undrawn } from "./undrawn.js"
import { whole } from "./words.js"

/** @import { Filled } from "./board.js" */
/** @import { Known } from "./hand.js" */
/** @import { Planned } from "./plan.js" */
/** @import { Trained } from "./training.js" */
/** @import { SentChart, SentSettings, Trace, View } from "./wire.js" */

/** @typedef {"loss" | "w" | "b" | "held-out"} Quantity */

/** @typedef {Pick<Trace, "x" | "y" | "name">} Line */

const DRAWN = 201 // at how many steps the runs are looked at, ...
const MOST_LOOKS = 100_000_000 // ... how many points they may look at together, ...
const FEWEST_FOR_BANDS = 10 // ... and of how many it can be said where about four of five lie, as the server has it
const ROUNDING = 1e-9
const [FEW, SOON] = [5, 20] // runs of the first picture, or milliseconds after which fewer will do
const MORE = 1.25 // times as many runs make another picture
const ROOM = 32 // runs, which is doubled when they are more
const LONGEST = 3000 // milliseconds of training: then the picture is of as many runs as there are

export class SeedRuns {
  /**
   * @param {SentSettings} settings
   * @param {View} view
   * @param {Known} known
   */
  constructor(settings, { runs }, known) {
    if (!runs) throw new Error("A board of many runs says which they are.")
    const { data: { n }, train: { epochs, batch_size: size, drop_last: dropLast } } = settings
    this.settings = settings
    this.isWhole = true
    this.count = runs.count
    this.known = known
    this.isTooMuch = runs.count * epochs * n > MOST_LOOKS
    this.steps = spread(epochs * stepsPerEpoch(n, size, dropLast), DRAWN)
    const along = () => new Sorted(this.steps.length)
    /** @type {Record<Quantity, Sorted>} */
    this.values = { loss: along(), w: along(), b: along(), "held-out": along() } // of all runs at each of the steps
    /** @type {Record<Quantity, Float64Array> | null} */
    this.first = null // the values of the first run
    /** @type {Planned | null} */
    this.plan = null
    /** @type {Trainer | null} */
    this.trainer = null
    this.runs = 0 // that are trained, ...
    this.drawn = 0 // ... and were when they were drawn last
    this.areSame = true // rounding apart
    /** @type {number[]} */
    this.ends = [] // the last losses of those that did not diverge
    this.spent = 0 // milliseconds
  }

  get isDone() {
    return this.isTooMuch || this.runs === this.count || this.spent >= LONGEST
  }

  /**
   * Go on until the time is up, or to the end; returns a board where there are enough more runs for one.
   *
   * @param {View} view
   * @param {number} until as performance.now() counts
   * @returns {Filled | null}
   */
  advance(view, until) {
    const began = performance.now()
    while (!this.isDone) {
      this.trainer ??= this.begin()
      const run = this.trainer.advance(until)
      if (run) this.keep(run)
      if (performance.now() >= until) break
    }
    this.spent += performance.now() - began
    return this.isDue ? this.board(view) : null
  }

  get isDue() {
    const { runs, drawn, spent } = this
    if (this.isDone) return true
    return drawn === 0 ? runs >= FEW || (runs > 1 && spent >= SOON) : runs >= MORE * drawn
  }

  begin() {
    const { settings: { data, train }, known } = this
    const seed = (train.seed + this.runs) % 2 ** 32
    this.plan = planOf({ data, train: { ...train, seed } }, known.data)
    return new Trainer(this.plan, this.steps, known.heldOut)
  }

  /** @param {Trained} run */
  keep({ w, b, steps, fullLoss, heldOutLoss }) {
    /** @param {(k: number) => number} valueAt */
    const along = (valueAt) => Float64Array.from(this.steps, (_, k) => (Number.isFinite(fullLoss[k]) ? valueAt(k) : NaN))
    const values = {
      loss: along((k) => fullLoss[k]),
      w: along((k) => w[steps[k]]),
      b: along((k) => b[steps[k]]),
      "held-out": along((k) => heldOutLoss?.[k] ?? NaN),
    }
    this.first ??= values
    for (const quantity of /** @type {Quantity[]} */ (Object.keys(values))) {
      const [own, other] = [values[quantity], this.first[quantity]]
      own.forEach((value, k) => this.values[quantity].add(k, value))
      this.areSame &&= own.every((value, k) => isClose(value, other[k]))
    }
    const end = values.loss[this.steps.length - 1]
    if (!Number.isNaN(end)) this.ends.push(end)
    this.runs += 1
    this.trainer = null
  }

  /**
   * A board of the runs so far. Where there is nothing to draw, its charts wait for the server.
   *
   * @param {View} view
   * @returns {Filled}
   */
  board(view) {
    const { first, plan } = this
    this.drawn = this.runs
    const isOfOne = !view.charts.some(({ data }) => data?.some(({ meta }) => meta === "median"))
    if (!view.runs || !first || !plan || this.ends.length === 0 || (isOfOne && !this.areSame)) {
      return undrawn(view)
    }
    const counted = { ...view.runs, per_epoch: plan.per_epoch, kept: plan.kept, batch_size: plan.batch_size }
    const x = Float64Array.from(this.steps, (step) => placeOf(counted, step))
    const charts = view.charts.map((chart) => ({ ...chart, data: chart.data && this.traces(chart, chart.data, x, first) }))
    /** @type {View["metrics"]} */
    const metrics = view.metrics.map(([label, value]) => [label, (label === "Runs" && this.some) || value])
    return { ...view, metrics, charts, player: null, said: ["Runs"] }
  }

  /**
   * @param {SentChart} chart
   * @param {Trace[]} data
   * @param {Float64Array} x
   * @param {Record<Quantity, Float64Array>} first
   */
  traces({ name }, data, x, first) {
    if (name === "ends") return data.map((trace) => ({ ...trace, x: toDraw(this.ends) }))
    const quantity = /** @type {Quantity} */ (name)
    /** @type {Record<string, () => Line>} */
    const lines = {
      "all runs": () => ({ ...this.band(quantity, x, 0, 1), name: this.some ? `${this.some} runs` : "all runs" }),
      "about four of five": () => (this.runs < FEWEST_FOR_BANDS ? { x: [], y: [] } : this.band(quantity, x, 0.1, 0.9)),
      "the first run": () => this.line(quantity, x, (k) => first[quantity][k]),
      median: () => this.line(quantity, x, (k) => this.values[quantity].quantile(k, 0.5)),
      "held-out median": () => this.line("held-out", x, (k) => this.values["held-out"].quantile(k, 0.5)),
    }
    return data.map((trace) => ({ ...trace, ...lines[trace.meta ?? ""]() }))
  }

  /** Of how many runs a picture is that is not of all. */
  get some() {
    return this.runs < this.count ? `${whole(this.runs)} of ${whole(this.count)}` : null
  }

  /**
   * @param {Quantity} quantity
   * @param {Float64Array} x
   * @param {(k: number) => number} valueAt a step that any run has reached
   * @returns {Line}
   */
  line(quantity, x, valueAt) {
    const reached = this.values[quantity].places()
    return { x: toDraw(reached.map((k) => x[k])), y: toDraw(reached.map(valueAt)) }
  }

  /**
   * The outline of what lies between two quantiles.
   *
   * @param {Quantity} quantity
   * @param {Float64Array} x
   * @param {number} low
   * @param {number} high
   * @returns {Line}
   */
  band(quantity, x, low, high) {
    const values = this.values[quantity]
    const there = values.places()
    const back = there.toReversed()
    return {
      x: toDraw([...there, ...back].map((k) => x[k])),
      y: toDraw([...there.map((k) => values.quantile(k, high)), ...back.map((k) => values.quantile(k, low))]),
    }
  }
}

/** The values of many runs at some places, at each of them in their order. */
class Sorted {
  /** @param {number} places */
  constructor(places) {
    this.room = ROOM // for so many values at a place
    this.values = new Float64Array(places * this.room)
    this.counts = new Int32Array(places)
  }

  /** Where there are values. */
  places() {
    return [...this.counts.keys()].filter((place) => this.counts[place] > 0)
  }

  /**
   * @param {number} place
   * @param {number} value NaN is none
   */
  add(place, value) {
    if (Number.isNaN(value)) return
    if (this.counts[place] === this.room) this.grow()
    const { values, counts, room } = this
    const end = place * room + counts[place]
    let [low, high] = [place * room, end]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (values[middle] < value) low = middle + 1
      else high = middle
    }
    values.copyWithin(low + 1, low, end)
    values[low] = value
    counts[place] += 1
  }

  grow() {
    const { values, counts, room } = this
    this.room = 2 * room
    this.values = new Float64Array(counts.length * this.room)
    counts.forEach((count, place) => this.values.set(values.subarray(place * room, place * room + count), place * this.room))
  }

  /**
   * By halves, since two numbers can be farther apart than one is.
   *
   * @param {number} place
   * @param {number} share of the values that are lower
   */
  quantile(place, share) {
    const { values, counts, room } = this
    const last = counts[place] - 1
    const below = Math.floor(share * last)
    const [low, high] = [below, Math.min(below + 1, last)].map((number) => 0.5 * values[place * room + number])
    return 2 * (low + (high - low) * (share * last - below))
  }
}

/**
 * As NumPy's allclose has it.
 *
 * @param {number} one
 * @param {number} other
 */
function isClose(one, other) {
  if (Number.isNaN(one) || Number.isNaN(other)) return Number.isNaN(one) && Number.isNaN(other)
  return one === other || Math.abs(one - other) <= ROUNDING + ROUNDING * Math.abs(other)
}
