// @ts-check
// What every Plotly chart of a board has in common, around what its figure says.

/** @import { Size } from "./surface_tile.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Axis, Layout, Trace } from "./wire.js" */

const TOUCH = matchMedia("(pointer: coarse)").matches
const [LEFT, RIGHT] = [46, 14] // pixels around a plot
const AROUND_NAME = 46 // pixels that Plotly leaves for the line before a name of a legend, and between two
const LETTER = 5.7 // pixels of a letter of a name, about
const [LETTERS, SMALL] = [12, 11] // pixels of their sizes

/**
 * @param {string} name of the chart
 * @param {{ data: Trace[], layout: Layout }} figure
 * @param {Size} size
 * @param {Theme} theme
 */
export function completeLayout(name, { data, layout: own }, size, theme) {
  const { grid } = theme.colours
  return {
    ...size,
    // Fixed, since automargin lays every chart out twice.
    margin: { l: LEFT, r: RIGHT, t: own.legend ? 22 : 8, b: 34 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: theme.font, size: LETTERS, color: theme.text },
    hoverlabel: { bgcolor: theme.background, bordercolor: grid, font: { size: 13, color: theme.text } },
    dragmode: TOUCH ? false : "zoom", // a finger scrolls the page
    hovermode: "closest",
    uirevision: name, // zoom and legend choices outlive new data
    ...own,
    ...(own.legend && { legend: { itemwidth: 30, ...own.legend, ...inTwoColumns(data, size) } }),
    ...completeAxes(own, grid),
  }
}

/**
 * Plotly gives every name of a legend the room of the longest: where two do not fit side by side, all would
 * stand one below the other, and take half of the chart. Three may, where a name would be cut.
 *
 * @param {Trace[]} data
 * @param {Size} size
 */
function inTwoColumns(data, { width }) {
  const names = data.filter(({ showlegend }) => showlegend !== false).map(({ name = "" }) => name)
  const entrywidth = Math.floor((width - LEFT - RIGHT) / 2) - AROUND_NAME
  if (names.length < 3 || names.every(({ length }) => length * LETTER <= entrywidth)) return {}
  if (names.length === 3 && names.slice(0, 2).some(({ length }) => length * LETTER * (SMALL / LETTERS) > entrywidth)) return {}
  return { font: { size: SMALL }, entrywidth }
}

/**
 * @param {Layout} own
 * @param {string} grid its colour
 */
function completeAxes(own, grid) {
  const axis = {
    gridcolor: grid,
    gridwidth: 1,
    linecolor: grid,
    ticklabeloverflow: "allow",
    tickfont: { size: SMALL },
    title: { font: { size: LETTERS } },
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
