// @ts-check
// How large a learning rate can be at the settings that the hand holds: the chosen run, its distance to the
// minimum, and runs that start close by, drawn as pages/stability.py draws them. A test compares every number.

import { COARSE, FINE } from "./ground.js"
import { logAxis } from "./log_axis.js"
import { findMinimum } from "./minimum.js"
import { bendsOf } from "./noise.js"
import { isSame, planOf } from "./plan.js"
import { drawSurface } from "./run_charts.js"
import { Slices } from "./slices.js"
import { LARGEST_LR, largestStableLr, stableLrFound } from "./stable_lr.js"
import { shortened, thinned } from "./thinned.js"
import { Trainer } from "./training.js"
import { number, rounded } from "./words.js"

/** @import { Filled } from "./board.js" */
/** @import { Ground, Grounds } from "./ground.js" */
/** @import { Known } from "./hand.js" */
/** @import { Loss } from "./losses.js" */
/** @import { Trained } from "./training.js" */
/** @import { SentChart, SentMinimum, SentSettings, Trace, View } from "./wire.js" */

/**
 * What is known of a loss on some data; the minimum is undefined until it was looked for.
 *
 * @typedef {{ minimum: SentMinimum | null | undefined, found: Map<number, number | null> }} Bowl
 */

/** @typedef {{ share: string, run: Trained }} Near */

// Of the limit: the learning rates of the runs that start close by, ...
const SHARES = /** @type {[name: string, share: number][]} */ ([["90%", 0.9], ["110%", 1.1]])
const CLOSE = 1e-3 // ... so far from the minimum, in w and in b
const [CLOSEST, FARTHEST] = [1e-9, 1e12] // distances that are drawn
const MOST_DRAWN = 800
const NO_LOSSES = new Int32Array()
const SOON = 20 // milliseconds after which there is a picture without the dots that are still looked for

/** @type {WeakMap<Float64Array, Map<Loss, Bowl>>} */
const bowls = new WeakMap() // by x

export class StabilityRuns {
  /**
   * @param {SentSettings} settings
   * @param {boolean} isWhole and not only what can be drawn while the hand moves
   * @param {View} view
   * @param {Known} known
   * @param {Grounds} grounds
   */
  constructor(settings, isWhole, view, { data }, grounds) {
    this.settings = settings
    this.isWhole = isWhole
    this.data = data
    this.grounds = grounds
    this.momenta = view.stability?.momenta ?? []
    this.bowl = bowlOf(view, settings, data.x)
    this.plan = planOf(settings, data)
    /** @type {Trained | null} */
    this.run = null
    /** @type {Ground | null} */
    this.ground = null
    /** @type {Near[]} */
    this.near = []
    this.hasDrawn = false
    this.slices = new Slices(this.goOn())
  }

  get isDone() {
    return this.slices.isDone
  }

  /**
   * Go on until the time is up, or to the end; returns a board where there is more to draw.
   *
   * @param {View} view
   * @param {number} until as performance.now() counts
   * @returns {Filled | null}
   */
  advance(view, until) {
    const isSoon = this.slices.goOn(until) && !this.hasDrawn
    if (!this.isDone && !isSoon) return null
    this.hasDrawn = true
    return this.board(view)
  }

  get momentum() {
    return this.settings.train.momentum ?? 0
  }

  /** Null at a momentum of 1, where no run comes to rest. */
  get limit() {
    const { bowl: { minimum }, momentum } = this
    return minimum && momentum < 1 ? largestStableLr(minimum, momentum) : null
  }

  /** At which momenta a learning rate is looked for. */
  get tried() {
    return [...new Set([...this.momenta, this.momentum])].toSorted((one, other) => one - other)
  }

  /**
   * All that there is to do; gives true where it can be drawn.
   *
   * @returns {Generator<boolean | void, void>}
   */
  *goOn() {
    const { settings, isWhole, plan, grounds, data, bowl } = this
    this.run = yield* this.trained(settings)
    const rising = grounds.under(plan, this.run, [], isWhole ? FINE : COARSE)
    while (!(this.ground = rising.advance(this.slices.until))) yield
    if (isWhole && bowl.minimum === undefined) bowl.minimum = yield* findMinimum(plan)
    const { minimum } = bowl
    if (!minimum) return
    for (const [share, lr] of this.nearRates()) {
      const train = { ...settings.train, lr, init_w: minimum.w + CLOSE, init_b: minimum.b + CLOSE }
      this.near.push({ share, run: yield* this.trained({ ...settings, train }) })
    }
    if (!isWhole) return
    for (const momentum of [this.momentum, ...this.momenta]) {
      if (bowl.found.has(momentum)) continue
      const search = stableLrFound(settings, data, minimum, momentum)
      let now = search.next()
      for (; !now.done; now = search.next()) yield this.slices.spent >= SOON
      bowl.found.set(momentum, now.value)
    }
  }

  /**
   * @param {SentSettings} settings
   * @returns {Generator<void, Trained>}
   */
  *trained(settings) {
    const trainer = new Trainer(planOf(settings, this.data), NO_LOSSES)
    for (;;) {
      const run = trainer.advance(this.slices.until)
      if (run) return run
      yield
    }
  }

  /**
   * The learning rates of runs that start close by, as far as a run may have them.
   *
   * @returns {[share: string, lr: number][]}
   */
  nearRates() {
    const { limit } = this
    if (limit === null) return []
    return SHARES.flatMap(([name, share]) => (share * limit <= LARGEST_LR ? [[name, share * limit]] : []))
  }

  /**
   * Where no minimum is known, what is about it waits for the server.
   *
   * @param {View} view
   * @returns {Filled}
   */
  board(view) {
    const { minimum } = this.bowl
    const charts = view.charts.map((chart) => {
      if (chart.name === "surface") return this.surface(chart)
      if (!minimum) return { ...chart, follows: null }
      return chart.name === "limits" ? this.limits(chart, minimum) : this.distances(chart, minimum)
    })
    const said = minimum ? this.numbers(minimum) : {}
    /** @type {View["metrics"]} */
    const metrics = view.metrics.map(([label, value]) => [label, said[label] ?? value])
    return { ...view, metrics, charts, player: null, said: Object.keys(said) }
  }

  /**
   * @param {SentMinimum} minimum
   * @returns {Record<string, string>}
   */
  numbers(minimum) {
    const { limit, settings: { train: { lr } } } = this
    return {
      "w at the minimum": number(minimum.w, 3),
      "b at the minimum": number(minimum.b, 3),
      "Loss at the minimum": number(minimum.loss, 4),
      "Sharpness λ": rounded(bendsOf(minimum.hessian).most, 4),
      "Largest stable lr": limit === null ? "–" : rounded(limit, 4),
      "Chosen lr / largest": limit === null ? "–" : shareOf(lr, limit),
    }
  }

  /**
   * @param {SentChart} chart
   * @returns {SentChart}
   */
  surface(chart) {
    const { plan, run, ground } = this
    return run && ground ? drawSurface(chart, { run: { ...plan, w: run.w, b: run.b }, ground }) : chart
  }

  /**
   * @param {SentChart} chart
   * @param {SentMinimum} minimum
   * @returns {SentChart}
   */
  limits(chart, minimum) {
    const { tried, momentum, bowl: { found }, settings: { train: { lr } } } = this
    const law = tried.map((each) => largestStableLr(minimum, each))
    const dots = tried.map((each) => found.get(each) ?? NaN)
    const areFound = dots.some(Number.isFinite)
    return withTraces(chart, {
      law: { x: toDraw(tried), y: toDraw(law) },
      found: { x: toDraw(areFound ? tried : []), y: toDraw(areFound ? dots : []), showlegend: areFound },
      chosen: { x: toDraw([momentum]), y: toDraw([lr]) },
    })
  }

  /**
   * @param {SentChart} chart
   * @param {SentMinimum} minimum
   * @returns {SentChart}
   */
  distances(chart, minimum) {
    const { run, near } = this
    /** @type {Record<string, Partial<Trace>>} */
    const lines = { "90%": NOTHING, "110%": NOTHING, chosen: run ? wayTo(minimum, run) : NOTHING }
    for (const { share, run: theirs } of near) lines[share] = { ...wayTo(minimum, theirs), showlegend: true }
    const drawn = Object.values(lines).map(({ y = [] }) => y)
    const layout = { ...chart.layout, yaxis: logAxis(chart.layout?.yaxis, drawn) }
    return { ...withTraces(chart, lines), layout }
  }
}

/** @type {Partial<Trace>} */
const NOTHING = { x: [], y: [], showlegend: false }

/**
 * What is known of the bowl that settings are about; the server knows that of what it has sent.
 *
 * @param {View} view
 * @param {SentSettings} settings
 * @param {Float64Array} x
 * @returns {Bowl}
 */
function bowlOf({ stability }, { data, train: { loss } }, x) {
  const known = bowls.get(x) ?? new Map()
  bowls.set(x, known)
  /** @type {Bowl} */
  const bowl = known.get(loss) ?? { minimum: undefined, found: new Map() }
  known.set(loss, bowl)
  if (stability && stability.settings.train.loss === loss && isSame(stability.settings.data, data)) {
    bowl.minimum = stability.minimum
    for (const [momentum, lr] of stability.found) bowl.found.set(momentum, lr)
  }
  return bowl
}

/**
 * How far a run is from the minimum, step by step.
 *
 * @param {SentMinimum} minimum
 * @param {Trained} run
 * @returns {Partial<Trace>}
 */
function wayTo(minimum, { w, b }) {
  const far = w.map((each, step) => {
    const distance = Math.hypot(each - minimum.w, b[step] - minimum.b)
    return distance < CLOSEST ? 0 : Math.min(distance, FARTHEST)
  })
  const steps = thinned([far], MOST_DRAWN)
  return { x: steps, y: shortened(far, steps).map((each) => each || NaN) }
}

/**
 * @param {SentChart} chart
 * @param {Record<string, Partial<Trace>>} shown
 * @returns {SentChart}
 */
function withTraces(chart, shown) {
  const data = chart.data && chart.data.map((trace) => ({ ...trace, ...shown[trace.meta ?? ""] }))
  return { ...chart, data }
}

/**
 * A learning rate over the largest stable one: 1 is said where it is that to its last digit.
 *
 * @param {number} lr
 * @param {number} limit
 */
function shareOf(lr, limit) {
  const share = rounded(lr / limit, 3)
  return share !== "1" || lr === limit ? share : `just ${lr > limit ? "above" : "below"} 1`
}

/** @param {number[]} values */
function toDraw(values) {
  return shortened(Float64Array.from(values), Int32Array.from(values.keys()))
}
