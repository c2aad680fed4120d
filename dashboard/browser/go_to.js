// @ts-check
// Goes to another page, as if its link had been clicked; what the host page set stays set.

/** @import { GoTo } from "./wire.js" */

import { amend } from "./entries.js"
import { keepOfHost } from "./links.js"

/** @param {{ data: [GoTo] }} component */
export default function goTo({ data: [{ address: to, instead }] }) {
  const address = new URL(to, location.href)
  keepOfHost(address)
  if (instead) amend(address)
  else history.pushState(null, "", address)
  dispatchEvent(new PopStateEvent("popstate"))
}
