// @ts-check
// Streamlit's component of what every page has, one without charts too: links, keys, what a finger wants, and
// how it is printed.

import "./links.js"
import { loadStyles } from "./elements.js"
import { listenForKeys, offer } from "./keys.js"
import { listenForPrinter } from "./paper.js"
import { isPresenting, present, presentAsAsked, PRESENTING } from "./presenting.js"
import { keepSheetOpen } from "./sheet.js"

/** @import { SentLabels } from "./wire.js" */

/**
 * What Streamlit hands to a component.
 *
 * @typedef {object} Component
 * @property {[SentLabels]} data
 * @property {(name: "presented", value: { is: boolean }) => void} setTriggerValue
 */

/** @type {SentLabels} */
let shown = { title: "", labels: {} }

/** @type {Component["setTriggerValue"]} */
let tell = () => {} // Streamlit's latest

listenForKeys()
listenForPrinter(() => shown)
keepSheetOpen()
await Promise.all(["keys.css", "phone.css", "streamlit.css", "paper.css", "forced_colours.css"].map(loadStyles))

await presentAsAsked()
addEventListener(PRESENTING, offerPresenting)

/** @param {Component} component */
export default function shell({ data: [labels], setTriggerValue }) {
  tell = setTriggerValue
  offerPresenting()
  if (labels.presents !== shown.presents) present(Boolean(labels.presents))
  shown = labels
}

function offerPresenting() {
  const says = isPresenting() ? "Present no longer" : "Present: larger, for a hall"
  offer(document.documentElement, [{ key: "p", name: "P", says, act: togglePresenting }])
}

function togglePresenting() {
  const is = !isPresenting()
  present(is)
  tell("presented", { is })
}
