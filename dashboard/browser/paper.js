// @ts-check
// The page on paper: a handout in light colours, with what was set and the address. Charts are drawn anew for
// its width, since the pictures that they are have that of the screen.

import { element } from "./elements.js"
import { addressToShare } from "./shared_address.js"

/** @import { SentLabels } from "./wire.js" */

/** An event of the window: from now on the page is laid out for paper, or for the screen again. */
export const PRINTING = "minibatch-printing"

const ON_PAPER = "data-on-paper" // of the outermost element, as paper.css knows it

/** @type {Readonly<Record<string, string>>} */
const SAID = { true: "on", false: "off", "": "none" }

/**
 * Have the page be a handout whenever it is printed.
 *
 * @param {() => SentLabels} labelsOf the page that is shown
 */
export function listenForPrinter(labelsOf) {
  const paper = matchMedia("print")
  paper.addEventListener("change", () => layOut(paper.matches, labelsOf()))
  addEventListener("beforeprint", () => layOut(true, labelsOf()))
  addEventListener("afterprint", () => layOut(false, labelsOf()))
}

/**
 * @param {boolean} isOnPaper
 * @param {SentLabels} labels
 */
function layOut(isOnPaper, labels) {
  const root = document.documentElement
  if (root.hasAttribute(ON_PAPER) === isOnPaper) return
  root.toggleAttribute(ON_PAPER, isOnPaper)
  document.querySelector(".on-paper")?.remove()
  if (isOnPaper) document.body.prepend(headOf(labels))
  dispatchEvent(new Event(PRINTING))
}

/** @param {SentLabels} labels */
function headOf({ title, labels }) {
  const address = addressToShare(location.href)
  return element("header", { class: "on-paper" },
    element("p", {}, element("b", {}, `Minibatch: ${title}.`), ` ${settingsOf(location.search, labels)}`), element("p", {}, address))
}

/**
 * What the address says of the page's controls, in a sentence.
 *
 * @param {string} search
 * @param {Readonly<Record<string, string>>} labels by the keys that the address has
 */
export function settingsOf(search, labels) {
  const said = new URLSearchParams(search)
  const keys = [...new Set(said.keys())].filter((key) => Object.hasOwn(labels, key))
  if (keys.length === 0) return "All settings are those that the page opens with."
  const shown = keys.map((key) => `${labels[key]} = ${said.getAll(key).map((text) => SAID[text] ?? text).join(" + ")}`)
  return `Settings: ${shown.join(", ")}. All others are those that the page opens with.`
}
