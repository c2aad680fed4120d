// @ts-check
// A race of the settings that the hand holds: the optimizers' runs on the same minibatches, trained one
// after another, and the board that they fill.

import { COARSE, FINE } from "./ground.js"
import { MOST_DRAWN } from "./lines_figure.js"
import { looksOf, planOf, planWith, stepsPerEpoch } from "./plan.js"
import { raceBoard, racersOf } from "./race_charts.js"
import { Trainer } from "./training.js"
import { undrawn } from "./undrawn.js"

/** @import { Filled } from "./board.js" */
/** @import { Grounds, Rising } from "./ground.js" */
/** @import { Known } from "./hand.js" */
/** @import { Planned } from "./plan.js" */
/** @import { Runner } from "./race_charts.js" */
/** @import { SentSettings, View } from "./wire.js" */

const MOST_STEPS = 20_000 // that a run may have, as the server has it
const FEW_LOSSES = 31 // steps at which the loss on all the data is drawn of a race that is not whole

export class Race {
  /**
   * @param {SentSettings} settings
   * @param {boolean} isWhole and not only what can be drawn while the hand moves
   * @param {Known} known
   * @param {Grounds} grounds
   */
  constructor(settings, isWhole, { data }, grounds) {
    const { data: { n }, train } = settings
    this.race = looksOf(settings, "optimizers", "adaptive_lr", "is_matched", "unit", "step_cost")
    this.isWhole = isWhole
    this.isDone = true // once there is a board
    this.grounds = grounds
    this.racers = racersOf(train, this.race)
    const steps = train.epochs * stepsPerEpoch(n, train.batch_size, train.drop_last)
    this.canBeDrawn = this.racers.length > 0 && steps <= MOST_STEPS
    /** @type {Planned | null} */
    this.plan = this.canBeDrawn ? planOf(settings, data) : null
    /** @type {Runner[]} */
    this.runners = []
    /** @type {Trainer | null} */
    this.trainer = null
    /** @type {Rising | null} */
    this.rising = null // what the runs walk on, once all are trained
  }

  /**
   * Go on until the time is up, or to the end; returns the board if that is reached.
   *
   * @param {View} view
   * @param {number} until as performance.now() counts
   * @returns {Filled | null}
   */
  advance(view, until) {
    const { plan, race, racers, runners, isWhole } = this
    if (!plan) return undrawn(view)
    while (runners.length < racers.length) {
      const train = racers[runners.length]
      this.trainer ??= new Trainer(planWith(plan, train), isWhole ? MOST_DRAWN : FEW_LOSSES).keepStates()
      const run = this.trainer.advance(until)
      if (!run) return null
      runners.push({ train, run })
      this.trainer = null
    }
    this.rising ??= this.grounds.under(plan, { w: this.places("w"), b: this.places("b") }, [], isWhole ? FINE : COARSE)
    const ground = this.rising.advance(until)
    return ground && raceBoard(view, { race, plan, runners, ground })
  }

  /**
   * Where the runs have been, all of them.
   *
   * @param {"w" | "b"} name
   */
  places(name) {
    const parts = this.runners.map(({ run }) => run[name])
    const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
    let start = 0
    for (const part of parts) {
      all.set(part, start)
      start += part.length
    }
    return all
  }
}
