// @ts-check
// The values of settings as they are typed into a page to take away, and as its address spells them.

import { OPTIMIZERS } from "./optimizers.js"

/** @import { SentControl, SentSettings, SentValues, Value } from "./wire.js" */

const MOST_LETTERS = 60 // of a text that can't be are repeated
const GROUPED = /^[+-]?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*$/
const HYPERPARAMETERS = new Set(Object.values(OPTIMIZERS).flatMap(({ numbers }) => numbers.slice(1)))

/**
 * @param {SentSettings} settings
 * @param {SentValues} control
 * @returns {Value}
 */
export function valueOf(settings, { part, name }) {
  return /** @type {Record<string, Value>} */ ({ ...settings[part] })[name]
}

/**
 * Whether a setting has a meaning: a hyperparameter has none for another optimizer than its own, and a
 * step costs something in time alone.
 *
 * @param {SentValues} control
 * @param {SentSettings} settings
 */
export function isOpen({ name }, { train, looks }) {
  if (name === "step_cost") return looks.unit === "time"
  return !HYPERPARAMETERS.has(name) || OPTIMIZERS[train.optimizer].numbers.includes(name)
}

/**
 * What an address says of a value; `parsed` takes it back.
 *
 * @param {SentControl} control
 * @param {Value} value
 */
export function spelled({ choices }, value) {
  if (value === null) return ""
  return choices ? choices[String(value)] : String(value)
}

/**
 * What a text says, or a RangeError that says what it should.
 *
 * @param {SentValues} control
 * @param {string} text
 * @returns {Value}
 */
export function parsed(control, text) {
  const { label, kind, choices, optional, minimum, maximum } = control
  const said = text.trim()
  if (optional && said === "") return null
  if (choices) {
    const chosen = Object.keys(choices).find((each) => choices[each] === text)
    if (chosen !== undefined) return chosen
    throw new RangeError(`${label} should be one of ${Object.values(choices).join(", ")}, but got ${quoted(text)}.`)
  }
  if (kind === "switch") {
    if (said === "true" || said === "false") return said === "true"
    throw new RangeError(`${label} should be true or false, but got ${quoted(text)}.`)
  }
  const number = numberIn(said, kind === "whole")
  const [low, high] = [minimum ?? -Infinity, maximum ?? Infinity]
  if (number >= low && number <= high && (kind === "number" || Number.isInteger(number))) return number
  const wanted = `${kind === "whole" ? "a whole number" : "a number"} between ${grouped(low)} and ${grouped(high)}`
  throw new RangeError(`${label} should be ${wanted}, but ${said === "" ? "it is empty" : `got ${quoted(text)}`}.`)
}

/**
 * Commas or points group the digits of a whole number; in others a comma is the point, as in many
 * languages.
 *
 * @param {string} text
 * @param {boolean} isWhole
 */
export function numberIn(text, isWhole) {
  const separator = isWhole ? (GROUPED.exec(text)?.[1] ?? "") : ""
  const plain = separator ? text.replaceAll(separator, "") : isWhole ? text : text.replace(",", ".")
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN
}

/** @param {number} value */
function grouped(value) {
  return value.toLocaleString("en-US", { maximumFractionDigits: 6 })
}

/**
 * What was said, cut where it is long.
 *
 * @param {string} text
 */
function quoted(text) {
  return text.length > MOST_LETTERS ? `"${text.slice(0, MOST_LETTERS)}…"` : `"${text}"`
}
