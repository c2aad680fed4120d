// @ts-check
// Keys that work wherever the focus is, but in a field or on a control with keys of its own, and the sheet
// that lists them.

import { element } from "./elements.js"

/**
 * A key, as its event calls it, and what it does.
 *
 * @typedef {object} Key
 * @property {string} key
 * @property {string} name how the sheet calls it
 * @property {string} says
 * @property {string} [presses] a button of the page, without which it does nothing
 * @property {() => void} [act] what it does else
 */

const SHEET = "keys-sheet"
const SIDEBAR = '[data-testid="stSidebarCollapseButton"] button, [data-testid="stExpandSidebarButton"]'
const OWN_KEYS = [
  "a[href], button, input, select, textarea, summary, iframe, dialog, [contenteditable=true]",
  "[role=button], [role=slider], [role=tab], [role=option], [role=menuitem], [role=combobox], [role=dialog]",
].join(", ")
const WITHOUT_LETTERS = "a[href], button, summary" // these have no use for keys that write one

/**
 * One for all instances of this module: each component of Streamlit loads its own, and a server that was started
 * anew may bring another version.
 *
 * @typedef {object} Shared
 * @property {Map<object, Key[]>} offered keys, by whose they are
 * @property {(event: KeyboardEvent) => void} listener
 */

const SHARED = Symbol.for("minibatch.keys")
const realm = /** @type {{ [SHARED]?: Shared }} */ (globalThis)
const shared = realm[SHARED] ??= { offered: new Map(), listener: pressed }

/**
 * Have keys work, until they are withdrawn.
 *
 * @param {object} owner
 * @param {Key[]} keys
 */
export function offer(owner, keys) {
  listenForKeys()
  shared.offered.set(owner, keys)
}

/** @param {object} owner */
export function withdraw(owner) {
  shared.offered.delete(owner)
}

/** The sheet of keys, over all else: Escape or its button closes it. */
export function showSheet() {
  if (document.querySelector(`.${SHEET}`)) return
  const rows = present().map(({ name, says }) => element("div", {}, element("dt", {}, element("kbd", {}, name)), element("dd", {}, says)))
  const close = element("button", { type: "button" }, "Close")
  const words = "They work on the whole page, but not while you type or while a control needs them."
  const [title, text] = [element("h2", { id: SHEET }, "Keys"), element("p", {}, words)]
  const sheet = element("dialog", { class: SHEET, "aria-labelledby": SHEET }, title, text, element("dl", {}, ...rows), close)
  const page = getComputedStyle(document.querySelector(".stApp") ?? document.body)
  Object.assign(sheet.style, { color: page.color, background: page.backgroundColor, fontFamily: page.fontFamily })
  close.addEventListener("click", () => sheet.close())
  sheet.addEventListener("click", ({ target }) => target === sheet && sheet.close()) // beside it
  sheet.addEventListener("close", () => sheet.remove())
  document.body.append(sheet)
  sheet.showModal()
}

/** All keys that do something now: last those of the page itself. */
function present() {
  const { documentElement: page } = document
  const others = [...shared.offered].filter(([owner]) => owner !== page).flatMap(([, keys]) => keys)
  const all = [...others, OF_SIDEBAR, ...(shared.offered.get(page) ?? []), OF_SHEET]
  return all.filter(({ presses }) => !presses || document.querySelector(presses))
}

/**
 * Streamlit has one of two buttons for it.
 *
 * @type {Key}
 */
const OF_SIDEBAR = { key: "s", name: "S", says: "Close the settings, or open them", presses: SIDEBAR }

/** @type {Key} */
const OF_SHEET = { key: "?", name: "?", says: "Show these keys", act: showSheet }

/** @param {Key} key */
function obey({ presses, act }) {
  const button = presses && document.querySelector(presses)
  if (button instanceof HTMLElement) button.click()
  act?.()
}

/**
 * Whether what has the focus has a use of its own for a key.
 *
 * @param {Element} target
 * @param {string} key
 */
function isOwn(target, key) {
  const owner = target.closest(OWN_KEYS)
  if (!owner?.checkVisibility()) return false // it is gone, and lost the focus late
  return key === " " || key.length > 1 || !owner.matches(WITHOUT_LETTERS)
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const { key, target } = event
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (target instanceof Element && isOwn(target, key)) return
  if (document.querySelector("dialog[open], [role=dialog]")) return
  const found = present().find((each) => each.key === (key.length === 1 ? key.toLowerCase() : key))
  if (!found) return
  event.preventDefault()
  obey(found)
}

/** Once a page, whatever it loads. */
export function listenForKeys() {
  document.removeEventListener("keydown", shared.listener)
  shared.listener = pressed
  document.addEventListener("keydown", shared.listener)
}
