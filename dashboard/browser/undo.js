// @ts-check
// Streamlit's component of the button that undoes what was done last on this page: the browser's Back, as
// long as that stays on the page.

import { element, loadStyles } from "./elements.js"
import { ENTERED, actsBefore } from "./entries.js"

/** @type {WeakMap<HTMLElement, AbortController>} */
const shown = new WeakMap()

await loadStyles("undo.css")

/** @param {{ parentElement: HTMLElement }} component */
export default function undo({ parentElement }) {
  if (!shown.has(parentElement)) shown.set(parentElement, showIn(parentElement))
  return () => { if (!parentElement.isConnected) shown.get(parentElement)?.abort() }
}

/** @param {HTMLElement} parent */
function showIn(parent) {
  const stop = new AbortController()
  const button = element("button", { type: "button", class: "undo" }, "Undo")
  const read = () => {
    const canUndo = actsBefore() > 0
    button.setAttribute("aria-disabled", String(!canUndo)) // disabled in earnest it would lose the focus
    button.title = canUndo ? "Undo what you did last on this page" : "There is nothing to undo on this page"
  }
  button.addEventListener("click", () => { if (actsBefore() > 0) history.back() })
  for (const event of [ENTERED, "popstate"]) addEventListener(event, read, { signal: stop.signal })
  parent.append(button)
  read()
  return stop
}
