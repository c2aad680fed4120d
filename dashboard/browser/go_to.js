// @ts-check
// Goes to another page, as if its link had been clicked; what the host page set stays set.

/** @import { GoTo } from "./wire.js" */

import { amend } from "./entries.js"
import { keepOfHost } from "./links.js"

/** @param {{ data: GoTo }} component */
export default function goTo({ data }) {
  const address = new URL(data.address, location.href)
  keepOfHost(address)
  if (data.instead) amend(address)
  else history.pushState(null, "", address)
  dispatchEvent(new PopStateEvent("popstate"))
}
