// @ts-check
// Numbers as people type and paste them. In a box for decimal numbers a comma is a point: browsers drop
// it, and 0,5 would become 5. In a box for whole numbers a comma or a point stands between thousands, and
// in 12,7 it can't: browsers would make it 127, and Streamlit 12.

import { element } from "./elements.js"
import { numberIn } from "./page_values.js"

const WITH_COMMA = /^\s*([+-]?)([\d.]*),(\d+(?:e[+-]?\d+)?)\s*$/i
const [GAP, MARGIN] = [4, 8] // pixels between a box and the word on it, and between that and the edge of the window

/**
 * What has been typed into a box for whole numbers since it was entered or taken.
 *
 * @typedef {object} Typed
 * @property {string} before its value then
 * @property {string} now
 * @property {{ after: string, letter: string }[]} marks commas and points, each after some digits
 */

/** @type {WeakMap<HTMLInputElement, Typed>} */
const typedIn = new WeakMap()

document.addEventListener("beforeinput", typed, { capture: true })
document.addEventListener("paste", pasted, { capture: true })
document.addEventListener("focusin", ({ target }) => isForWholes(target) && begin(target), { capture: true })
document.addEventListener("input", ({ target }) => isForWholes(target) && follow(target), { capture: true })
document.addEventListener("focusout", ({ target }) => isForWholes(target) && take(target), { capture: true })
document.addEventListener("keydown", ({ key, target }) => key === "Enter" && isForWholes(target) && take(target), {
  capture: true,
})

/** @param {InputEvent} event */
function typed(event) {
  const { data, target } = event
  if (data === "," && isForDecimals(target)) insert(event, ".")
  if ((data === "," || data === ".") && isForWholes(target)) mark(event, target, data)
}

/** @param {ClipboardEvent} event */
function pasted(event) {
  const text = event.clipboardData?.getData("text").trim() ?? ""
  if (isForWholes(event.target) && /[.,]/.test(text)) {
    const whole = numberIn(text, true)
    if (Number.isInteger(whole)) insert(event, String(whole))
    else refuse(event, event.target, text)
    return
  }
  const [, sign, whole, decimals] = WITH_COMMA.exec(text) ?? []
  if (decimals === undefined || !isForDecimals(event.target)) return
  insert(event, `${sign}${whole.replaceAll(".", "")}.${decimals}`) // 1.234,5 is 1234.5
}

/**
 * @param {EventTarget | null} target
 * @returns {target is HTMLInputElement}
 */
function isForDecimals(target) {
  return isForNumbers(target) && !Number.isInteger(Number(target.step))
}

/**
 * @param {EventTarget | null} target
 * @returns {target is HTMLInputElement}
 */
function isForWholes(target) {
  return isForNumbers(target) && Number.isInteger(Number(target.step))
}

/**
 * @param {EventTarget | null} target
 * @returns {target is HTMLInputElement}
 */
function isForNumbers(target) {
  return target instanceof HTMLInputElement && target.type === "number"
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

// ---- whole numbers

/** @param {HTMLInputElement} box */
function begin(box) {
  typedIn.set(box, { before: box.value, now: box.value, marks: [] })
}

/**
 * Where digits were taken away or written over, nobody sees any more where a comma was.
 *
 * @param {HTMLInputElement} box
 */
function follow(box) {
  const { value } = box
  const { before, now, marks } = typedIn.get(box) ?? { before: value, now: value, marks: [] }
  typedIn.set(box, { before, now: value, marks: value.startsWith(now) ? marks : [] })
}

/**
 * A comma or a point is not shown, since a box can't hold two; what it was is seen by the digits after it.
 *
 * @param {Event} event
 * @param {HTMLInputElement} box
 * @param {string} letter
 */
function mark(event, box, letter) {
  event.preventDefault()
  if (!typedIn.has(box)) begin(box)
  typedIn.get(box)?.marks.push({ after: box.value, letter })
}

/**
 * When a number is taken, before Streamlit hears of it: what is no whole number gives way to the one
 * before.
 *
 * @param {HTMLInputElement} box
 */
function take(box) {
  const { before, marks } = typedIn.get(box) ?? { before: box.value, marks: [] }
  const said = withMarks(box.value, marks)
  const whole = numberIn(said, true)
  if (said !== "" && !Number.isInteger(whole)) {
    write(box, before)
    say(box, said)
  } else if (said !== box.value || /e/i.test(said)) write(box, String(whole))
  begin(box)
}

/**
 * A number with its commas and points, as far as they still stand in it.
 *
 * @param {string} digits
 * @param {Typed["marks"]} marks
 */
function withMarks(digits, marks) {
  if (!marks.every(({ after }) => digits.startsWith(after))) return digits
  const ends = [...marks.slice(1).map(({ after }) => after.length), digits.length]
  const start = digits.slice(0, marks[0]?.after.length)
  return start + marks.map(({ after, letter }, k) => letter + digits.slice(after.length, ends[k])).join("")
}

/**
 * React takes a value for its own that is set in another way.
 *
 * @param {HTMLInputElement} box
 * @param {string} value
 */
function write(box, value) {
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(box, value)
  box.dispatchEvent(new Event("input", { bubbles: true }))
}

/**
 * @param {Event} event
 * @param {HTMLInputElement} box
 * @param {string} text
 */
function refuse(event, box, text) {
  event.preventDefault()
  say(box, text)
}

/**
 * A word below a box, until the next act.
 *
 * @param {HTMLInputElement} box
 * @param {string} text
 */
function say(box, text) {
  const name = box.ariaLabel ?? box.labels?.[0]?.textContent ?? "This"
  const word = element("p", { class: "term-bubble", role: "alert" }, `${name} should be a whole number, but got "${text}".`)
  document.body.append(word)
  const page = getComputedStyle(document.querySelector(".stApp") ?? document.body)
  const { left, bottom } = box.getBoundingClientRect()
  const x = Math.max(MARGIN, Math.min(left, document.documentElement.clientWidth - MARGIN - word.offsetWidth))
  Object.assign(word.style, { color: page.backgroundColor, background: page.color, fontFamily: page.fontFamily })
  Object.assign(word.style, { margin: "0", left: `${x}px`, top: `${bottom + GAP}px` })
  for (const act of ["pointerdown", "keydown", "scroll"]) {
    addEventListener(act, () => word.remove(), { capture: true, once: true })
  }
}
