// @ts-check
// Learning rates that change from step to step.

import { SCHEDULES } from "./schedules.js"

/** @import { ScheduleName } from "./schedules.js" */

/**
 * Fills in the learning rates from one step to before another.
 *
 * @param {Float64Array} rates of all steps
 * @param {ScheduleName} schedule
 * @param {number} lr
 * @param {number} from
 * @param {number} to
 * @param {number} before the rate of the step before as a share of lr, 1 before step 0
 * @returns {number} the last rate as a share of lr
 */
export function fillRates(rates, schedule, lr, from, to, before) {
  const shareOf = SCHEDULES[schedule]
  let share = before
  for (let t = from; t < to; t++) {
    share = shareOf(t, rates.length, share)
    rates[t] = lr * share
  }
  return share
}
