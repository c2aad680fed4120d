// @ts-check
// The player's step in the query of the dashboard's address.

import { amend } from "./entries.js"

// Not in every browser, and not in every version of TypeScript's own list.
const { navigation } = /** @type {{ navigation?: EventTarget }} */ (window)

export class StepInQuery {
  constructor() {
    this.path = location.pathname
    this.stop = new AbortController()
  }

  read() {
    return new URL(location.href).searchParams.get("step")
  }

  /** @param {string | null} step null for the end */
  write(step) {
    if (location.pathname !== this.path) return
    const address = new URL(location.href)
    if (step === null) address.searchParams.delete("step")
    else address.searchParams.set("step", step)
    if (address.href !== location.href) amend(address)
  }

  /**
   * Streamlit, which knows the step of the first address only, brings that back with each setting.
   *
   * @param {() => void} keep writes it anew
   */
  onLoss(keep) {
    navigation?.addEventListener("currententrychange", keep, { signal: this.stop.signal })
  }

  remove() {
    this.stop.abort()
  }
}
