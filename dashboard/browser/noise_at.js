// @ts-check
// Gradient noise at the settings that the hand holds: the gradients at one (w, b), and the noise scales along
// a run, computed a slice at a time.

import { COARSE, FINE } from "./ground.js"
import { noiseAt } from "./noise.js"
import { noiseBoard } from "./noise_charts.js"
import { looksOf, planOf } from "./plan.js"
import { Slices } from "./slices.js"
import { spread, Trainer } from "./training.js"
import { lossAndGradient } from "./unit.js"

/** @import { Filled } from "./board.js" */
/** @import { Grounds, Surface } from "./ground.js" */
/** @import { Known } from "./hand.js" */
/** @import { Noise } from "./noise.js" */
/** @import { Along, Looked } from "./noise_charts.js" */
/** @import { SentLooks, SentSettings, View } from "./wire.js" */

const [PLACES, FEW_PLACES] = [121, 31] // of the run where the noise scales are computed, and of one that is not whole
const SOON = 50 // milliseconds after which there is a picture without the run
const NOWHERE = { w: new Float64Array(), b: new Float64Array() }
const NO_LOSSES = new Int32Array()

export class NoiseAt {
  /**
   * @param {SentSettings} settings
   * @param {boolean} isWhole and not only what can be drawn while the hand moves
   * @param {Known} known
   * @param {Grounds} grounds
   */
  constructor(settings, isWhole, { data }, grounds) {
    this.settings = settings
    this.asked = looksOf(settings, "replacement", "seed", "point_w", "point_b")
    this.isWhole = isWhole
    this.grounds = grounds
    this.plan = planOf(settings, data)
    /** @type {Omit<Looked, "along"> | null} */
    this.looked = null
    /** @type {Along | null} */
    this.along = null
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
    this.slices.goOn(until)
    const isSoon = !this.hasDrawn && this.slices.spent >= SOON
    if (!this.looked || !(this.isDone || isSoon)) return null
    this.hasDrawn = true
    return noiseBoard(view, { ...this.looked, along: this.along })
  }

  /** @returns {Generator<void, void>} */
  *goOn() {
    const { settings, plan, isWhole } = this
    const surface = yield* this.surfaceThere()
    const { w, b } = placeOf(this.asked, surface)
    const { loss } = lossAndGradient(plan, Int32Array.from(plan.x, (_, i) => i), w, b)
    this.looked = { settings, plan, surface, w, b, loss, noise: noiseAt(plan, w, b) }
    yield
    const trainer = new Trainer(plan, NO_LOSSES)
    let run = trainer.advance(this.slices.until)
    for (; !run; run = trainer.advance(this.slices.until)) yield
    const steps = spread(run.batchLoss.length, isWhole ? PLACES : FEW_PLACES)
    /** @type {Noise[]} */
    const noises = []
    for (const step of steps) {
      noises.push(noiseAt(plan, run.w[step], run.b[step]))
      yield
    }
    this.along = { steps, noises, divergedAt: run.divergedAt }
  }

  /**
   * Of a coarse one the lowest cell is another.
   *
   * @returns {Generator<void, Surface>}
   */
  *surfaceThere() {
    const { plan, asked, isWhole, grounds } = this
    const isLowest = asked.point_w === null || asked.point_b === null
    const rising = grounds.under(plan, NOWHERE, [], isWhole || isLowest ? FINE : COARSE)
    for (;;) {
      const surface = rising.rise(this.slices.until)
      if (surface) return surface
      yield
    }
  }
}

/**
 * The (w, b) that is looked at.
 *
 * @param {Pick<SentLooks, "point_w" | "point_b">} asked
 * @param {Surface} surface
 */
function placeOf({ point_w: w, point_b: b }, { lowestCell }) {
  return { w: w ?? lowestCell.w, b: b ?? lowestCell.b }
}
