// @ts-check
// What every Plotly chart of a board has in common, around what its figure says.

/** @import { Size } from "./surface_tile.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Axis, Layout } from "./wire.js" */

const TOUCH = matchMedia("(pointer: coarse)").matches

/**
 * @param {string} name of the chart
 * @param {Layout} own
 * @param {Size} size
 * @param {Theme} theme
 */
export function completeLayout(name, own, size, theme) {
  const { grid } = theme.colours
  return {
    ...size,
    // Fixed, since automargin lays every chart out twice.
    margin: { l: 46, r: 14, t: own.legend ? 22 : 8, b: 34 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: theme.font, size: 12, color: theme.text },
    hoverlabel: { bgcolor: theme.background, bordercolor: grid, font: { color: theme.text } },
    dragmode: TOUCH ? false : "zoom", // a finger scrolls the page
    hovermode: "closest",
    uirevision: name, // zoom and legend choices outlive new data
    ...own,
    ...completeAxes(own, grid),
  }
}

/**
 * @param {Layout} own
 * @param {string} grid its colour
 */
function completeAxes(own, grid) {
  const axis = {
    gridcolor: grid,
    linecolor: grid,
    ticklabeloverflow: "allow",
    tickfont: { size: 11 },
    title: { font: { size: 12 } },
    nticks: 6,
    exponentformat: "e",
  }
  const axes = Object.entries(own).filter(([key]) => /^[xy]axis/.test(key))
  return Object.fromEntries(
    axes.map(([key, value]) => {
      const its = /** @type {Axis} */ (value)
      return [key, { ...axis, ...its, title: { ...axis.title, ...its.title } }]
    }),
  )
}
