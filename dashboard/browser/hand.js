// @ts-check
// Draws the run whose settings were sent, and, while a control is held, what its present value makes of what
// was sent.

import { makeDataset, makeHeldOut } from "./dataset.js"
import { Grounds } from "./ground.js"
import { OneRun } from "./one_run.js"
import { NoiseAt } from "./noise_at.js"
import { isSame } from "./plan.js"
import { Race } from "./race.js"
import { SeedRuns } from "./seed_runs.js"
import { StabilityRuns } from "./stability_runs.js"

/** @import { Filled } from "./board.js" */
/** @import { Data } from "./sources.js" */
/** @import { SentData, SentSettings, View } from "./wire.js" */

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

/** @typedef {{ view: View, revision: string, settings: SentSettings }} Sent */

/** @typedef {{ of: SentData, data: Data, heldOut: Data }} Known */

/**
 * What makes a board of settings, a slice of time at a time.
 *
 * @typedef {object} Learner
 * @property {boolean} isWhole and does not only make what can be drawn while the hand moves
 * @property {boolean} isDone whether the board that it has just made is its last
 * @property {(view: View, until: number) => Filled | null} advance goes on until performance.now() is that;
 *   returns the board that was sent filled anew, when there is something new to draw
 */

/**
 * A drawing in the board that was sent.
 *
 * @typedef {object} Begun
 * @property {Sent} sent
 * @property {Learner} learner
 * @property {"sent" | "rest" | "move"} of what: the settings that were sent, or those of a hand that rests,
 *   or moves, which take the place of the others
 */

/**
 * What trains that which a view has: the settings that it is to be trained with, and what the hand knows.
 *
 * @callback Learn
 * @param {SentSettings} settings
 * @param {boolean} isWhole
 * @param {View} view
 * @param {Known} known
 * @param {Grounds} grounds
 * @returns {Learner}
 */

/** @satisfies {{ [name in keyof View]?: Learn }} */
const LEARN = {
  /** @type {Learn} */
  player: (...asked) => new OneRun(...asked),
  /** @type {Learn} */
  runs: (settings, _, __, known) => new SeedRuns(settings, known),
  /** @type {Learn} */
  race: (settings, isWhole, _, known, grounds) => new Race(settings, isWhole, known, grounds),
  /** @type {Learn} */
  stability: (...asked) => new StabilityRuns(...asked),
  /** @type {Learn} */
  noise: (settings, isWhole, _, known, grounds) => new NoiseAt(settings, isWhole, known, grounds),
}

/** @typedef {keyof typeof LEARN} Learnt */

const SLICE = 10 // milliseconds of training between two frames while the hand moves ...
const LONG_SLICE = 40 // ... and at one go, of a run that was sent
const REST = 120 // milliseconds without a move
const MANY_POINTS = 1000 // of which less is drawn while the hand moves, and as the first picture

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
    /** @type {{ key: string, learner: Learner } | null} */
    this.last = null
    this.grounds = new Grounds()
    this.isAtWork = false
    /** @type {Known | null} */
    this.known = null
  }

  /**
   * What was sent is drawn, unless the hand is elsewhere already.
   *
   * @param {View} view
   * @param {string} revision
   */
  arrive(view, revision) {
    const name = learntIn(view)
    const asked = name && view[name]
    this.sent = asked && { view, revision, settings: asked.settings }
    if (asked && this.held && !isSame(asked.settings, this.held(asked.settings))) return
    this.forget()
    this.bring(view, revision)
  }

  /**
   * What was sent is drawn: its run at once, where that takes no more than a moment; several come drawn.
   *
   * @param {View} view
   * @param {string} revision
   */
  bring(view, revision) {
    if (view.player && this.sent) {
      this.begin(this.sent, "sent")
      this.goOn()
    } else this.draw({ ...view, player: null }, revision)
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
    const settings = this.held ? this.held(sent.settings) : sent.settings
    const isWhole = settings.data.n <= MANY_POINTS || (of === "sent" ? this.hasDrawn : of === "rest")
    const learner = this.learnerOf(settings, isWhole, sent.view)
    const isSeen = this.begun?.of === "rest" && this.begun.learner === learner // the same is held again
    this.begun = { sent, learner, of: isSeen ? "rest" : of }
  }

  /**
   * The last one serves as long as it is asked for the same.
   *
   * @param {SentSettings} settings
   * @param {boolean} isWhole
   * @param {View} view
   */
  learnerOf(settings, isWhole, view) {
    const name = learntIn(view)
    if (name === null) throw new Error("There is nothing to train.")
    const key = JSON.stringify([settings, isWhole])
    if (this.last?.key === key) return this.last.learner
    const learner = LEARN[name](settings, isWhole, view, this.dataOf(settings.data), this.grounds)
    this.last = { key, learner }
    return learner
  }

  /**
   * @param {Begun} begun
   * @param {number} until
   */
  advance(begun, until) {
    const board = begun.learner.advance(begun.sent.view, until)
    if (board) this.show(begun, board)
  }

  /**
   * @param {Begun} begun
   * @param {Filled} board
   */
  show(begun, board) {
    const { sent, learner: { isWhole, isDone }, of } = begun
    if (isDone) this.begun = null
    else begun.of = "rest" // it has been seen
    this.hasDrawn = true
    if (of === "sent") {
      this.draw(board, isWhole ? sent.revision : null)
      if (!isWhole) this.begin(sent, "sent")
      return
    }
    this.sketch(board)
    if (isDone) this.resting = setTimeout(() => (isWhole ? this.draw(board, null) : this.want("whole")), REST)
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

/**
 * What a view has that is trained, if there is any.
 *
 * @param {View} view
 */
function learntIn(view) {
  const names = /** @type {Learnt[]} */ (Object.keys(LEARN))
  return names.find((name) => view[name] !== null) ?? null
}
