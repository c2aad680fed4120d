// @ts-check
// The settings that the address of a page of the dashboard asks for. It says what was chosen or typed
// before the server hears of it.

import { CONTROLS } from "./controls.js"
import { isOpen, parsed, valueOf } from "./page_values.js"
import { isSame, settingsWith } from "./plan.js"

/** @import { SentSettings, SentValues, Value } from "./wire.js" */

const QUIET = 300 // milliseconds after an answer of the server, in which it may still write the address

export class AddressSettings {
  constructor() {
    /** @type {string | null} */
    this.path = null
    /** @type {Map<string, Value>} */
    this.usual = new Map() // what settings are that the address of this page does not name
    /** @type {Map<string, Value>} */
    this.last = new Map() // what hyperparameters were when they were in use
    this.isKnown = false // whether the address asks for what the page has
    /** @type {number | undefined} */
    this.comparing = undefined
  }

  /**
   * Once the address is quiet it is compared with what the server has made of it.
   *
   * @param {SentSettings} settings
   */
  arrive(settings) {
    clearTimeout(this.comparing)
    this.comparing = setTimeout(() => this.compare(settings), QUIET)
  }

  /** The address is about to differ from what the server has made of it. */
  leave() {
    clearTimeout(this.comparing)
  }

  /** @param {SentSettings} settings */
  compare(settings) {
    if (this.path !== location.pathname) {
      this.usual.clear()
      this.last.clear()
    }
    this.path = location.pathname
    const said = this.said()
    for (const [key, control] of controlsOf(settings)) {
      const value = valueOf(settings, control)
      if (!said.has(key)) this.usual.set(key, value)
      if (isOpen(control, settings)) this.last.set(key, value)
    }
    this.isKnown = true
    const asked = this.read(settings)
    this.isKnown = asked !== null && isSame(asked, settings)
  }

  /**
   * What is asked for, where these settings were sent; null where that can't be told.
   *
   * @param {SentSettings} sent
   * @returns {SentSettings | null}
   */
  read(sent) {
    if (!this.isKnown || this.path !== location.pathname) return null
    const said = this.said()
    /** @type {[SentValues, Value][]} */
    const values = []
    const controls = controlsOf(sent)
    for (const [key, control] of controls) {
      const value = valueIn(said.get(key), control) ?? this.whereNotSaid(key, control, sent)
      if (value === undefined) return null
      values.push([control, value])
    }
    const asked = settingsWith(sent, values)
    const unused = controls.filter(([, control]) => !isOpen(control, asked))
    return settingsWith(asked, unused.map(([key, control]) => [control, this.whereUnused(key, control, sent)]))
  }

  /**
   * What has no meaning is what it usually is, as far as that is known, wherever the address names it.
   *
   * @param {string} key
   * @param {SentValues} control
   * @param {SentSettings} sent
   */
  whereUnused(key, control, sent) {
    return this.usual.has(key) ? this.usual.get(key) : valueOf(sent, control)
  }

  /**
   * A hyperparameter leaves the address with its optimizer, and comes back with it as it was.
   *
   * @param {string} key
   * @param {SentValues} control
   * @param {SentSettings} sent
   */
  whereNotSaid(key, control, sent) {
    return !isOpen(control, sent) && this.last.has(key) ? this.last.get(key) : this.usual.get(key)
  }

  /** What the address says, by the keys of settings: on most pages they end with the page's name. */
  said() {
    const page = location.pathname.split("/").at(-1)
    const asked = new URLSearchParams(location.search)
    /** @type {Map<string, string[]>} */
    const said = new Map()
    for (const key of Object.keys(CONTROLS)) {
      const texts = asked.getAll(page ? `${key}_${page}` : key)
      if (texts.length > 0) said.set(key, texts)
    }
    return said
  }
}

/**
 * The controls of what is in these settings, by their keys.
 *
 * @param {SentSettings} settings
 */
function controlsOf(settings) {
  return Object.entries(CONTROLS).filter(([, { part, name }]) => name in settings[part])
}

/**
 * @param {string[] | undefined} texts several of a control that takes several, of which none is an empty one
 * @param {SentValues} control
 */
function valueIn(texts, control) {
  if (texts === undefined) return undefined
  try {
    if (control.kind !== "choices") return parsed(control, texts[0])
    return texts.filter((text) => text !== "").map((text) => String(parsed(control, text)))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
