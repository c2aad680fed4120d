// @ts-check
// The controls of a page to take away: those that the dashboard has in its sidebar for settings of a run.

import { element } from "./elements.js"
import { isOpen, parsed, spelled, valueOf } from "./page_values.js"
import { MAX_STEPS, mended, settingsWith, stepsPerEpoch } from "./plan.js"
import { filled, wholes } from "./words.js"

/** @import { SentControl, SentOwn, SentPage, SentSettings, Value } from "./wire.js" */

/**
 * A control on the page.
 *
 * @typedef {object} Control
 * @property {SentControl} of
 * @property {HTMLElement} element
 * @property {(settings: SentSettings) => void} show
 */

/**
 * What a control does with what it is given.
 *
 * @typedef {object} Given
 * @property {(value: Value) => void} hold it, which may be another in a moment
 * @property {(value: Value) => void} take it
 * @property {(text: string) => boolean} type a text, which may be no value
 */

export class PageControls {
  /**
   * @param {SentPage} sent
   * @param {SentSettings} settings
   * @param {object} acts
   * @param {(settings: SentSettings) => void} acts.hold what is shown while the hand moves
   * @param {(settings: SentSettings, words: string[]) => void} acts.settle what is shown then, and what
   *   must be said of it
   */
  constructor(sent, settings, { hold, settle }) {
    this.settings = settings
    this.repairs = sent.repairs
    this.hold = hold
    this.settle = settle
    /** @type {Control[]} */
    this.all = []
    const [above, more] = [sent.above, sent.more].map((rows) => rows.map((row) => this.rowOf(row)))
    this.hasBatchSize = this.all.some(({ of: { name } }) => name === "batch_size")
    const fold = element("details", {}, element("summary", {}, "More"), ...more)
    this.element = element("form", { class: "page-controls", autocomplete: "off" }, ...above, fold)
    this.element.addEventListener("submit", (event) => event.preventDefault())
    this.showAll()
  }

  /** @param {SentControl[]} row side by side */
  rowOf(row) {
    const controls = row.map((of) => this.controlOf(of))
    this.all.push(...controls)
    return element("div", { class: "page-row" }, ...controls.map((control) => control.element))
  }

  /**
   * @param {SentControl} of
   * @returns {Control}
   */
  controlOf(of) {
    const problem = element("p", { class: "page-problem", id: `problem-${of.key}`, role: "alert", hidden: "" })
    /** @type {Given} */
    const given = {
      hold: (value) => this.hold(this.possible([[of, value]]).settings),
      take: (value) => {
        problem.hidden = true
        this.take([[of, value]])
      },
      type: (text) => {
        try {
          given.take(parsed(of, text))
        } catch (error) {
          if (!(error instanceof RangeError)) throw error
          problem.textContent = error.message
          problem.hidden = false
        }
        return problem.hidden === true
      },
    }
    const make = of.choices ? choiceOf : of.kind === "switch" ? switchOf : of.stops.length > 0 ? sliderOf : boxOf
    const { parts, show } = make(of, given)
    const help = helpOf(of)
    const name = element("div", { class: "page-name" }, element("label", { for: `set-${of.key}` }, of.label), help)
    const control = element("div", { class: "page-control", "data-key": of.key }, name, ...parts, problem)
    /** @param {SentSettings} settings */
    const showWithHelp = (settings) => {
      help.setAttribute("data-says", wordsOf(of, settings).help)
      show(settings)
    }
    return { of, element: control, show: showWithHelp }
  }

  /**
   * Settings with some values, made possible as dashboard/shell/repairs.py makes them, and what was done.
   *
   * @param {[SentControl, Value][]} values
   */
  possible(values) {
    const asked = settingsWith(this.settings, values)
    const settings = mended(asked, this.hasBatchSize)
    const { n } = asked.data
    const [b, epochs] = [settings.train.batch_size, settings.train.epochs]
    /** @type {string[]} */
    const words = []
    if (this.hasBatchSize && b < asked.train.batch_size) {
      words.push(filled(this.repairs.bs, wholes({ was: asked.train.batch_size, n, now: b })))
    }
    if (epochs < asked.train.epochs) {
      const was = asked.train.epochs
      const each = stepsPerEpoch(n, b, asked.train.drop_last)
      const numbers = { was, each, all: was * each, most: MAX_STEPS, now: epochs }
      words.push(filled(this.repairs.ep, wholes(numbers)))
    }
    if (settings.train.momentum !== asked.train.momentum) words.push(this.repairs.mom)
    return { settings, words }
  }

  /** @param {[SentControl, Value][]} values */
  take(values) {
    const { settings, words } = this.possible(values)
    this.settings = settings
    this.showAll()
    this.settle(settings, words)
  }

  /**
   * Values by the names of their settings.
   *
   * @param {Record<string, Value>} values
   */
  give(values) {
    this.take(this.all.filter(({ of }) => of.name in values).map(({ of }) => [of, values[of.name]]))
  }

  /**
   * All settings at once; what was typed and could not be is gone.
   *
   * @param {SentSettings} settings
   */
  load(settings) {
    this.settings = settings
    for (const problem of this.element.querySelectorAll(".page-problem")) problem.toggleAttribute("hidden", true)
    this.take([])
  }

  showAll() {
    for (const { of, element: control, show } of this.all) {
      control.hidden = !isOpen(of, this.settings)
      if (control.querySelector(".page-problem:not([hidden])") === null) show(this.settings)
    }
  }
}

/** @param {SentControl} control */
function helpOf({ label }) {
  const looks = { class: "term page-help", role: "button", tabindex: 0 }
  return element("span", { ...looks, "aria-label": `What is ${label}?` }, "?")
}

/**
 * The help of a setting, and what an empty box of it stands for.
 *
 * @param {SentControl} of
 * @param {SentSettings} settings
 * @returns {SentOwn}
 */
function wordsOf(of, { train }) {
  return of.own[train.optimizer] ?? of
}

/**
 * @param {SentControl} of
 * @param {Given} given
 */
function choiceOf(of, { take }) {
  const options = Object.entries(of.choices ?? {}).map(([value, label]) => element("option", { value }, label))
  const menu = element("select", { id: `set-${of.key}` }, ...options)
  menu.addEventListener("change", () => take(menu.value))
  /** @param {SentSettings} settings */
  const show = (settings) => { menu.value = String(valueOf(settings, of)) }
  return { parts: [menu], show }
}

/**
 * @param {SentControl} of
 * @param {Given} given
 */
function switchOf(of, { take }) {
  const box = element("input", { id: `set-${of.key}`, type: "checkbox", role: "switch" })
  box.addEventListener("change", () => take(box.checked))
  /** @param {SentSettings} settings */
  const show = (settings) => { box.checked = valueOf(settings, of) === true }
  return { parts: [box], show }
}

/**
 * A box for any value.
 *
 * @param {SentControl} of
 * @param {Given} given
 * @param {string} [id]
 */
function boxOf(of, { type }, id = `set-${of.key}`) {
  const looks = { type: "text", inputmode: of.kind === "whole" ? "numeric" : "decimal", enterkeyhint: "done" }
  const box = element("input", { id, ...looks, "aria-describedby": `problem-${of.key}` })
  box.addEventListener("change", () => box.setAttribute("aria-invalid", String(!type(box.value))))
  /** @param {SentSettings} settings */
  const show = (settings) => {
    box.value = spelled(of, valueOf(settings, of))
    box.placeholder = wordsOf(of, settings).placeholder
    box.removeAttribute("aria-invalid")
  }
  return { parts: [box], show }
}

/**
 * A slider with stops for the usual values, and a box for any value.
 *
 * @param {SentControl} of
 * @param {Given} given
 */
function sliderOf(of, given) {
  const { parts: [box], show: showInBox } = boxOf(of, given, `type-${of.key}`)
  box.setAttribute("aria-label", of.label)
  const slider = element("input", { id: `set-${of.key}`, type: "range", min: 0, step: 1 })
  /** @type {number[]} */
  let stops = []
  const told = () => stops[Number(slider.value)]
  const tell = () => {
    slider.setAttribute("aria-valuetext", String(told()))
    slider.style.setProperty("--share", String(Number(slider.value) / Math.max(1, stops.length - 1)))
  }
  slider.addEventListener("input", () => {
    tell()
    box.value = String(told())
    given.hold(told())
  })
  slider.addEventListener("change", () => given.take(told()))
  followHand(slider)
  /** @param {SentSettings} settings */
  const show = (settings) => {
    showInBox(settings)
    const value = Number(valueOf(settings, of))
    const most = of.name === "batch_size" ? settings.data.n : (of.maximum ?? value)
    stops = [...new Set([...of.stops.filter((stop) => stop < most), value, most])].toSorted((a, b) => a - b)
    slider.max = String(stops.length - 1)
    slider.value = String(stops.indexOf(value))
    tell()
  }
  return { parts: [element("div", { class: "page-slider" }, slider, box)], show }
}

/**
 * On a phone the controls lie over the charts: of them only the slider that is held is seen then.
 *
 * @param {HTMLInputElement} slider
 */
function followHand(slider) {
  slider.addEventListener("pointerdown", () => slider.closest(".page-control")?.setAttribute("data-in-hand", ""))
  for (const act of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) {
    slider.addEventListener(act, () => slider.closest(".page-control")?.removeAttribute("data-in-hand"))
  }
}
