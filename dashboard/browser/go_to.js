// @ts-check
// Goes to another page, as if its link had been clicked; what the host page set stays set.

/** @import { GoTo } from "./wire.js" */

const OF_THE_HOST = ["embed", "embed_options"]

/** @param {{ data: GoTo }} component */
export default function goTo({ data }) {
  const address = new URL(data.address, location.href)
  const here = new URL(location.href).searchParams
  for (const name of OF_THE_HOST) {
    for (const value of here.getAll(name)) address.searchParams.append(name, value)
  }
  if (data.instead) history.replaceState(null, "", address)
  else history.pushState(null, "", address)
  dispatchEvent(new PopStateEvent("popstate"))
}
