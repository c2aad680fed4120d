// @ts-check
// What of the browser's address is shared, and as what: for a window of its own, for a frame.

import { OF_THE_HOST } from "./host.js"

/**
 * The address without what the page around a frame has set.
 *
 * @param {string} here
 */
export function addressToShare(here) {
  const address = new URL(here)
  for (const name of OF_THE_HOST) address.searchParams.delete(name)
  return address.href
}

/**
 * The HTML of a frame that shows it.
 *
 * @param {string} shared
 */
export function frameOf(shared) {
  const address = new URL(shared)
  const said = address.search.slice(1)
  address.search = said ? `embed=true&${said}` : "embed=true"
  return `<iframe
  src="${address.href}"
  title="Minibatch"
  width="100%"
  height="900"
  allow="clipboard-write; fullscreen"
  style="border: 0"
></iframe>`
}
