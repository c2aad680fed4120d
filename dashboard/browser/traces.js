// @ts-check
// Lines and markers of a figure on the canvas over its chart, in the axes that Plotly has drawn: a tenth
// of the time that Plotly takes to draw them itself.

import { HELD } from "./board.js"
import { canvasOver, clipTo } from "./overlay.js"
import { axesOf, isShown } from "./plotly_adapter.js"
import { paintMarks } from "./surface_tile.js"

/** @import { Board, Figure } from "./board.js" */
/** @import { Axes } from "./plotly_adapter.js" */
/** @import { Context, SurfaceMark } from "./surface_tile.js" */
/** @import { Trace } from "./wire.js" */

const DASHES = /** @type {Record<string, number[]>} */ ({ dot: [3, 3], dash: [9, 9] })

/**
 * A cleared canvas over a chart that Plotly has drawn, with its lines while the board is held, or where
 * others are seen in their place.
 *
 * @param {Board} board
 * @param {HTMLElement} plot
 * @param {((data: Trace[]) => Trace[]) | null} [seen] what is, one trace for each
 */
export function layerOf(board, plot, seen = null) {
  const { data, layout } = figureOn(board, plot)
  const context = canvasOver(plot, layout)
  if (seen || plot.classList.contains(HELD)) paintTraces(context, plot, seen ? seen(data) : data)
  return context
}

/**
 * @param {Board} board
 * @param {HTMLElement} plot
 * @returns {Figure}
 */
export function figureOn({ figures }, plot) {
  const figure = figures.get(plot.dataset.chart ?? "")
  if (!figure) throw new Error(`Nothing was drawn of the chart ${plot.dataset.chart}.`)
  return figure
}

/**
 * @param {Context} context
 * @param {HTMLElement} plot
 * @param {Trace[]} data
 */
function paintTraces(context, plot, data) {
  const lines = data.filter(({ type }, number) => type === "scatter" && isShown(plot, number))
  // As Plotly stacks them: those of kept runs below.
  for (const trace of lines.toSorted((one, other) => (one.zorder ?? 0) - (other.zorder ?? 0))) {
    paintTrace(context, axesOf(plot, trace.xaxis === "x2" ? "2" : ""), trace)
  }
}

/**
 * Whether Plotly's picture of a figure serves another one too, but for the lines that are painted over it.
 *
 * @param {Figure} figure
 * @param {Figure} other
 */
export function isSameGround({ data, layout }, other) {
  const isFixed = (/** @type {"x" | "y"} */ axis) => layout[`${axis}axis`]?.range && other.layout[`${axis}axis`]?.range
  if (String(rangesOf(layout)) !== String(rangesOf(other.layout)) || data.length !== other.data.length) return false
  return data.every((trace, number) => {
    const { x, y, z, zmin, zmax } = other.data[number]
    if (trace.z !== z || trace.zmin !== zmin || trace.zmax !== zmax) return false
    return (isFixed("x") || trace.x === x) && (isFixed("y") || trace.y === y)
  })
}

/** @param {Figure["layout"]} layout */
function rangesOf({ xaxis, yaxis }) {
  return [xaxis?.range, yaxis?.range]
}

/**
 * @param {Context} context
 * @param {Axes} axes
 * @param {Trace} trace
 */
function paintTrace(context, axes, trace) {
  context.save()
  clipTo(context, [axes])
  context.globalAlpha = trace.opacity ?? 1
  context.setLineDash(DASHES[trace.line?.dash ?? ""] ?? [])
  if (trace.fill) paintArea(context, axes, trace) // its outline is not seen
  for (const mode of ["lines", "markers"]) {
    if (trace.fill || !trace.mode?.includes(mode)) continue
    const mark = /** @type {SurfaceMark} */ ({ ...trace, mode })
    paintMarks(context, [mark], (x, y) => [axes.x(x), axes.y(y)])
  }
  context.restore()
}

/**
 * @param {Context} context
 * @param {Axes} axes
 * @param {Trace} trace its outline
 */
function paintArea(context, axes, { x = [], y = [], fillcolor = "" }) {
  context.beginPath()
  for (let k = 0; k < x.length; k++) context.lineTo(axes.x(x[k]), axes.y(y[k]))
  context.fillStyle = fillcolor
  context.fill()
}
