// @ts-check
// The player's step, and whether what comes after it is hidden, in the query of the dashboard's address.

import { amend } from "./entries.js"

/** @import { Kept } from "./player.js" */

/** @type {ReadonlySet<string>} */
const OWN = new Set(["step", "future", "hide", "present", "embed", "embed_options"]) // and others that are no settings

// Not in every browser, and not in every version of TypeScript's own list.
const { navigation } = /** @type {{ navigation?: EventTarget }} */ (window)

export class StepInQuery {
  constructor() {
    this.path = location.pathname
    this.stop = new AbortController()
  }

  /**
   * The first that is seen of the dashboard is a run on its way. Whoever asks for settings wants to see what
   * comes of them.
   *
   * @returns {"middle" | "end"}
   */
  get unsaid() {
    const { pathname, searchParams } = new URL(location.href)
    return pathname.endsWith("/") && [...searchParams.keys()].every((key) => OWN.has(key)) ? "middle" : "end"
  }

  /** @param {Kept} name */
  read(name) {
    return new URL(location.href).searchParams.get(name)
  }

  /**
   * @param {Kept} name
   * @param {string | null} text
   */
  write(name, text) {
    if (location.pathname !== this.path) return
    const address = new URL(location.href)
    if (text === null) address.searchParams.delete(name)
    else address.searchParams.set(name, text)
    if (address.href !== location.href) amend(address)
  }

  /**
   * Streamlit, which knows those of the first address only, brings them back with each setting.
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
