// @ts-check
// Goes to another page, as if its link had been clicked; what the host page set stays set.

const OF_THE_HOST = ["embed", "embed_options"]

/** @param {{ data: { address: string, instead: boolean } }} component */
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
