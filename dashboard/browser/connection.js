// @ts-check
// Watches the connection to the server: says what is wrong where it can't work, and has the page
// run anew when it is back. It runs in Streamlit's page itself, before and beside everything else.

import "./entries.js"
import { forgetPages } from "./links.js"

const PATIENCE = 7000 // milliseconds without what is needed before a word is said
const PAUSE = 250 // milliseconds between two looks
const ANSWER = 2500 // milliseconds in which a server that is there answers
const HEALTH = new URL("../../health", import.meta.url)
const STATE = "data-test-connection-state" // of Streamlit's outermost element, as is ...
const GIVEN_UP = "DISCONNECTED_FOREVER"
const WATCHED = Symbol.for("minibatch.watched")
const SELDOM = 60000 // milliseconds between two reloads that nobody asked for
const RUN = "data-test-script-state"
// Where a chart is to be and is not: our component's place, or the charts that wait for plotly.js.
const UNDRAWN = '[class*="st-key-live_"]:not(:has(.live-chart-plot, .live-chart-alert))'
const LOOK = {
  position: "fixed",
  inset: "auto 0 0 0",
  zIndex: 2147483647,
  margin: 0,
  padding: "0.9rem max(1rem, calc(50% - 32rem))",
  background: "#1f2933",
  color: "#ffffff",
  borderTop: "2px solid #f0b429",
  font: "16px/1.45 'Source Sans', system-ui, sans-serif",
}

const FILTERED = "On a slow network, wait a little. Else reload the page: if it stays so, a browser extension or a filter of the network blocks them."

let lostAt = performance.now()
/** @type {number | null} */
let askedAt = null // when something was done to which no run has answered
/** @type {number | null} */
let undrawnAt = null // when there was to be a chart that is not there
let wasConnected = false
let isConnected = false
let isAsking = false
let isAhead = false // whether what is seen is of a value that the server does not know
/** @type {EventTarget | null} */
let focused = null
/** @type {HTMLElement | null} */
let banner = null

// One watch is enough, also where a server that was started anew brings another version of this.
const page = /** @type {{ [WATCHED]?: boolean }} */ (window)
if (!page[WATCHED]) {
  page[WATCHED] = true
  watch()
  setInterval(look, PAUSE)
  // Streamlit disables what is focused when the connection is lost, and so takes the focus from it.
  addEventListener("focusin", ({ target }) => { focused = isConnected ? target : focused })
  for (const act of ["pointerup", "keyup"]) addEventListener(act, () => { askedAt ??= performance.now() })
}

/** @returns {HTMLElement | null} Streamlit's outermost element */
function findApp() {
  return document.querySelector(`[${STATE}]`)
}

function watch() {
  const app = findApp()
  if (app === null) {
    setTimeout(watch, PAUSE)
    return
  }
  new MutationObserver(() => follow(app)).observe(app, { attributeFilter: [STATE, RUN] })
  follow(app)
}

/** @param {HTMLElement} app */
function follow(app) {
  if (app.getAttribute(RUN) === "running") askedAt = null
  const state = app.getAttribute(STATE)
  if (state === GIVEN_UP && reloadOnce()) return
  const now = state === "CONNECTED"
  if (now === isConnected) return
  isConnected = now
  if (!now) {
    lostAt = performance.now()
    return
  }
  say(null)
  if (wasConnected) runAnew(app)
  wasConnected = true
}

// Streamlit gives up after a fault of its own, and does not try again. The address holds the page.
function reloadOnce() {
  const last = Number(sessionStorage.getItem(GIVEN_UP) ?? -Infinity)
  if (Date.now() - last < SELDOM) return false
  sessionStorage.setItem(GIVEN_UP, String(Date.now()))
  location.reload()
  return true
}

/**
 * A server that has forgotten this page knows none of its fragments, and would leave every control
 * without an answer. Streamlit answers a step through the history with a run of the whole script;
 * until that has ended no control is known either, and what is moved would be lost. A busy browser
 * may see the run's end without its beginning, and then no change of state: but each such run sets
 * the page's title, be it to what it was.
 *
 * @param {HTMLElement} app
 */
function runAnew(app) {
  forgetPages()
  const before = focused
  const isOver = () => !isConnected || app.getAttribute(RUN) === "notRunning"
  const release = () => {
    observer.disconnect()
    app.inert = false
    if (before instanceof HTMLElement) before.focus({ preventScroll: true })
  }
  const observer = new MutationObserver((changes) => {
    if (changes.some(({ target }) => target === app) && isOver()) release()
    else if (changes.some(({ target }) => target instanceof HTMLTitleElement)) {
      setTimeout(() => { if (app.inert && isOver()) release() }, PAUSE)
    }
  })
  observer.observe(app, { attributeFilter: [RUN, STATE] })
  observer.observe(document.head, { childList: true, subtree: true })
  app.inert = true
  dispatchEvent(new PopStateEvent("popstate", { state: history.state }))
}

async function look() {
  if (!isConnected) closeStreamlitsWord()
  const undrawn = document.querySelector(UNDRAWN) !== null
  undrawnAt = undrawn ? (undrawnAt ?? performance.now()) : null
  if (isAsking) return
  isAsking = true
  say(await diagnosis())
  isAsking = false
}

/** @param {number | null} since */
function isOverdue(since) {
  return since !== null && performance.now() - since > PATIENCE
}

// It knows less, and lies over the player, which needs no server.
function closeStreamlitsWord() {
  for (const dialog of document.querySelectorAll('[role="dialog"]')) {
    if (dialog.textContent.startsWith("Connection error")) dialog.querySelector("button")?.click()
  }
}

/**
 * What keeps the dashboard from working and what to do, or null.
 *
 * @returns {Promise<string | null>}
 */
async function diagnosis() {
  const unsaved = isAhead ? " The value that you moved last is not saved: move it again then." : ""
  const goesOn = wasConnected
    ? `What you see stays, and the player plays on. Every control works again as soon as the connection is back.${unsaved}`
    : "The dashboard opens as soon as there is a connection."
  if (!navigator.onLine) return `This device is offline: connect it to the network again. ${goesOn}`
  const isLost = !isConnected && isOverdue(lostAt)
  if (isLost || isOverdue(askedAt)) {
    if (await isAnswering()) askedAt = null
    else return `The server at ${location.host} does not answer. It may be starting again; if it takes longer than a few minutes, tell who runs it. ${goesOn}`
  }
  if (isConnected) {
    return isOverdue(undrawnAt) ? `The scripts of the charts have not loaded from ${location.host} yet. ${FILTERED}` : null
  }
  if (!isLost) return null
  const app = findApp()
  if (app === null) return `The scripts of the dashboard have not loaded from ${location.host} yet. ${FILTERED}`
  if (app.getAttribute(STATE) === GIVEN_UP) {
    return "The connection was given up after a fault. Reload the page: its address holds your settings."
  }
  return `The server answers, but the live connection to it, a WebSocket, is blocked. Try another network. Whoever runs this one, or the proxy before the server, must let WebSocket connections to ${location.host} through. ${goesOn}`
}

async function isAnswering() {
  try {
    const signal = AbortSignal.timeout(ANSWER)
    return (await fetch(HEALTH, { cache: "no-store", signal })).ok
  } catch (error) {
    if (error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError")) return false
    throw error
  }
}

/** @param {string | null} sentence */
function say(sentence) {
  if (sentence === null) {
    banner?.remove()
    banner = null
    return
  }
  if (banner === null) {
    banner = document.createElement("p")
    banner.setAttribute("role", "alert")
    banner.className = "connection-word"
    Object.assign(banner.style, LOOK)
    document.body.append(banner)
  }
  if (banner.textContent !== sentence) banner.textContent = sentence
}

/** @param {boolean} now */
export function tellAhead(now) {
  isAhead = now
}

/** Whether the page has its connection to the server. */
export function isConnectedNow() {
  return findApp()?.getAttribute(STATE) === "CONNECTED"
}
