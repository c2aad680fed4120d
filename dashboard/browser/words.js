// @ts-check
// Numbers as the page writes them.

/** @param {number} value */
export function whole(value) {
  return value.toLocaleString("en-US")
}

/**
 * @param {number} value
 * @param {string} noun
 * @param {string} [ending] of more than one
 */
export function count(value, noun, ending = "s") {
  return `${whole(value)} ${noun}${value === 1 ? "" : ending}`
}

/**
 * As many decimals as asked for, or powers of ten where a run has gone far away.
 *
 * @param {number} value
 * @param {number} digits
 */
export function decimals(value, digits) {
  if (!Number.isFinite(value)) return "not finite"
  return Math.abs(value) < 1e6 ? value.toFixed(digits) : value.toExponential(digits)
}

/**
 * The same as Python writes it, with two digits of the power of ten.
 *
 * @param {number} value
 * @param {number} digits
 */
export function number(value, digits) {
  if (Math.abs(value) === Infinity) return value > 0 ? "∞" : "-∞"
  return decimals(value, digits).replace(/e([+-])(\d)$/, "e$10$2")
}

/**
 * A text with what belongs in each of its {places}.
 *
 * @param {string} text
 * @param {Record<string, string>} parts
 */
export function filled(text, parts) {
  return text.replaceAll(/\{(\w+)\}/g, (_, name) => parts[name])
}

/** @param {{ slopeW: number, slopeB: number }} gradient */
export function pair({ slopeW, slopeB }) {
  return `${small(slopeW)}, ${small(slopeB)}`
}

/**
 * A number that may be very small and still have a sign.
 *
 * @param {number} value
 */
export function small(value) {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(1) : decimals(value, 4)
}

/**
 * What a step does to a loss, in a sentence; `after` is undefined where there is no step.
 *
 * @param {"the" | "its"} whose
 * @param {number} before
 * @param {number | undefined} after
 */
export function change(whose, before, after) {
  const from = decimals(before, 4)
  if (after === undefined) return `${whose === "the" ? "The" : "Its"} loss is ${from}.`
  if (after === before) return `The step leaves ${whose} loss at ${from}.`
  const verb = after < before ? "lowers" : "raises"
  const to = decimals(after, 4)
  if (to !== from) return `The step ${verb} ${whose} loss from ${from} to ${to}.`
  return `The step ${verb} ${whose} loss, ${from}, by ${Math.abs(after - before).toExponential(0)}.`
}
