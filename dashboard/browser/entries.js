// @ts-check
// One act, one entry of the history. Streamlit adds an entry for each setting that a run writes into the
// address, and none for a value that is chosen or typed: Back would lead through mixtures of two runs, or
// past what was done last.

/** An event of the window: what was chosen or typed stands in the address. */
export const SAID = "minibatch-said"

/** Another: the present entry says something else, or is another. A step through the history is a popstate. */
export const ENTERED = "minibatch-entered"

const MERGED = Symbol.for("minibatch.entries")
const ACTS = "minibatchActs" // in an entry's state: how many entries of its page are right before it
const { pushState, replaceState } = History.prototype

let hasAdded = true // since the last act; what a page writes when it opens is no act

// One is enough, also where a server that was started anew brings another version of this.
const page = /** @type {{ [MERGED]?: boolean }} */ (window)
if (!page[MERGED]) {
  page[MERGED] = true
  history.pushState = (state, unused, url) => {
    write(isOfThisPage(url) && hasAdded ? replaceState : pushState, state, url)
  }
  history.replaceState = (state, unused, url) => write(hasAdded ? replaceState : pushState, state, url)
  for (const act of ["pointerdown", "keydown", "click"]) {
    addEventListener(act, () => { hasAdded = false }, true)
  }
  addEventListener("popstate", () => { hasAdded = true }, true)
}

/** @param {string | URL | null | undefined} url */
function isOfThisPage(url) {
  return new URL(url ?? "", location.href).pathname === location.pathname
}

/**
 * @param {History["pushState"]} how
 * @param {unknown} state
 * @param {string | URL | null | undefined} url
 */
function write(how, state, url) {
  const isOfAnAct = !hasAdded
  enter(how, state, url)
  hasAdded = true
  if (isOfAnAct) dispatchEvent(new Event(SAID))
}

/**
 * @param {History["pushState"]} how
 * @param {unknown} state
 * @param {string | URL | null | undefined} url
 */
function enter(how, state, url) {
  const acts = isOfThisPage(url) ? actsBefore() + (how === pushState ? 1 : 0) : 0
  how.call(history, { .../** @type {object | null} */ (state), [ACTS]: acts }, "", url)
  dispatchEvent(new Event(ENTERED))
}

/** How many steps back through the history stay on this page. */
export function actsBefore() {
  return Number(history.state?.[ACTS] ?? 0)
}

/**
 * Another address in the entry that there is: what it adds is not an act.
 *
 * @param {string | URL} url
 */
export function amend(url) {
  enter(replaceState, history.state, url)
}
