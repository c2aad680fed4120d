// @ts-check
// Moves the browser to a page's address as soon as its link is clicked. Streamlit moves it when the
// page's run has begun, and takes the settings of the page that was left out of whatever address it
// finds when that run ends: with a browser that had not moved yet, its back button would lose them.

const ROOT = new URL("../../../", import.meta.url)
const LINKS = new Set(["stTopNavLink", "stTopNavDropdownLink", "stSidebarNavLink", "stPageLink-NavLink"])
const OF_THE_HOST = ["embed", "embed_options"]

/**
 * What the address of each page said when it was left: the server brings those settings back.
 *
 * @type {Map<string, string>}
 */
const left = new Map()

/** For a server that has forgotten them too. */
export function forgetPages() {
  left.clear()
}

/** @param {URL} address keeps what the page around a frame has set */
export function keepOfHost(address) {
  const here = new URL(location.href).searchParams
  for (const name of OF_THE_HOST) {
    for (const value of here.getAll(name)) address.searchParams.append(name, value)
  }
}

// Streamlit has answered the click where it keeps the browser from following the link itself.
addEventListener("click", (event) => {
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement)
  if (!event.defaultPrevented || link === undefined || !LINKS.has(link.dataset.testid ?? "")) return
  const name = new URL(link.href).pathname.split("/").at(-1) ?? ""
  const address = new URL(name, ROOT)
  if (address.pathname === location.pathname) return
  left.set(location.pathname, location.search)
  const search = left.get(address.pathname)
  if (search === undefined) keepOfHost(address)
  else address.search = search
  history.pushState(null, "", address)
})
