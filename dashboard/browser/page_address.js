// @ts-check
// What a page to take away keeps in its own address, behind the #, and where the dashboard has the same.

import { isOpen, parsed, spelled, valueOf } from "./page_values.js"
import { settingsWith } from "./plan.js"

/** @import { Kept } from "./player.js" */
/** @import { SentControl, SentPage, SentSettings, Value } from "./wire.js" */

const PAUSE = 300 // milliseconds without a change; browsers refuse an address that changes all the time
const OF_PLAYER = /** @type {Kept[]} */ (["step", "future"])

export class PageAddress {
  /**
   * @param {SentPage} sent
   * @param {SentSettings} first the settings that the page came with
   * @param {(dashboard: string) => void} tell where the dashboard has what is shown
   */
  constructor({ dashboard, others, above, more }, first, tell) {
    this.dashboard = dashboard
    this.others = others
    this.controls = [...above, ...more].flat()
    this.first = first
    this.settings = first
    this.tell = tell
    /** @type {Map<Kept, string>} */
    this.kept = new Map() // what the player keeps
    /** @type {number | undefined} */
    this.writing = undefined
  }

  /**
   * The settings that the address asks for, those that the page came with unless it says otherwise, and a
   * sentence for each that can't be.
   */
  read() {
    const said = new URLSearchParams(location.hash.slice(1))
    /** @type {string[]} */
    const problems = []
    /** @type {[SentControl, Value][]} */
    const values = []
    for (const control of this.controls) {
      const text = said.get(control.key)
      if (text === null) continue
      try {
        values.push([control, parsed(control, text)])
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        problems.push(`Ignored in the address: ${error.message}`)
      }
    }
    this.kept.clear()
    for (const name of OF_PLAYER) this.keepText(name, said.get(name))
    return { settings: settingsWith(this.first, values), problems }
  }

  /** @param {SentSettings} settings */
  keepSettings(settings) {
    this.settings = settings
    this.keep()
  }

  /**
   * @param {Kept} name
   * @param {string | null} text
   */
  keepOfPlayer(name, text) {
    this.keepText(name, text)
    this.keep()
  }

  /**
   * @param {Kept} name
   * @param {string | null} text
   */
  keepText(name, text) {
    if (text === null) this.kept.delete(name)
    else this.kept.set(name, text)
  }

  keep() {
    this.tell(this.inDashboard())
    clearTimeout(this.writing)
    this.writing = setTimeout(() => this.write(), PAUSE)
  }

  write() {
    const address = new URL(location.href)
    address.hash = String(this.saying((control) => valueOf(this.first, control)))
    if (address.href !== location.href) history.replaceState(null, "", address)
  }

  inDashboard() {
    const address = new URL(this.dashboard)
    const said = this.saying(({ default: value }) => value)
    for (const [key, text] of this.others) said.append(key, text)
    address.search = String(said)
    return address.href
  }

  /**
   * Each value that is another than what is meant where nothing is said, and what the player keeps.
   *
   * @param {(control: SentControl) => Value} unsaid
   */
  saying(unsaid) {
    const said = new URLSearchParams()
    for (const control of this.controls) {
      const value = valueOf(this.settings, control)
      if (value !== unsaid(control) && isOpen(control, this.settings)) said.set(control.key, spelled(control, value))
    }
    for (const [name, text] of this.kept) said.set(name, text)
    return said
  }
}
