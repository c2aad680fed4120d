// @ts-check
// The values of many runs at some places, at each of them in their order.

const ROOM = 32 // values at a place, which is doubled when they are more
const BEYOND = 0.025 // the chance that a true median lies below what is said of it, or above

export class Sorted {
  /** @param {number} places */
  constructor(places) {
    this.room = ROOM // for so many values at a place
    this.values = new Float64Array(places * this.room)
    this.counts = new Int32Array(places)
  }

  /** The last place. */
  get last() {
    return this.counts.length - 1
  }

  /** Where there are values. */
  places() {
    return [...this.counts.keys()].filter((place) => this.counts[place] > 0)
  }

  /**
   * @param {number} place
   * @param {number} value NaN is none
   */
  add(place, value) {
    if (Number.isNaN(value)) return
    if (this.counts[place] === this.room) this.grow()
    const { values, counts, room } = this
    const end = place * room + counts[place]
    let [low, high] = [place * room, end]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (values[middle] < value) low = middle + 1
      else high = middle
    }
    values.copyWithin(low + 1, low, end)
    values[low] = value
    counts[place] += 1
  }

  grow() {
    const { values, counts, room } = this
    this.room = 2 * room
    this.values = new Float64Array(counts.length * this.room)
    counts.forEach((count, place) => this.values.set(values.subarray(place * room, place * room + count), place * this.room))
  }

  /**
   * By halves, since two numbers can be farther apart than one is.
   *
   * @param {number} place
   * @param {number} share of the values that are lower
   */
  quantile(place, share) {
    const { values, counts, room } = this
    const last = counts[place] - 1
    const below = Math.floor(share * last)
    const [low, high] = [below, Math.min(below + 1, last)].map((number) => 0.5 * values[place * room + number])
    return 2 * (low + (high - low) * (share * last - below))
  }

  /**
   * Between which two of the values the true median lies, with 95% confidence, as minibatch_core/theory/resampling.py
   * has it; null where they are too few for that.
   *
   * @param {number} place
   * @returns {[low: number, high: number] | null}
   */
  medianWithin(place) {
    const { values, counts, room } = this
    const n = counts[place]
    let [beyond, chance, sum] = [0, 2 ** -n, 2 ** -n] // of n values so many lie on one side of it
    for (; sum <= BEYOND; sum += chance) {
      chance *= (n - beyond) / (beyond + 1)
      beyond += 1
    }
    const start = place * room
    return beyond > 0 ? [values[start + beyond - 1], values[start + n - beyond]] : null
  }
}
