// @ts-check
// A run of the settings that the hand holds, and the board that it fills.

import { COARSE, FINE } from "./ground.js"
import { planOf } from "./plan.js"
import { filled, hasHeldOut, hasSpectrum, keptPaths, MOST_FULL, runOf } from "./run_charts.js"
import { Listening } from "./spectrum.js"
import { Trainer } from "./training.js"

/** @import { Filled } from "./board.js" */
/** @import { Grounds, Rising } from "./ground.js" */
/** @import { Known } from "./hand.js" */
/** @import { SentSettings, View } from "./wire.js" */

const FEW_LOSSES = 31 // steps at which the loss on all the data is drawn of a run that is not whole

export class OneRun {
  /**
   * @param {SentSettings} settings
   * @param {boolean} isWhole and not only what can be drawn while the hand moves
   * @param {View} view
   * @param {Known} known
   * @param {Grounds} grounds
   */
  constructor(settings, isWhole, view, { data, heldOut }, grounds) {
    this.settings = settings
    this.isWhole = isWhole
    this.isDone = true // once there is a board
    this.grounds = grounds
    this.plan = planOf(settings, data)
    this.trainer = new Trainer(this.plan, isWhole ? MOST_FULL : FEW_LOSSES, hasHeldOut(view) ? heldOut : null)
    /** @type {{ of: View, rising: Rising } | null} */
    this.walked = null // what the run walks on, once it is trained
    /** @type {Listening | null} */
    this.listening = null // to how it swings, where that is shown
  }

  /**
   * Go on until the time is up, or to the end; returns the board if that is reached.
   *
   * @param {View} view
   * @param {number} until as performance.now() counts
   * @returns {Filled | null}
   */
  advance(view, until) {
    const { settings, isWhole, plan } = this
    if (!view.player) throw new Error("A board of one run plays it.")
    const trained = this.trainer.advance(until)
    if (!trained) return null
    if (this.walked?.of !== view) {
      const rising = this.grounds.under(plan, trained, keptPaths(view), isWhole ? FINE : COARSE)
      this.walked = { of: view, rising }
    }
    const ground = this.walked.rising.advance(until)
    if (!ground) return null
    if (hasSpectrum(view)) this.listening ??= new Listening(trained.batchLoss, plan.per_epoch)
    if (this.listening && !this.listening.advance(until)) return null
    const spectrum = this.listening?.spectrum ?? null
    return filled(view, { run: runOf(view.player, settings, plan, trained, ground), trained, ground, spectrum })
  }
}
