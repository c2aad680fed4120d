// @ts-check
// What a page to take away keeps in its own address, behind the #, and where the dashboard has the same.

import { isOpen, parsed, spelled, valueOf } from "./page_values.js"
import { settingsWith } from "./plan.js"

/** @import { SentControl, SentPage, SentSettings, Value } from "./wire.js" */

const PAUSE = 300 // milliseconds without a change; browsers refuse an address that changes all the time
const STEP = "step"

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
    /** @type {string | null} */
    this.step = null
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
    this.step = said.get(STEP)
    return { settings: settingsWith(this.first, values), problems }
  }

  /** @param {SentSettings} settings */
  keepSettings(settings) {
    this.settings = settings
    this.keep()
  }

  /** @param {string | null} step */
  keepStep(step) {
    this.step = step
    this.keep()
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
   * Each value that is another than what is meant where nothing is said, and the step.
   *
   * @param {(control: SentControl) => Value} unsaid
   */
  saying(unsaid) {
    const said = new URLSearchParams()
    for (const control of this.controls) {
      const value = valueOf(this.settings, control)
      if (value !== unsaid(control) && isOpen(control, this.settings)) said.set(control.key, spelled(control, value))
    }
    if (this.step !== null) said.set(STEP, this.step)
    return said
  }
}
