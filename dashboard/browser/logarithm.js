// @ts-check
// The logarithm, rounded correctly, and so the same in every browser: Math.log may be off in its
// last digit. A number is kept as a sum of two, the second of which is what the first has lost.

/** @typedef {[high: number, low: number]} Double */

const SPLIT = 2 ** 27 + 1
const LN2 = /** @type {Double} */ ([Math.LN2, 2.3190468138462996e-17])
const [TERMS, EXACT] = [15, 6] // of the series; to round those after the first few does no harm
const SHARES = Array.from({ length: EXACT }, (_, j) => quotient([1, 0], [2 * j + 1, 0]))

/**
 * The natural logarithm of a positive number that is not as small as 1e-300.
 *
 * With x = m 2^k, m about 1 and s = (m - 1) / (m + 1) it is k ln 2 + 2 (s + s³/3 + s⁵/5 + ...).
 *
 * @param {number} x
 */
export function logarithm(x) {
  const k = Math.round(Math.log2(x))
  const m = x / 2 ** k
  const s = quotient([m - 1, 0], sum(m, 1))
  const square = product(s, s)
  let others = 0
  for (let j = TERMS - 1; j >= EXACT; j--) others = 1 / (2 * j + 1) + square[0] * others
  let series = /** @type {Double} */ ([others, 0])
  for (let j = EXACT - 1; j >= 0; j--) series = total(SHARES[j], product(square, series))
  return total(product([k, 0], LN2), product([2, 0], product(s, series)))[0]
}

/**
 * a + b, exactly.
 *
 * @param {number} a
 * @param {number} b
 * @returns {Double}
 */
function sum(a, b) {
  const high = a + b
  const part = high - a
  return [high, a - (high - part) + (b - part)]
}

/**
 * @param {Double} a
 * @param {Double} b
 * @returns {Double}
 */
function total(a, b) {
  const [high, low] = sum(a[0], b[0])
  return sum(high, low + a[1] + b[1])
}

/**
 * @param {Double} a
 * @param {Double} b
 * @returns {Double}
 */
function product(a, b) {
  const high = a[0] * b[0]
  return sum(high, lost(a[0], b[0], high) + (a[0] * b[1] + a[1] * b[0]))
}

/**
 * @param {Double} a
 * @param {Double} b
 * @returns {Double}
 */
function quotient(a, b) {
  const high = a[0] / b[0]
  const back = high * b[0]
  return sum(high, (a[0] - back - lost(high, b[0], back) + a[1] - high * b[1]) / b[0])
}

/**
 * What a b is more than its rounded value, exactly: both are split into halves of 26 bits.
 *
 * @param {number} a
 * @param {number} b
 * @param {number} rounded
 */
function lost(a, b, rounded) {
  const [aHigh, bHigh] = [SPLIT * a - (SPLIT * a - a), SPLIT * b - (SPLIT * b - b)]
  const [aLow, bLow] = [a - aHigh, b - bHigh]
  return aHigh * bHigh - rounded + aHigh * bLow + aLow * bHigh + aLow * bLow
}
