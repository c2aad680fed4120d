// @ts-check
// What a lesson has the player do, and what the lesson is told of it.

/** Events of the window: the player is led, or free again; the run was played. */
export const [LED, PLAYED] = ["minibatch-led", "minibatch-played"]

const SHARED = Symbol.for("minibatch.led")
const realm = /** @type {{ [SHARED]?: number | null }} */ (globalThis) // each component loads its own modules

/** The step beyond which nothing is shown, if there is one. */
export function ledTo() {
  return realm[SHARED] ?? null
}

/** @param {number | null} step */
export function leadTo(step) {
  if (step === ledTo()) return
  realm[SHARED] = step
  dispatchEvent(new Event(LED))
}
