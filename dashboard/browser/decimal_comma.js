// @ts-check
// A decimal comma in a box for decimal numbers is a point: browsers drop it, and 0,5 would become 5.
// Boxes for whole numbers are left alone, where a comma stands between thousands.

const WITH_COMMA = /^\s*([+-]?)([\d.]*),(\d+(?:e[+-]?\d+)?)\s*$/i

document.addEventListener("beforeinput", typed, { capture: true })
document.addEventListener("paste", pasted, { capture: true })

/** @param {InputEvent} event */
function typed(event) {
  if (event.data === "," && isForDecimals(event.target)) insert(event, ".")
}

/** @param {ClipboardEvent} event */
function pasted(event) {
  const [, sign, whole, decimals] = WITH_COMMA.exec(event.clipboardData?.getData("text") ?? "") ?? []
  if (decimals === undefined || !isForDecimals(event.target)) return
  insert(event, `${sign}${whole.replaceAll(".", "")}.${decimals}`) // 1.234,5 is 1234.5
}

/** @param {EventTarget | null} target */
function isForDecimals(target) {
  return target instanceof HTMLInputElement && target.type === "number" && !Number.isInteger(Number(target.step))
}

/**
 * As if it had been typed: what is selected goes, and it can be undone.
 *
 * @param {Event} event
 * @param {string} text
 */
function insert(event, text) {
  if (event.defaultPrevented) return
  event.preventDefault()
  document.execCommand("insertText", false, text)
}
