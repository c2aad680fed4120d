// @ts-check
// Trains and draws the run whose settings were sent, and, while a control is held, that of its present
// value.

import { makeDataset, makeHeldOut } from "./dataset.js"
import { isSame, planOf } from "./plan.js"
import { COARSE, FINE, Grounds } from "./ground.js"
import { filled, hasHeldOut, keptPaths, MOST_FULL, runOf } from "./run_charts.js"
import { Trainer } from "./training.js"

/** @import { Filled } from "./board.js" */
/** @import { Ground, Rising } from "./ground.js" */
/** @import { Planned } from "./plan.js" */
/** @import { Data } from "./sources.js" */
/** @import { Trained } from "./training.js" */
/** @import { SentData, SentRun, SentSettings, View } from "./wire.js" */

/**
 * What is to be done with a board that shows what is held.
 *
 * @typedef {object} Acts
 * @property {(view: Filled, revision: string | null) => void} draw a board; of a hand's there is no revision
 * @property {(view: Filled) => void} sketch one that another is about to follow
 */

/**
 * What the hand makes of the settings that were sent.
 *
 * @typedef {(sent: SentSettings) => SentSettings} Held
 */

/** @typedef {{ view: View, revision: string, player: SentRun }} Sent */

/**
 * A run that is being trained, or is trained.
 *
 * @typedef {object} Learner
 * @property {SentSettings} settings
 * @property {Planned} plan
 * @property {Trainer} trainer
 * @property {boolean} isWhole and not only what can be drawn while the hand moves
 */

/**
 * A drawing of a run in the board that was sent.
 *
 * @typedef {object} Begun
 * @property {Sent} sent
 * @property {Learner} learner
 * @property {Rising | null} rising what the run walks on, once it is trained
 * @property {"sent" | "rest" | "move"} of what: the run that was sent, or that of a hand that rests, or
 *   moves, which takes the place of the others
 */

const SLICE = 10 // milliseconds of training between two frames while the hand moves ...
const LONG_SLICE = 40 // ... and at one go, of a run that was sent
const REST = 120 // milliseconds without a move
const MANY_POINTS = 1000 // of which less is drawn while the hand moves, and as the first picture, ...
const FEW_LOSSES = 31 // ... as the loss on all the data at so many steps

export class Hand {
  /** @param {Acts} acts */
  constructor({ draw, sketch }) {
    this.draw = draw
    this.sketch = sketch
    /** @type {number | undefined} */
    this.resting = undefined
    /** @type {Sent | null} */
    this.sent = null
    this.hasDrawn = false
    /** @type {Held | null} */
    this.held = null
    /** @type {"sketch" | "whole" | null} */
    this.wanted = null // a drawing of what is held
    /** @type {Begun | null} */
    this.begun = null
    /** @type {Learner | null} */
    this.learner = null // the last
    this.grounds = new Grounds()
    this.isAtWork = false
    /** @type {{ of: SentData, data: Data, heldOut: Data } | null} */
    this.known = null
  }

  /**
   * What was sent is drawn, unless the hand is elsewhere already.
   *
   * @param {View} view
   * @param {string} revision
   */
  arrive(view, revision) {
    const { player } = view
    this.sent = player && { view, revision, player }
    if (player && this.held && !isSame(player.settings, this.held(player.settings))) return
    this.forget()
    if (player) this.bring({ view, revision, player })
    else this.draw({ ...view, player: null }, revision)
  }

  /**
   * The run that was sent is drawn: at once, where it takes no more than a moment.
   *
   * @param {Sent} sent
   */
  bring(sent) {
    this.begin(sent, "sent")
    this.goOn()
  }

  /** @param {Held} held */
  hold(held) {
    this.held = held
    this.want("sketch")
  }

  forget() {
    clearTimeout(this.resting)
    this.held = null
    this.wanted = null
    this.begun = null
  }

  /** Whether it is elsewhere than what was sent. */
  get isAhead() {
    return this.held !== null
  }

  /** @param {"sketch" | "whole"} wanted */
  want(wanted) {
    clearTimeout(this.resting)
    this.wanted = wanted
    this.goOn()
  }

  goOn() {
    if (this.isAtWork) return
    this.isAtWork = true
    this.work()
  }

  // A run that was begun while the hand moves is drawn, so that there is a picture however fast it moves.
  work() {
    if (this.wanted && this.sent && this.begun?.of !== "move") {
      this.begin(this.sent, this.wanted === "whole" ? "rest" : "move")
    }
    const slice = this.begun?.of === "sent" ? LONG_SLICE : SLICE
    if (this.begun) this.advance(this.begun, performance.now() + slice)
    this.isAtWork = this.wanted !== null || this.begun !== null
    if (!this.isAtWork) return
    if (this.begun?.of === "sent") setTimeout(() => this.work()) // a page that is not seen has no frames
    else requestAnimationFrame(() => this.work())
  }

  /**
   * @param {Sent} sent
   * @param {Begun["of"]} of
   */
  begin(sent, of) {
    this.wanted = null
    const settings = this.held ? this.held(sent.player.settings) : sent.player.settings
    const isWhole = settings.data.n <= MANY_POINTS || (of === "sent" ? this.hasDrawn : of === "rest")
    this.begun = { sent, learner: this.learnerOf(settings, isWhole, sent.view), rising: null, of }
  }

  /**
   * The last one serves as long as it is asked for the same.
   *
   * @param {SentSettings} settings
   * @param {boolean} isWhole
   * @param {View} view
   */
  learnerOf(settings, isWhole, view) {
    const { learner } = this
    if (learner && learner.isWhole === isWhole && isSame(learner.settings, settings)) return learner
    const { data, heldOut } = this.dataOf(settings.data)
    const plan = planOf(settings, data)
    const trainer = new Trainer(plan, isWhole ? MOST_FULL : FEW_LOSSES, hasHeldOut(view) ? heldOut : null)
    this.learner = { settings, plan, trainer, isWhole }
    return this.learner
  }

  /**
   * @param {Begun} begun
   * @param {number} until
   */
  advance(begun, until) {
    const { sent, learner: { plan, trainer, isWhole } } = begun
    const trained = trainer.advance(until)
    if (!trained) return
    begun.rising ??= this.grounds.under(plan, trained, keptPaths(sent.view), isWhole ? FINE : COARSE)
    const ground = begun.rising.advance(until)
    if (ground) this.show(begun, trained, ground)
  }

  /**
   * @param {Begun} begun
   * @param {Trained} trained
   * @param {Ground} ground
   */
  show({ sent, learner: { settings, plan, isWhole }, of }, trained, ground) {
    const { view, revision, player } = sent
    this.begun = null
    this.hasDrawn = true
    const board = filled(view, { run: runOf(player, settings, plan, trained, ground), trained, ground })
    if (of === "sent") {
      this.draw(board, isWhole ? revision : null)
      if (!isWhole) this.begin(sent, "sent")
      return
    }
    this.sketch(board)
    this.resting = setTimeout(() => (isWhole ? this.draw(board, null) : this.want("whole")), REST)
  }

  /**
   * What was drawn last serves as long as the data stay.
   *
   * @param {SentData} of
   */
  dataOf(of) {
    if (!this.known || !isSame(this.known.of, of)) {
      this.known = { of, data: makeDataset(of), heldOut: makeHeldOut(of) }
    }
    return this.known
  }

  remove() {
    this.forget()
  }
}
