// @ts-check
// Trains and draws the run whose settings the server has sent, and, while a slider is held, that of its
// present value. The server hears of it on release, and sends the same settings.

import { isConnectedNow, tellAhead } from "./connection.js"
import { CONTROLS } from "./controls.js"
import { makeDataset, makeHeldOut } from "./dataset.js"
import { MAX_STEPS, planOf, stepsPerEpoch } from "./plan.js"
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
 * What sliders show that the server does not know yet, by the keys of their settings.
 *
 * @typedef {Map<string, number>} Held
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

const SLIDERS = '[class*="_slider"]'
const KEY = /\b(st-key-([a-z]+\d?)\w*)_slider\b/
const SLICE = 10 // milliseconds of training between two frames while the hand moves ...
const LONG_SLICE = 40 // ... and at one go, of a run that was sent
const REST = 120 // milliseconds without a move
const PATIENCE = 4000 // milliseconds that the server's answer to a release is waited for
const MANY_POINTS = 1000 // of which less is drawn while the hand moves, and as the first picture, ...
const FEW_LOSSES = 31 // ... as the loss on all the data at so many steps

export class Hand {
  /**
   * @param {object} acts
   * @param {(view: Filled, revision: string | null) => void} acts.draw a board; of a hand's there is no revision
   * @param {(view: Filled) => void} acts.sketch one that another is about to follow
   */
  constructor({ draw, sketch }) {
    this.draw = draw
    this.sketch = sketch
    /** @type {number | undefined} */
    this.resting = undefined
    /** @type {Sent | null} */
    this.sent = null
    this.hasDrawn = false
    /** @type {Held} */
    this.held = new Map()
    /** @type {"sketch" | "whole" | null} */
    this.wanted = null // a drawing of what is held
    /** @type {Begun | null} */
    this.begun = null
    /** @type {Learner | null} */
    this.learner = null // the last
    this.grounds = new Grounds()
    this.isAtWork = false
    /** @type {Set<number | "key">} */
    this.down = new Set() // the pointers, and a key, that are down on sliders
    /** @type {number | undefined} */
    this.waiting = undefined
    this.filling = 0 // the request for the next frame, while there are values to fill in
    /** @type {{ of: SentData, data: Data, heldOut: Data } | null} */
    this.known = null
    this.observer = new MutationObserver((changes) => this.follow(changes))
    this.stop = new AbortController()
    const options = { capture: true, signal: this.stop.signal }
    addEventListener("pointerdown", ({ target, pointerId }) => this.take(target, pointerId), options)
    addEventListener("keydown", ({ target }) => this.take(target, "key"), options)
    addEventListener("pointerup", ({ pointerId }) => this.release(pointerId), options)
    addEventListener("pointercancel", ({ pointerId }) => this.release(pointerId), options)
    addEventListener("keyup", () => this.release("key"), options)
    addEventListener("blur", ({ target }) => target === window && this.release(...this.down), options)
  }

  /**
   * What the server has sent is drawn, unless the hand is elsewhere already.
   *
   * @param {View} view
   * @param {string} revision
   */
  arrive(view, revision) {
    const { player } = view
    this.sent = player && { view, revision, player }
    if (player && !isSame(player.settings, settingsWith(player.settings, this.held))) return
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

  /**
   * @param {EventTarget | null} target
   * @param {number | "key"} finger
   */
  take(target, finger) {
    const slider = target instanceof Element ? target.closest(SLIDERS) : null
    if (!this.sent || slider === null || keyOf(slider) === null) return
    clearTimeout(this.waiting)
    this.down.add(finger)
    if (finger !== "key") showThrough(slider)
    this.observer.observe(slider, { subtree: true, attributeFilter: ["aria-valuetext"] })
  }

  /**
   * A slider is followed until the server has answered: it may tell its last value a moment after it
   * was let go.
   *
   * @param {(number | "key")[]} fingers
   */
  release(...fingers) {
    const isOver = fingers.some((finger) => this.down.delete(finger)) && this.down.size === 0
    if (!isOver) return
    showThrough(null)
    this.waiting = setTimeout(() => this.giveUp(), PATIENCE)
  }

  // The server has not taken what the hand did, unless it can't be reached: then the picture stays.
  giveUp() {
    if (!isConnectedNow()) {
      this.waiting = setTimeout(() => this.giveUp(), PATIENCE)
      return
    }
    const { isAhead } = this
    this.forget()
    if (isAhead && this.sent) this.bring(this.sent)
  }

  forget() {
    clearTimeout(this.waiting)
    clearTimeout(this.resting)
    cancelAnimationFrame(this.filling)
    this.held.clear()
    tellAhead(false)
    this.wanted = null
    this.begun = null
    if (this.down.size === 0) this.observer.disconnect()
  }

  /** Whether it is where the server is not yet. */
  get isAhead() {
    return this.held.size > 0
  }

  /** @param {MutationRecord[]} changes */
  follow(changes) {
    const { target } = changes[changes.length - 1]
    if (!(target instanceof Element)) return
    const key = keyOf(target.closest(SLIDERS))
    const shown = Number(target.getAttribute("aria-valuetext"))
    if (!this.sent || key === null || !Number.isFinite(shown)) return
    const value = exactly(shown, key, this.sent.player.settings)
    if (this.held.get(key) === value) return
    this.held.set(key, value)
    tellAhead(true)
    this.fillBoxes()
    this.want("sketch")
  }

  // In every frame: Streamlit writes into a box what the server knows, whenever it draws it.
  fillBoxes() {
    for (const [key, value] of this.held) fillBox(key, value)
    cancelAnimationFrame(this.filling)
    this.filling = requestAnimationFrame(() => this.fillBoxes())
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
    const settings = settingsWith(sent.player.settings, this.held)
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
    this.stop.abort()
    showThrough(null)
    this.observer.disconnect()
    this.forget()
  }
}

/**
 * The key of the setting of a slider, if it is one that is followed.
 *
 * @param {Element | null} slider
 */
function keyOf(slider) {
  const key = slider && KEY.exec(slider.className)?.[2]
  return key && Object.hasOwn(CONTROLS, key) ? key : null
}

/**
 * On a phone the sidebar lies over the charts: of it only the slider that is held is seen then.
 *
 * @param {Element | null} slider
 */
function showThrough(slider) {
  for (const before of document.querySelectorAll("[data-in-hand]")) before.removeAttribute("data-in-hand")
  if (!(slider instanceof HTMLElement)) return
  slider.dataset.inHand = ""
  slider.style.setProperty("--under-hand", getComputedStyle(document.body).backgroundColor)
}

/**
 * The box beside a slider shows what the slider does.
 *
 * @param {string} key
 * @param {number} value
 */
function fillBox(key, value) {
  const slider = [...document.querySelectorAll(SLIDERS)].find((each) => keyOf(each) === key)
  const name = slider && KEY.exec(slider.className)?.[1]
  const box = name && document.querySelector(`.${name} input`)
  if (box instanceof HTMLInputElement && Number(box.value) !== value) box.value = String(value)
}

/**
 * A slider shows six digits. Its stops have no more, but for the value that it was sent with.
 *
 * @param {number} shown
 * @param {string} key
 * @param {SentSettings} settings
 */
function exactly(shown, key, settings) {
  const { part, name } = CONTROLS[key]
  const sent = Number(/** @type {Record<string, unknown>} */ ({ ...settings[part] })[name])
  return Number(sent.toPrecision(6)) === shown ? sent : shown
}

/**
 * @param {object} one
 * @param {object} other whose parts come in the same order
 */
function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other)
}

/**
 * @param {SentSettings} settings
 * @param {Held} held
 */
function settingsWith(settings, held) {
  if (held.size === 0) return settings
  const parts = { data: { ...settings.data }, train: { ...settings.train } }
  for (const [key, value] of held) Object.assign(parts[CONTROLS[key].part], { [CONTROLS[key].name]: value })
  return mended(parts)
}

function hasBatchSize() {
  return [...document.querySelectorAll(SLIDERS)].some((slider) => keyOf(slider) === "bs")
}

/**
 * What can be, as dashboard/shell/repairs.py mends it: B is at most N, or N on a page that has no other, and
 * epochs as many as the steps allow.
 *
 * @param {SentSettings} settings
 * @returns {SentSettings}
 */
function mended({ data, train }) {
  const batchSize = hasBatchSize() ? Math.min(train.batch_size, data.n) : data.n
  const most = Math.floor(MAX_STEPS / stepsPerEpoch(data.n, batchSize, train.drop_last))
  const epochs = Math.min(train.epochs, most)
  return { data, train: { ...train, batch_size: batchSize, epochs } }
}
