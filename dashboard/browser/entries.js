// @ts-check
// One act, one entry of the history. Streamlit adds an entry for each setting that a run writes into the
// address, and none for a value that is chosen or typed: Back would lead through mixtures of two runs, or
// past what was done last.

/** An event of the window: what was chosen or typed stands in the address. */
export const SAID = "minibatch-said"

const MERGED = Symbol.for("minibatch.entries")
const { pushState, replaceState } = History.prototype

let hasAdded = true // since the last act; what a page writes when it opens is no act

// One is enough, also where a server that was started anew brings another version of this.
const page = /** @type {{ [MERGED]?: boolean }} */ (window)
if (!page[MERGED]) {
  page[MERGED] = true
  history.pushState = (state, unused, url) => {
    const isOfThisPage = new URL(url ?? "", location.href).pathname === location.pathname
    write(isOfThisPage && hasAdded ? replaceState : pushState, state, url)
  }
  history.replaceState = (state, unused, url) => write(hasAdded ? replaceState : pushState, state, url)
  for (const act of ["pointerdown", "keydown", "click"]) {
    addEventListener(act, () => { hasAdded = false }, true)
  }
  addEventListener("popstate", () => { hasAdded = true }, true)
}

/**
 * @param {History["pushState"]} how
 * @param {unknown} state
 * @param {string | URL | null | undefined} url
 */
function write(how, state, url) {
  const isOfAnAct = !hasAdded
  how.call(history, state, "", url)
  hasAdded = true
  if (isOfAnAct) dispatchEvent(new Event(SAID))
}

/**
 * Another address in the entry that there is: what it adds is not an act.
 *
 * @param {string | URL} url
 */
export function amend(url) {
  replaceState.call(history, history.state, "", url)
}
