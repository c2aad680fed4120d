// @ts-check
// Texts on the page that live_words.py sends, and that are written anew when a run is shown.

import { element } from "./elements.js"
import { withTerms } from "./terms.js"

/** @import { Words } from "./wire.js" */

/** @type {Map<HTMLElement, HTMLElement>} */
const places = new Map() // by the element of their component: one, or none

/**
 * @param {HTMLElement} parent
 * @param {Words} words
 */
export function writeIn(parent, { text, terms }) {
  const place = places.get(parent) ?? element("p", { class: "live-words" })
  places.set(parent, place)
  if (place.parentElement !== parent) parent.append(place)
  place.replaceChildren(...withTerms(text, terms))
}

/** @param {HTMLElement} parent */
export function isWritten(parent) {
  return places.has(parent)
}

/** @param {Words} words */
export function writeAnew(words) {
  for (const parent of places.keys()) writeIn(parent, words)
}

/** @param {HTMLElement} parent */
export function removePlace(parent) {
  places.get(parent)?.remove()
  places.delete(parent)
}
