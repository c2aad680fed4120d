// @ts-check
// The dashboard presented to a hall: what is loaded when it is asked for. It begins and ends here, with its keys.

import { loadStyles } from "./elements.js"
import { offer, withdraw } from "./keys.js"
import { enlargeAlone, isPresenting, largeFigure, setPresenting } from "./presenting.js"

/** @import { Key } from "./keys.js" */

const FIGURE = ".live-chart-grid figure"
const OPEN = '[data-testid="stExpandSidebarButton"]'
const CLOSE = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button'
const FRAMES = 20

/**
 * One for all instances of this module, of which each component of Streamlit loads its own: it is also whose the
 * keys are.
 *
 * @typedef {object} Presented
 * @property {AbortController} stop
 * @property {boolean} hasClosed whether the settings are closed for it
 * @property {string} last name of the chart that was alone last
 */

const SHARED = Symbol.for("minibatch.presenter")
const realm = /** @type {{ [SHARED]?: Presented }} */ (globalThis)
const shared = realm[SHARED] ??= { stop: new AbortController(), hasClosed: false, last: "" }

/**
 * Keys that press a button of the page, where there is one that can be pressed.
 *
 * @type {Key[]}
 */
const PRESSES = [
  { key: "1", name: "1", says: "The notebook's section 1", presses: ".st-key-preset_1 button" },
  { key: "2", name: "2", says: "Its section 2", presses: ".st-key-preset_2 button" },
  { key: "3", name: "3", says: "Its section 3", presses: ".st-key-preset_3 button" },
  { key: "m", name: "M", says: "More presets: choose with the arrows and Enter", presses: ".st-key-preset_more button", act: () => focusMenu() },
  { key: "-", name: "−", says: "A smaller batch size", presses: ".st-key-smaller_batch button:enabled" },
  { key: "+", name: "+", says: "A larger batch size", presses: ".st-key-larger_batch button:enabled" },
  { key: "n", name: "N", says: "The lesson's next step", presses: ".st-key-lesson_next button:enabled" },
  { key: "b", name: "B", says: "Its step before", presses: ".st-key-lesson_back button:enabled" },
  { key: "r", name: "R", says: "Show the answer", presses: ".st-key-lesson_reveal button" },
]

/**
 * Present, or present no longer.
 *
 * @param {boolean} isWanted
 * @param {boolean} isFirst whether the page opens so, with its settings closed
 */
export async function present(isWanted, isFirst) {
  if (isWanted) await loadStyles("presenting.css")
  if (isWanted === isPresenting()) return
  if (isWanted) begin(isFirst)
  else end()
}

/** @param {boolean} isFirst */
function begin(isFirst) {
  const button = document.querySelector(CLOSE)
  shared.stop = new AbortController()
  shared.hasClosed = isFirst || button !== null
  press(button)
  addEventListener("resize", () => setPresenting(true), { signal: shared.stop.signal })
  setPresenting(true)
  offer(shared, keys())
}

function end() {
  shared.stop.abort()
  setPresenting(false)
  showAlone(null)
  withdraw(shared)
  if (shared.hasClosed) press(document.querySelector(OPEN))
}

/** @returns {Key[]} */
function keys() {
  if (largeFigure()) {
    return [
      ...PRESSES,
      { key: "f", name: "F", says: "All charts again", act: () => showAlone(null) },
      { key: "Escape", name: "Esc", says: "The same", act: () => showAlone(null) },
      { key: "c", name: "C", says: "The next chart alone", act: showNext },
    ]
  }
  const says = "One chart alone: that under the pointer, or the one before"
  return [...PRESSES, { key: "f", name: "F", says, presses: FIGURE, act: () => showAlone(chosen()) }]
}

/** @returns {Element[]} */
function figures() {
  return [...document.querySelectorAll(FIGURE)]
}

/** The figure under the pointer, or the one that was alone last, or the first. */
function chosen() {
  const all = figures()
  return document.querySelector(`${FIGURE}:hover`) ?? all.find((figure) => nameOf(figure) === shared.last) ?? all[0] ?? null
}

function showNext() {
  const all = figures()
  const at = all.findIndex((figure) => figure === largeFigure())
  showAlone(all[(at + 1) % all.length])
}

/** @param {Element | null} figure or all of them */
function showAlone(figure) {
  if (figure) shared.last = nameOf(figure)
  enlargeAlone(figure)
  if (isPresenting()) offer(shared, keys())
}

/** @param {Element} figure */
function nameOf(figure) {
  return figure.querySelector("[data-chart]")?.getAttribute("data-chart") ?? ""
}

/**
 * Streamlit leaves the focus where it is, at times, when a menu is opened by a press that no pointer makes.
 *
 * @param {number} [frames] in which the menu may come
 */
function focusMenu(frames = FRAMES) {
  const menu = document.querySelector("[role=menu]")
  if (menu instanceof HTMLElement && !menu.contains(document.activeElement)) menu.focus()
  if (frames > 0) requestAnimationFrame(() => focusMenu(frames - 1))
}

/** @param {Element | null} button */
function press(button) {
  if (button instanceof HTMLElement) button.click()
}
