// @ts-check
// Numbers as the page writes them.

const RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
const HALF = "50000000000000000000" // what lies between two numbers, when it is written
const LARGE = 1e6 // from here on a run has gone far away
const [SHORTEST, LONGEST] = [-6, 9] // from which power of ten on to which a number is written without one

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
  if (Math.abs(value) >= LARGE) return byTen(exponential(value, digits))
  return grouped(fixed(value, digits)).replace(/^-(?=[0.]*$)/, "")
}

/**
 * So many decimals, rounded as Python does.
 *
 * @param {number} value
 * @param {number} digits
 */
export function fixed(value, digits) {
  return halfToEven((more) => value.toFixed(digits + more))
}

/**
 * The same, with a power of ten after an e.
 *
 * @param {number} value
 * @param {number} digits
 */
function exponential(value, digits) {
  return halfToEven((more) => value.toExponential(digits + more))
}

/**
 * What is halfway between two numbers is rounded to the one whose last digit is even.
 *
 * @param {(more: number) => string} write with so many more digits
 */
function halfToEven(write) {
  const [exact, ...power] = write(HALF.length).split("e")
  const kept = exact.slice(0, -HALF.length)
  if (!exact.endsWith(HALF) || !/[02468]\.?$/.test(kept)) return write(0)
  return [kept.replace(/\.$/, ""), ...power].join("e")
}

/**
 * The same as Python writes it.
 *
 * @param {number} value
 * @param {number} digits
 */
export function number(value, digits) {
  if (Math.abs(value) === Infinity) return value > 0 ? "∞" : "-∞"
  return decimals(value, digits)
}

/**
 * Four decimals of a loss, or three digits of a large one: a caption has few lines.
 *
 * @param {number} value
 */
export function lossInShort(value) {
  if (Math.abs(value) < 100) return number(value, 4)
  return Math.abs(value) < LARGE ? rounded(value, 3) : number(value, 2)
}

/**
 * So many digits that count, with no powers of ten where a few zeros do, as minibatch_core/words.py has it.
 *
 * @param {number} value
 * @param {number} digits
 */
export function rounded(value, digits) {
  if (value === 0 || !Number.isFinite(value)) return number(value, 0)
  const [mantissa, power] = exponential(value, digits - 1).split("e")
  if (Number(power) < SHORTEST || Number(power) >= LONGEST) return byTen(`${shortened(mantissa)}e${power}`)
  return shortened(grouped(Number(`${mantissa}e${power}`).toFixed(Math.max(0, digits - 1 - Number(power)))))
}

/**
 * A number that somebody has typed, with every digit of it.
 *
 * @param {number} value
 */
export function plain(value) {
  return rounded(value, value.toExponential().split("e")[0].replace(/[-.]/g, "").length)
}

/**
 * Names as a sentence lists them.
 *
 * @param {string[]} names
 */
export function listed(names) {
  const last = names.length - 1
  return last > 0 ? `${names.slice(0, last).join(", ")} and ${names[last]}` : names[0]
}

/** @param {string} text */
function grouped(text) {
  const [before, ...after] = text.split(".")
  return [before.replaceAll(/\B(?=(\d{3})+$)/g, ","), ...after].join(".")
}

/** @param {string} text */
function shortened(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text
}

/** @param {string} text with an e before the power of ten */
function byTen(text) {
  const [mantissa, power] = text.split("e")
  const raised = String(Number(power)).replaceAll(/[-\d]/g, (sign) => RAISED["-0123456789".indexOf(sign)])
  return `${mantissa}·10${raised}`
}

/**
 * A share in per cent; a small one is not called 0, nor almost all of it 100.
 *
 * @param {number} share
 * @param {number} digits
 */
export function percent(share, digits) {
  const least = 10 ** -digits
  if (share > 0 && 100 * share < least) return `less than ${least}%`
  if (share < 1 && 100 * share > 100 - least) return `more than ${100 - least}%`
  return `${fixed(100 * share, digits)}%`
}

/**
 * Whole numbers as sentences say them, by name.
 *
 * @param {Record<string, number>} numbers
 */
export function wholes(numbers) {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, whole(value)]))
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
  return value !== 0 && Math.abs(value) < 1e-3 ? rounded(value, 2) : decimals(value, 4)
}

/**
 * What a step does to a loss, in a sentence; `after` is undefined where there is no step.
 *
 * @param {"the" | "its"} whose
 * @param {number} before
 * @param {number | undefined} after
 * @param {boolean} [isLast] and has been taken
 */
export function change(whose, before, after, isLast = false) {
  const from = lossInShort(before)
  if (after === undefined) return `${whose === "the" ? "The" : "Its"} loss is ${from}.`
  const [step, leaves, lowers, raises] = isLast
    ? ["The last step", "left", "lowered", "raised"]
    : ["The step", "leaves", "lowers", "raises"]
  if (after === before) return `${step} ${leaves} ${whose} loss at ${from}.`
  const verb = after < before ? lowers : raises
  const to = lossInShort(after)
  if (to !== from) return `${step} ${verb} ${whose} loss from ${from} to ${to}.`
  return `${step} ${verb} ${whose} loss, ${from}, by ${rounded(Math.abs(after - before), 1)}.`
}
