// @ts-check
// Moves the browser to a page's address as soon as its link is clicked. Streamlit moves it when the
// page's run has begun, and takes the settings of the page that was left out of whatever address it
// finds when that run ends: with a browser that had not moved yet, its back button would lose them.

import { ENTERED } from "./entries.js"
import { OF_THE_HOST } from "./host.js"

const ROOT = new URL("../../../", import.meta.url)
const LINKS = new Set(["stTopNavLink", "stTopNavDropdownLink", "stSidebarNavLink", "stPageLink-NavLink"])
const KEPT = "minibatch.page:" // and the path of a page, in the storage of the tab

/**
 * What the address of each page said when it was left: the server brings those settings back. One for all
 * instances of this module, of which each component of Streamlit loads its own.
 */
const LEFT = Symbol.for("minibatch.left")
const realm = /** @type {{ [LEFT]?: Map<string, string> }} */ (globalThis)
const isFirst = !realm[LEFT]
const left = realm[LEFT] ??= new Map()

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

if (isFirst) {
  keep()
  for (const event of [ENTERED, "popstate"]) addEventListener(event, keep)
  addEventListener("click", goAsItWas, true)
  addEventListener("click", follow)
}

// Of a tab that is reloaded, and of a server that was started anew, this is all that is left. A frame may be
// denied the storage.
function keep() {
  try {
    sessionStorage.setItem(KEPT + location.pathname, location.search)
  } catch {
    left.set(location.pathname, location.search)
  }
}

/** @param {string} path */
function keptOf(path) {
  try {
    return sessionStorage.getItem(KEPT + path) ?? ""
  } catch {
    return ""
  }
}

/**
 * The page that a click leads to, or null.
 *
 * @param {MouseEvent} event
 */
function pageOf(event) {
  const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement)
  if (link === undefined || !LINKS.has(link.dataset.testid ?? "")) return null
  const address = new URL(new URL(link.href).pathname.split("/").at(-1) ?? "", ROOT)
  return address.pathname === location.pathname ? null : address
}

/**
 * A page that the server does not know any more as it was left: as a step through the history opens it.
 *
 * @param {MouseEvent} event
 */
function goAsItWas(event) {
  const address = pageOf(event)
  if (address === null || left.has(address.pathname) || !keptOf(address.pathname)) return
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  event.stopPropagation()
  event.target?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true })) // the menu that it is in
  left.set(location.pathname, location.search)
  address.search = keptOf(address.pathname)
  history.pushState(null, "", address)
  dispatchEvent(new PopStateEvent("popstate"))
}

/**
 * Streamlit has answered the click where it keeps the browser from following the link itself.
 *
 * @param {MouseEvent} event
 */
function follow(event) {
  const address = pageOf(event)
  if (!event.defaultPrevented || address === null) return
  left.set(location.pathname, location.search)
  const search = left.get(address.pathname)
  if (search === undefined) keepOfHost(address)
  else address.search = search
  history.pushState(null, "", address)
}
