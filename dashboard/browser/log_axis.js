// @ts-check
// A logarithmic axis for whatever values, as dashboard/figures/parts.py has it.

import { endsOf } from "./thinned.js"

/** @import { Axis } from "./wire.js" */

const [FEW_TICKS, MANY_TICKS] = [0.6, 2] // powers of ten that an axis spans: its ticks are Plotly's own, or powers of ten
const MOST = 6 // parts of an axis, between which a tick stands
const ROUNDING = 1e-9

/**
 * The axis with ticks for these values.
 *
 * @param {Axis | undefined} axis
 * @param {ArrayLike<number>[]} several
 * @returns {Axis}
 */
export function logAxis(axis, several) {
  const { dtick: _, tickvals: __, ...plain } = axis ?? {}
  const ends = several.map((values) => endsOf(Array.from(values).filter((value) => value > 0)))
  const low = Math.log10(Math.min(...ends.map(([least]) => least)))
  const high = Math.log10(Math.max(...ends.map(([, most]) => most)))
  const span = high - low - ROUNDING
  if (span > MANY_TICKS) return { ...plain, dtick: Math.ceil(span / MOST) }
  if (!(span > FEW_TICKS)) return plain
  const [first, last] = [Math.floor(low + ROUNDING), Math.ceil(high - ROUNDING)]
  const powers = [...Array(last - first + 1).keys()].map((k) => first + k)
  return { ...plain, tickvals: powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`))) }
}
