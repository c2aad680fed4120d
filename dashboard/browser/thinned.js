// @ts-check
// Traces made short enough to draw, as dashboard/figures/parts.py makes them.

const LARGEST_SHORT = 3.4028234663852886e38 // the largest float32

/**
 * The steps to draw of traces that share their steps: first, last, and every bin's extremes, to the digits
 * that are drawn.
 *
 * @param {Float64Array[]} traces
 * @param {number} most
 */
export function thinned(traces, most) {
  const { length } = traces[0]
  if (length <= most) return Int32Array.from({ length }, (_, step) => step)
  const bins = Math.floor(most / (2 * traces.length))
  const steps = new Set([0, length - 1])
  const all = Int32Array.from({ length }, (_, step) => step)
  for (const trace of traces) addExtremes(steps, shortened(trace, all), bins)
  return Int32Array.from(steps).toSorted()
}

/**
 * @param {Set<number>} steps
 * @param {Float32Array | Float64Array} trace
 * @param {number} bins
 */
function addExtremes(steps, trace, bins) {
  const size = (trace.length - 1) / bins
  let start = 0
  for (let bin = 1; bin <= bins; bin++) {
    const end = Math.floor(size * bin) + 1
    let [low, high] = [start, start]
    for (let step = start + 1; step < end; step++) {
      if (trace[step] < trace[low]) low = step
      if (trace[step] > trace[high]) high = step
    }
    steps.add(low).add(high)
    start = end
  }
}

/**
 * The values at some steps, in half the memory if that can hold them.
 *
 * @param {Float64Array} values
 * @param {Int32Array} steps
 */
export function shortened(values, steps) {
  return toDraw(Float64Array.from(steps, (step) => values[step]))
}

/**
 * Numbers to draw, in half the memory if that can hold them.
 *
 * @param {number[] | Float64Array} values
 */
export function toDraw(values) {
  const isShort = values.every((/** @type {number} */ value) => !(Math.abs(value) > LARGEST_SHORT))
  return isShort ? Float32Array.from(values) : Float64Array.from(values)
}

/**
 * The smallest and the largest of the finite values.
 *
 * @param {ArrayLike<number>} values
 * @returns {[number, number]}
 */
export function endsOf(values) {
  let [low, high] = [Infinity, -Infinity]
  for (let k = 0; k < values.length; k++) {
    if (!Number.isFinite(values[k])) continue
    if (values[k] < low) low = values[k]
    if (values[k] > high) high = values[k]
  }
  return [low, high]
}
