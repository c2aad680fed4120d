// @ts-check
// Streamlit's component of what every page has, one without charts too: keys, and what a finger wants.

import { loadStyles } from "./elements.js"
import { listenForKeys } from "./keys.js"

listenForKeys()
await Promise.all(["keys.css", "phone.css", "streamlit.css"].map(loadStyles))

/** There is nothing to show. */
export default function shell() {}
