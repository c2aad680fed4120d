// @ts-check
// Streamlit's component of a lesson that asks to foretell on a chart: a button that says it.

import { element, loadStyles } from "./elements.js"
import { FORETOLD, foretell, foretold } from "./foretold.js"

/** @import { SentForetold } from "./wire.js" */

const DIGITS = 3 // of each value, in the address

/**
 * @typedef {object} Component
 * @property {[SentForetold]} data
 * @property {HTMLElement} parentElement
 * @property {(name: "foretold", value: number[]) => void} setTriggerValue
 */

await loadStyles("foretold.css")

/** @type {WeakMap<HTMLElement, Component["setTriggerValue"]>} */
const triggers = new WeakMap() // Streamlit's latest

/** @param {Component} component */
export default function foretellOnChart({ data: [{ mark, drawn, label }], parentElement, setTriggerValue }) {
  triggers.set(parentElement, setTriggerValue)
  const isAsked = drawn.length === 0
  const before = foretold()
  if (!before || before.mark !== mark || !isAsked || !before.isAsked) foretell({ mark, drawn, isAsked })
  const button = element("button", { type: "button", class: "foretell" }, label)
  const show = () => { button.disabled = (foretold()?.drawn.length ?? 0) === 0 }
  button.addEventListener("click", () => {
    const values = foretold()?.drawn ?? []
    triggers.get(parentElement)?.("foretold", values.map((value) => Number(value.toPrecision(DIGITS))))
  })
  show()
  addEventListener(FORETOLD, show)
  parentElement.replaceChildren(...(isAsked ? [button] : []))
  return () => {
    removeEventListener(FORETOLD, show)
    if (!parentElement.isConnected) foretell(null)
  }
}
