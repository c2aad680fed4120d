// @ts-check
// Streamlit's controls in the hand: what a slider shows is held before the server hears of it, on release,
// and what is chosen or typed before the server answers. What can't be drawn anew here is faint meanwhile,
// on every page.

import { AddressSettings } from "./address_settings.js"
import { isConnectedNow, tellAhead } from "./connection.js"
import { CONTROLS } from "./controls.js"
import { SAID } from "./entries.js"
import { Hand } from "./hand.js"
import { mended, settingsWith } from "./plan.js"

/** @import { Acts } from "./hand.js" */
/** @import { Click, SentSettings, View } from "./wire.js" */

/**
 * What sliders show, and a click has chosen, that the server does not know yet, by the keys of the settings.
 *
 * @typedef {Map<string, number>} Values
 */

const SLIDERS = '[class*="_slider"]'
const OTHERS = '.stNumberInput, .stSelectbox, .stCheckbox, .stButtonGroup, [role="option"]' // which the address tells of at once
const KEY = /\b(st-key-([a-z]+\d?)\w*)_slider\b/
const DIGITS = 4 // of a point that is clicked, after the decimal point
const PATIENCE = 4000 // milliseconds that the server's answer is waited for

export class HandOnControls extends Hand {
  /** @param {Acts} acts */
  constructor(acts) {
    super(acts)
    /** @type {Values} */
    this.values = new Map()
    /** @type {Set<number | "key">} */
    this.down = new Set() // the pointers, and a key, that are down on sliders
    /** @type {number | undefined} */
    this.waiting = undefined
    this.address = new AddressSettings()
    this.isOnOther = false // whether the last act was on a control that is no slider
    this.filling = 0 // the request for the next frame, while there are values to fill in
    this.observer = new MutationObserver((changes) => this.follow(changes))
    this.stop = new AbortController()
    const options = { capture: true, signal: this.stop.signal }
    addEventListener("pointerdown", ({ target, pointerId }) => this.take(target, pointerId), options)
    addEventListener("keydown", ({ target }) => this.take(target, "key"), options)
    addEventListener(SAID, () => this.followAddress(), options)
    addEventListener("pointerup", ({ target, pointerId }) => this.release(pointerId, target), options)
    addEventListener("pointercancel", ({ pointerId }) => this.release(pointerId), options)
    addEventListener("keyup", () => this.release("key"), options)
    addEventListener("blur", ({ target }) => target === window && this.release(null), options)
  }

  /**
   * @param {EventTarget | null} target
   * @param {number | "key"} finger
   */
  take(target, finger) {
    const slider = target instanceof Element ? target.closest(SLIDERS) : null
    this.isOnOther = slider === null && (isOther(target) || isOther(document.activeElement)) // which is left
    if (slider === null || keyOf(slider) === null) return
    clearTimeout(this.waiting)
    this.down.add(finger)
    if (finger !== "key") showThrough(slider)
    this.observer.observe(slider, { subtree: true, attributeFilter: ["aria-valuetext"] })
  }

  /**
   * A slider is followed until the server has answered: it may tell its last value a moment after it
   * was let go.
   *
   * @param {number | "key" | null} finger or all
   * @param {EventTarget | null} [target] that a pointer is on
   */
  release(finger, target) {
    if (target) this.isOnOther = isOther(target)
    const fingers = finger === null ? [...this.down] : [finger]
    const isOver = fingers.filter((each) => this.down.delete(each)).length > 0 && this.down.size === 0
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
    if (isAhead && this.sent) this.bring(this.sent.view, this.sent.revision)
  }

  forget() {
    super.forget()
    clearTimeout(this.waiting)
    cancelAnimationFrame(this.filling)
    this.values.clear()
    setAhead(false)
    if (this.down.size === 0) this.observer.disconnect()
  }

  /** @param {MutationRecord[]} changes */
  follow(changes) {
    const { target } = changes[changes.length - 1]
    if (!(target instanceof Element)) return
    const key = keyOf(target.closest(SLIDERS))
    const shown = Number(target.getAttribute("aria-valuetext"))
    if (key === null || !Number.isFinite(shown)) return
    const value = this.sent ? exactly(shown, key, this.sent.settings) : shown
    if (this.values.get(key) === value) return
    this.values.set(key, value)
    this.fillBoxes()
    this.holdAll()
  }

  holdAll() {
    setAhead(true)
    this.address.leave()
    if (this.sent) this.hold((sent) => heldSettings(this.address.read(sent) ?? sent, this.values))
  }

  /**
   * @param {View} view
   * @param {string} revision
   */
  arrive(view, revision) {
    super.arrive(view, revision)
    if (this.sent && !this.isAhead) this.address.arrive(this.sent.settings)
  }

  /**
   * A click on a surface chooses the point that is looked at, where the settings have one, as choose_point of
   * dashboard/shell/acts.py does.
   *
   * @param {Click} click
   */
  choosePoint({ x, y }) {
    const { point_w: before, point_b: beside } = this.sent?.settings.looks ?? {}
    const [b, w] = [x, y].map((value) => Number(value.toFixed(DIGITS)))
    if (before === undefined || (before === w && beside === b)) return
    this.values.set("pw", w).set("pb", b)
    this.holdAll()
    clearTimeout(this.waiting)
    if (this.down.size === 0) this.waiting = setTimeout(() => this.giveUp(), PATIENCE)
  }

  // A button may change many settings, which the server writes into the address one by one.
  followAddress() {
    if (!this.sent || !this.isOnOther || this.address.read(this.sent.settings) === null) return
    clearTimeout(this.waiting)
    if (this.down.size === 0) this.waiting = setTimeout(() => this.giveUp(), PATIENCE)
    this.holdAll()
  }

  // In every frame: Streamlit writes into a box what the server knows, whenever it draws it.
  fillBoxes() {
    for (const [key, value] of this.values) fillBox(key, value)
    cancelAnimationFrame(this.filling)
    this.filling = requestAnimationFrame(() => this.fillBoxes())
  }

  remove() {
    this.stop.abort()
    showThrough(null)
    this.observer.disconnect()
    super.remove()
  }
}

/** @param {boolean} isAhead */
function setAhead(isAhead) {
  tellAhead(isAhead)
  document.body.toggleAttribute("data-hand-ahead", isAhead)
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
 * @param {SentSettings} settings
 * @param {Values} values
 */
function heldSettings(settings, values) {
  const changed = settingsWith(settings, [...values].map(([key, value]) => [CONTROLS[key], value]))
  return mended(changed, hasBatchSize())
}

function hasBatchSize() {
  return [...document.querySelectorAll(SLIDERS)].some((slider) => keyOf(slider) === "bs")
}

/** @param {EventTarget | null} target */
function isOther(target) {
  return target instanceof Element && target.closest(OTHERS) !== null
}
