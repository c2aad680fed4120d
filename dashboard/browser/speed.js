// @ts-check
// How fast a run is played.

export const SPEEDS = [1, 3, 10, 30, 100, 1000, 10000] // steps a second
export const NORMAL_SPEED = 10
const EVERY_STEP = 30 // up to this speed no step is left out
const CALM = 0.5 // seconds between two pictures where motion is to be reduced

/**
 * The steps that a frame takes of those that are owed, and what it still owes.
 *
 * A slow frame makes a slow film: no step is left out up to EVERY_STEP.
 *
 * @param {number} owed
 * @param {number} speed
 * @param {boolean} isCalm
 * @returns {[steps: number, owed: number]}
 */
export function stepsOfFrame(owed, speed, isCalm) {
  if (owed < Math.max(1, isCalm ? CALM * speed : 1)) return [0, owed]
  const steps = speed > EVERY_STEP || isCalm ? Math.floor(owed) : 1
  return [steps, steps === 1 ? Math.min(owed - 1, 1) : owed - steps]
}
