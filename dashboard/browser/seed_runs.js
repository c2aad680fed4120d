// @ts-check
// Many runs of the settings that the hand holds, which differ by their seed alone: trained one after another,
// and drawn from the first few on, as pages/seeds.py draws them all. A test compares every number.

import { isSame, looksOf, planOf } from "./plan.js"
import { seedsBoard } from "./seed_charts.js"
import { Sorted } from "./sorted.js"
import { placeOf } from "./steps.js"
import { spread, Trainer } from "./training.js"
import { undrawn } from "./undrawn.js"

/** @import { Filled } from "./board.js" */
/** @import { Known } from "./hand.js" */
/** @import { Quantity } from "./seed_charts.js" */
/** @import { Trained } from "./training.js" */
/** @import { SentSettings, SentTraining, View } from "./wire.js" */

/** @typedef {Record<Quantity, Float64Array>} Path of a run: its values where it is looked at */

const DRAWN = 201 // at how many steps the runs are looked at, ...
const MOST_LOOKS = 100_000_000 // ... and how many points they may look at together, as the server has it
const ROUNDING = 1e-9
const [FEW, SOON] = [5, 20] // runs of the first picture, or milliseconds after which fewer will do
const MORE = 1.25 // times as many runs make another picture
const LONGEST = 3000 // milliseconds of training: then the picture is of as many runs as there are

/** @type {WeakMap<Known, { of: SentTraining, paths: Path[] }>} */
const trained = new WeakMap() // runs on these data, of the last settings: they serve as many seeds, in any unit

export class SeedRuns {
  /**
   * @param {SentSettings} settings
   * @param {Known} known
   */
  constructor(settings, known) {
    const { data: { n }, train } = settings
    this.settings = settings
    this.isWhole = true
    this.looks = looksOf(settings, "seeds", "unit", "step_cost")
    this.known = known
    this.plan = planOf(settings, known.data) // of the first run
    this.isTooMuch = this.looks.seeds * train.epochs * n > MOST_LOOKS
    this.steps = spread(train.epochs * this.plan.per_epoch, DRAWN)
    this.paths = pathsOf(train, known)
    const along = () => new Sorted(this.steps.length)
    /** @type {Record<Quantity, Sorted>} */
    this.values = { loss: along(), w: along(), b: along(), "held-out": along() } // of all runs at each of the steps
    /** @type {Trainer | null} */
    this.trainer = null
    this.runs = 0 // that are among the values, ...
    this.drawn = 0 // ... and were when they were drawn last
    this.areSame = true // rounding apart
    /** @type {number[]} */
    this.ends = [] // the last losses of those that did not diverge
    this.spent = 0 // milliseconds
  }

  get isDone() {
    return this.isTooMuch || this.runs === this.looks.seeds || this.spent >= LONGEST
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
      const path = this.paths[this.runs] ?? this.train(until)
      if (path) this.keep(path)
      if (performance.now() >= until) break
    }
    this.spent += performance.now() - began
    return this.isDue ? this.board(view) : null
  }

  get isDue() {
    const { runs, drawn, spent, paths } = this
    if (this.isDone) return true
    if (runs < paths.length) return false // what is known takes a moment
    return drawn === 0 ? runs >= FEW || (runs > 1 && spent >= SOON) : runs >= MORE * drawn
  }

  /**
   * Go on with the next run; returns its path at its end.
   *
   * @param {number} until
   */
  train(until) {
    this.trainer ??= this.begin()
    const run = this.trainer.advance(until)
    if (!run) return null
    this.trainer = null
    return (this.paths[this.runs] = pathOf(run, this.steps.length))
  }

  begin() {
    const { settings: { data, train }, known } = this
    const seed = (train.seed + this.runs) % 2 ** 32
    return new Trainer(planOf({ data, train: { ...train, seed } }, known.data), this.steps, known.heldOut)
  }

  /** @param {Path} path */
  keep(path) {
    const [first] = this.paths
    for (const quantity of /** @type {Quantity[]} */ (Object.keys(path))) {
      const [own, other] = [path[quantity], first[quantity]]
      own.forEach((value, k) => this.values[quantity].add(k, value))
      this.areSame &&= own.every((value, k) => isClose(value, other[k]))
    }
    const end = path.loss[this.steps.length - 1]
    if (!Number.isNaN(end)) this.ends.push(end)
    this.runs += 1
  }

  /**
   * A board of the runs so far. Where there is nothing to draw, its charts wait for the server.
   *
   * @param {View} view
   * @returns {Filled}
   */
  board(view) {
    const { paths: [first], plan, values, looks, runs, ends } = this
    this.drawn = runs
    const isOfOne = !view.charts.some(({ data }) => data?.some(({ meta }) => meta === "median"))
    const isOther = isOfOne ? !this.areSame : this.areSame && runs === looks.seeds
    if (ends.length === 0 || isOther) return undrawn(view)
    const counted = { ...plan, ...looks }
    const x = Float64Array.from(this.steps, (step) => placeOf(counted, step))
    return seedsBoard(view, { looks, isOfOne, runs, x, values, first, ends })
  }
}

/**
 * What is known of runs with these settings, which is added to.
 *
 * @param {SentTraining} of
 * @param {Known} known
 */
function pathsOf(of, known) {
  const last = trained.get(known)
  if (last && isSame(last.of, of)) return last.paths
  const paths = /** @type {Path[]} */ ([])
  trained.set(known, { of, paths })
  return paths
}

/**
 * @param {Trained} run
 * @param {number} places where runs are looked at: a diverging one does not come to all
 * @returns {Path}
 */
function pathOf({ w, b, steps, fullLoss, heldOutLoss }, places) {
  /** @param {(k: number) => number} valueAt */
  const along = (valueAt) => Float64Array.from({ length: places }, (_, k) => (Number.isFinite(fullLoss[k]) ? valueAt(k) : NaN))
  return {
    loss: along((k) => fullLoss[k]),
    w: along((k) => w[steps[k]]),
    b: along((k) => b[steps[k]]),
    "held-out": along((k) => heldOutLoss?.[k] ?? NaN),
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
