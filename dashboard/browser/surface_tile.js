// @ts-check
// Paints a small surface figure on a canvas: a tenth of the time Plotly takes, and nothing to zoom.
// It reads the same figure: a heatmap first, then lines and markers.

import { canvasIn, contextOf } from "./elements.js"
import { restoreNote, showNote } from "./figures.js"
import { enlargement } from "./presenting.js"

/** @import { Played } from "./plan.js" */
/** @import { Numbers, Stops } from "./wire.js" */

/**
 * @typedef {object} Heat
 * @property {ArrayLike<number>} x
 * @property {ArrayLike<number>} y
 * @property {Numbers[]} z
 * @property {number} zmin
 * @property {number} zmax
 * @property {string | false} zsmooth
 * @property {Stops} colorscale
 */

/** @typedef {{ color: string, width: number }} Line */

/**
 * @typedef {object} LineMark
 * @property {"lines"} mode
 * @property {ArrayLike<number>} x
 * @property {ArrayLike<number>} y
 * @property {Line} line
 * @property {string} [meta] what it shows
 */

/**
 * Each property of a marker is one for all points, or one for each.
 *
 * @typedef {object} MarkerMark
 * @property {"markers"} mode
 * @property {ArrayLike<number>} x
 * @property {ArrayLike<number>} y
 * @property {object} marker
 * @property {string} [marker.symbol]
 * @property {number | number[]} marker.size
 * @property {string | string[]} [marker.color]
 * @property {number} [marker.opacity] of each, so that several on one place are darker
 * @property {{ color: string | string[], width: number | number[] }} [marker.line]
 * @property {string} [meta] what it marks
 */

/** @typedef {LineMark | MarkerMark} SurfaceMark */

/** @typedef {{ width: number, height: number }} Size */

/** @typedef {[number, number]} Ends */

/** @typedef {(x: number, y: number) => [number, number]} ToPixels */

/** @typedef {CanvasRenderingContext2D} Context */

const [UPRIGHT, TURNED] = [0.4, 0.8 * Math.SQRT1_2]
// Plotly's thick crosses, from corner to corner, as shares of half their size.
const CROSSES = /** @type {Record<string, number[][]>} */ ({
  cross: [[1, 1], [1, 2.5], [-1, 2.5], [-1, 1], [-2.5, 1], [-2.5, -1], [-1, -1], [-1, -2.5], [1, -2.5], [1, -1], [2.5, -1], [2.5, 1]].map(
    (corner) => corner.map((part) => part * UPRIGHT),
  ),
  x: [[0, 1], [1, 2], [2, 1], [1, 0], [2, -1], [1, -2], [0, -1], [-1, -2], [-2, -1], [-1, 0], [-2, 1], [-1, 2]].map(
    (corner) => corner.map((part) => part * TURNED),
  ),
})

/** @type {WeakMap<EventTarget, { heat: Heat, size: Size }>} */
const paintedTiles = new WeakMap()

/**
 * @param {HTMLElement} plot
 * @param {[Heat, ...SurfaceMark[]]} traces
 * @param {{ x: Ends, y: Ends }} ranges
 * @param {Size} size
 */
export function paintTile(plot, [heat, ...marks], { x: [left, right], y: [bottom, top] }, size) {
  const canvas = canvasIn(plot, "surface-tile")
  if (!paintedTiles.has(canvas)) {
    canvas.addEventListener("pointermove", (event) => showLossAtPointer(canvas, event))
    canvas.addEventListener("pointerleave", () => restoreNote(canvas))
  }
  const [ratio, scale] = [window.devicePixelRatio, enlargement()]
  const sheet = { width: size.width / scale, height: size.height / scale }
  canvas.width = size.width * ratio
  canvas.height = size.height * ratio
  const context = contextOf(canvas)
  context.scale(ratio * scale, ratio * scale)
  paintHeat(context, heat, sheet)
  paintMarks(context, marks, (x, y) => [
    ((x - left) / (right - left)) * sheet.width,
    ((top - y) / (top - bottom)) * sheet.height,
  ])
  paintedTiles.set(canvas, { heat, size })
}

/**
 * @param {Context} context
 * @param {Heat} heat
 * @param {Size} size
 */
export function paintHeat(context, heat, size) {
  const rows = heat.z.length
  const columns = heat.z[0].length
  const image = new ImageData(columns, rows)
  const pixels = new Uint32Array(image.data.buffer)
  const table = colourTable(heat.colorscale)
  const scale = 255 / (heat.zmax - heat.zmin)
  heat.z.forEach((row, i) => {
    const start = (rows - 1 - i) * columns // w upwards
    row.forEach((z, j) => {
      pixels[start + j] = table[Math.max(0, Math.min(255, Math.round((z - heat.zmin) * scale)))]
    })
  })
  const small = new OffscreenCanvas(columns, rows)
  contextOf(small).putImageData(image, 0, 0)
  // Smoothed, the middle of the outer pixels lies on the edge of the tile, as the grid's ends do.
  const margin = heat.zsmooth ? 0.5 : 0
  context.imageSmoothingEnabled = Boolean(heat.zsmooth)
  context.imageSmoothingQuality = "high"
  const [width, height] = [columns - 2 * margin, rows - 2 * margin]
  context.drawImage(small, margin, margin, width, height, 0, 0, size.width, size.height)
}

/** @type {Map<string, Uint32Array>} */
const colourTables = new Map()

/** @param {Stops} stops */
function colourTable(stops) {
  const key = JSON.stringify(stops)
  const known = colourTables.get(key)
  if (known) return known
  const strip = contextOf(new OffscreenCanvas(256, 1))
  const gradient = strip.createLinearGradient(0, 0, 256, 0)
  for (const [position, colour] of stops) gradient.addColorStop(position, colour)
  strip.fillStyle = gradient
  strip.fillRect(0, 0, 256, 1)
  const table = new Uint32Array(strip.getImageData(0, 0, 256, 1).data.buffer)
  colourTables.set(key, table)
  return table
}

/**
 * @param {Context} context
 * @param {SurfaceMark[]} marks
 * @param {ToPixels} place
 */
export function paintMarks(context, marks, place) {
  for (const mark of marks) {
    if (mark.mode === "lines") paintLine(context, mark, place)
    else paintMarkers(context, mark, place)
  }
}

/**
 * @param {Context} context
 * @param {LineMark} mark
 * @param {ToPixels} place
 */
function paintLine(context, mark, place) {
  let isBegun = false // a value that is none leaves a gap
  context.beginPath()
  for (let i = 0; i < mark.x.length; i++) {
    const [x, y] = place(mark.x[i], mark.y[i])
    const isThere = Number.isFinite(x) && Number.isFinite(y)
    if (!isThere) isBegun = false
    else if (isBegun) context.lineTo(x, y)
    else context.moveTo(x, y)
    isBegun = isThere
  }
  context.lineJoin = "round"
  context.lineWidth = mark.line.width
  context.strokeStyle = mark.line.color
  context.stroke()
}

/**
 * @param {Context} context
 * @param {MarkerMark} mark
 * @param {ToPixels} place
 */
function paintMarkers(context, mark, place) {
  const { symbol = "circle", size, color, opacity = 1, line } = mark.marker
  const corners = CROSSES[symbol]
  const { globalAlpha } = context
  context.globalAlpha = globalAlpha * opacity
  for (let i = 0; i < mark.x.length; i++) {
    const [x, y] = place(mark.x[i], mark.y[i])
    const half = pick(size, i) / 2
    context.beginPath()
    if (symbol === "x-thin") {
      context.moveTo(x - half, y - half)
      context.lineTo(x + half, y + half)
      context.moveTo(x - half, y + half)
      context.lineTo(x + half, y - half)
    } else if (corners) {
      for (const [across, up] of corners) context.lineTo(x + across * half, y + up * half)
      context.closePath()
      context.fillStyle = pick(color ?? "#000000", i)
      context.fill()
    } else {
      context.arc(x, y, half, 0, 2 * Math.PI)
      context.fillStyle = pick(color ?? "#000000", i)
      context.fill()
    }
    if (!line) continue
    context.lineWidth = pick(line.width, i)
    context.strokeStyle = pick(line.color, i)
    context.stroke()
  }
  context.globalAlpha = globalAlpha
}

/**
 * @template Value
 * @param {Value | Value[]} value
 * @param {number} i
 * @returns {Value}
 */
function pick(value, i) {
  return Array.isArray(value) ? value[i] : value
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {PointerEvent} event
 */
function showLossAtPointer(canvas, { offsetX, offsetY }) {
  const painted = paintedTiles.get(canvas)
  if (!painted) return
  const { heat, size } = painted
  const i = nearestOf(1 - offsetY / size.height, heat.z.length)
  const j = nearestOf(offsetX / size.width, heat.z[0].length)
  const [b, w, loss] = [heat.x[j], heat.y[i], heat.z[i][j]]
  showNote(canvas, `b ${b.toFixed(2)}, w ${w.toFixed(2)}: ${loss.toFixed(4)}`)
}

/**
 * The number of the value at a fraction of the way from the first to the last.
 *
 * @param {number} fraction
 * @param {number} values
 */
function nearestOf(fraction, values) {
  return Math.max(0, Math.min(values - 1, Math.round(fraction * (values - 1))))
}

/**
 * A surface as the heatmap that paintHeat and paintTile take.
 *
 * @param {Pick<Played, "limits" | "stops">} run
 * @param {Float64Array} values
 * @param {Float64Array} wGrid
 * @param {Float64Array} bGrid
 * @returns {Heat}
 */
export function heatOf({ limits, stops }, values, wGrid, bGrid) {
  const rows = Array.from(wGrid, (_, i) => values.subarray(i * bGrid.length, (i + 1) * bGrid.length))
  return { x: bGrid, y: wGrid, z: rows, zmin: limits[0], zmax: limits[1], zsmooth: "fast", colorscale: stops }
}

/**
 * A cross at a point of a surface.
 *
 * @param {{ w: number, b: number }} point
 * @param {number} size
 * @returns {MarkerMark}
 */
export function crossAt({ w, b }, size) {
  const marker = { symbol: "x-thin", size, line: { color: "#ffffff", width: 1.6 } }
  return { mode: "markers", x: [b], y: [w], marker }
}
