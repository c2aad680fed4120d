// @ts-check
// Written by `make docs` from minibatch_core/schedules.py; a change belongs there.

/** @typedef {keyof typeof SCHEDULES} ScheduleName */

/**
 * The learning rate of step t = 0, 1, ... as a share of lr.
 *
 * @callback Share
 * @param {number} t
 * @param {number} steps
 * @param {number} before the share of the step before, 1 before step 0
 * @returns {number}
 */

/**
 * @param {number} start
 * @param {number} end
 * @param {number} passed
 * @returns {number}
 */
const along_a_cosine = (start, end, passed) => {
  return (end + (((start - end) / 2) * (Math.cos((Math.PI * passed)) + 1)))
}

export const SCHEDULES = /** @satisfies {Record<string, Share>} */ ({
  constant: (t, steps, before) => {
    return before
  },
  step: (t, steps, before) => {
    return (((t > 0) && ((t % Math.max(1, (-Math.floor((-steps) / 3)))) === 0)) ? (before * 0.1) : before)
  },
  exponential: (t, steps, before) => {
    return ((t > 0) ? (before * (0.01 ** (1 / steps))) : before)
  },
  cosine: (t, steps, before) => {
    const height = (1 + Math.cos(((Math.PI * t) / steps)))
    const height_before = (1 + Math.cos(((Math.PI * (t - 1)) / steps)))
    return ((t > 0) ? ((height / height_before) * before) : before)
  },
  warmup: (t, steps, before) => {
    const last = Math.max(1, Math.floor(steps / 5))
    const growth = (1 + ((1 - 0.01) / ((last * 0.01) + ((t - 1) * (1 - 0.01)))))
    if (t === 0) {
      return (before * 0.01)
    }
    return ((t <= last) ? (before * growth) : before)
  },
  one_cycle: (t, steps) => {
    const [first, lowest] = [(1 / 25), ((1 / 25) / 10000)]
    const last = (Math.max(2, steps) - 1)
    const top = ((0.3 * Math.max(2, steps)) - 1)
    if (t <= top) {
      return along_a_cosine(first, 1, (t / top))
    }
    return along_a_cosine(1, lowest, ((t - top) / (last - top)))
  },
})
