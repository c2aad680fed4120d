// @ts-check
// What is counted along a run, as dashboard/figures/units.py and many_runs.py name it.

/** @import { Unit } from "./wire.js" */

/** @type {Record<Unit, string>} */
export const UNITS = { steps: "steps", epochs: "epochs", examples: "examples seen", time: "time" }

/** @type {Record<Unit, string>} */
export const TITLES = { ...UNITS, steps: "step" } // of the axis along one run

/** @type {Record<Unit, string>} */
export const PLACES = {
  steps: "step %{x:,d}",
  epochs: "after %{x:,.4~f} epochs",
  examples: "after %{x:,d} examples",
  time: "at time %{x:,d}",
} // how a hover says where on it it is
