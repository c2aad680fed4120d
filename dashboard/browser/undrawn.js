// @ts-check
// What is done where the hand holds settings of which nothing can be drawn here.

/** @import { Filled } from "./board.js" */
/** @import { View } from "./wire.js" */

/**
 * A board whose charts and numbers wait for the server.
 *
 * @param {View} view
 * @returns {Filled}
 */
export function undrawn(view) {
  return { ...view, charts: view.charts.map((chart) => ({ ...chart, follows: null })), player: null, said: [] }
}
