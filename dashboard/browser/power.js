// @ts-check
// A power whose exponent is a whole number, as Numba computes it for the engine, to the last digit:
// of 1 - power(x, t) little more than the last digits may be left.

const LARGEST = 65536 // of exponents that are taken by squaring

/**
 * @param {number} x
 * @param {number} t not below 0
 */
export function power(x, t) {
  if (t > LARGEST) return x ** t
  let result = 1
  for (let left = t; left > 0; left >>= 1) {
    if (left & 1) result *= x
    x *= x
  }
  return result
}
