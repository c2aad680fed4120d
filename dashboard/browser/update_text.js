// @ts-check
// Formulas and numbers of an update as text: with names, or with numbers in their place.

/** @import { Named } from "./updates.js" */

/**
 * What is calculated, and the result, which no line ends before.
 *
 * @param {string} numbers
 * @param {string} result
 */
export function equation(numbers, result) {
  return `${numbers} =\u00A0${result}`
}

/** @param {string} name */
export function symbolOf(name) {
  return name.replace("theta", "θ")
}

/** @param {string} text */
export function named(text) {
  return text.replace(/\{(\w+)\}/g, (_, name) => symbolOf(name))
}

/**
 * A formula with numbers in place of names.
 *
 * @param {string} text
 * @param {Named} values
 */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name, at) => {
    const isPower = "^²".includes(text[at + whole.length] ?? " ")
    const isAlone = (at === 0 || text[at - 1] === "(") && !isPower
    return isAlone ? told(values[name]) : bracketed(values[name], isPower)
  })
}

/**
 * @param {number} value
 * @param {boolean} [isPower] which binds more than a power of ten in the number
 */
export function bracketed(value, isPower = false) {
  const text = told(value)
  return value < 0 || (isPower && text.includes("e")) ? `(${text})` : text
}

/**
 * A number with all the digits that it has.
 *
 * @param {number} value
 */
export function told(value) {
  return signed(Number.isFinite(value) ? String(value) : value.toString().replace("Infinity", "∞"))
}

/**
 * @param {number} value
 * @param {number} digits
 */
export function end(value, digits) {
  return signed(value.toPrecision(digits))
}

/** @param {string} text */
function signed(text) {
  return text.replace(/^-/, "−")
}
