// @ts-check
// Streamlit's component of what every page has, one without charts too: links, keys, what a finger wants, and
// how it is printed.

import "./links.js"
import { loadStyles } from "./elements.js"
import { listenForKeys } from "./keys.js"
import { listenForPrinter } from "./paper.js"

/** @import { SentLabels } from "./wire.js" */

/** @type {SentLabels} */
let shown = { title: "", labels: {} }

listenForKeys()
listenForPrinter(() => shown)
await Promise.all(["keys.css", "phone.css", "streamlit.css", "paper.css", "forced_colours.css"].map(loadStyles))

/** @param {{ data: [SentLabels] }} component */
export default function shell({ data: [labels] }) {
  shown = labels
}
