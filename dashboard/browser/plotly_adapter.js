// @ts-check
// All that is asked of Plotly, and every part of it that its documentation does not name: no other
// module touches these (the linter sees to it), and a browser test fails where one of them is gone.
/* oxlint-disable no-underscore-dangle */

import { enlarged, enlargement } from "./presenting.js"

/** @import { Figure } from "./board.js" */
/** @import { Trace } from "./wire.js" */

const DOUBLE_CLICK = 300 // milliseconds in which two clicks are a double click
const STILL = 8 // pixels that a press may move: from there on Plotly takes it for a zoom
const AREA = ".nsewdrag" // what lies over all that is within the axes
const CONFIG = {
  displayModeBar: false,
  doubleClick: "reset+autosize",
  doubleClickDelay: DOUBLE_CLICK,
  responsive: false,
}
const CURE = "Reload the page; if it stays so, a browser extension or a filter of the network blocks it."

/**
 * An axis as it was drawn. All but the range is undocumented.
 *
 * @typedef {object} DrawnAxis
 * @property {[number, number]} range
 * @property {number} _offset pixels from the chart's edge
 * @property {number} _length pixels
 * @property {(value: number) => number} c2p pixels from the start of the axis, which may be logarithmic
 * @property {(pixels: number) => number} p2c
 * @property {{ x: number, text: string }[]} _vals the ticks
 */

const OF_AN_AXIS = /** @type {const} */ (["range", "_offset", "_length", "c2p", "p2c", "_vals"])

/**
 * What Plotly makes of the element that it draws in.
 *
 * @typedef {HTMLElement & {
 *   on: (name: string, act: () => void) => void,
 *   removeAllListeners: (name: string) => void,
 *   _fullLayout: Record<string, DrawnAxis>,
 *   _fullData: { visible: boolean | "legendonly" }[],
 * }} Drawn
 */

/**
 * @typedef {object} Library
 * @property {(plot: HTMLElement, data: Trace[], layout: object, config: object) => Promise<unknown>} react
 * @property {(plot: HTMLElement) => void} purge
 */

/**
 * The axes of a chart as functions from values to pixels of its sheet and back, and the rectangle they span.
 *
 * @typedef {object} Axes
 * @property {(value: number) => number} x
 * @property {(value: number) => number} y
 * @property {(pixel: number) => number} across the value at a pixel
 * @property {(pixel: number) => number} up
 * @property {[across: [number, number], up: [number, number]]} ranges
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 */

/** @type {WeakMap<HTMLElement, Promise<unknown>>} */
const drawings = new WeakMap() // the last promise of Plotly's for each plot

/** @type {WeakMap<HTMLElement, (place: { x: number, y: number }) => void>} */
const acts = new WeakMap() // of a press within the axes

/** @type {Promise<unknown> | null} */
let loading = null

/** @returns {Library} */
function library() {
  return /** @type {typeof globalThis & { Plotly: Library }} */ (globalThis).Plotly
}

/**
 * Loads plotly.js, once, where the page does not have it yet.
 *
 * @param {string} file seen from the folder of these modules
 */
export function load(file) {
  if ("Plotly" in globalThis) return Promise.resolve()
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = new URL(`../${file}`, import.meta.url).href
    script.addEventListener("load", resolve)
    script.addEventListener("error", () => {
      loading = null // the next change of a setting tries again
      script.remove()
      reject(new Error(`The charts can't be drawn: ${script.src} did not load. ${CURE}`))
    })
    document.head.append(script)
  })
  return loading
}

/**
 * Draws a figure, or brings the one that is there up to date in place.
 *
 * @param {HTMLElement} plot
 * @param {Figure} figure of its sheet
 */
export function react(plot, figure) {
  const { data, layout } = enlarged(figure, enlargement())
  drawings.set(plot, library().react(plot, data, layout, CONFIG))
}

/**
 * When Plotly has told the plot that it was drawn.
 *
 * @param {HTMLElement} plot
 */
export async function drawn(plot) {
  await drawings.get(plot)
}

/**
 * Frees what Plotly keeps of a plot. It is told that it was drawn a moment after it was; a purged
 * one can't be told.
 *
 * @param {HTMLElement} plot
 */
export function discard(plot) {
  drawings.get(plot)?.finally(() => library().purge(plot))
}

/**
 * @param {HTMLElement} plot
 * @returns {plot is Drawn}
 */
function isDrawn(plot) {
  return drawings.has(plot)
}

/**
 * Acts on a press within a chart's axes that no second one follows: two are Plotly's way to zoom out.
 *
 * Plotly's own event needs a pointer that rested: a finger has none, and a hand that presses as soon as it is there
 * was not heard.
 *
 * @param {HTMLElement} plot
 * @param {(place: { x: number, y: number }) => void} act is given values of the axes
 */
export function onSingleClick(plot, act) {
  if (!acts.has(plot)) listen(plot)
  acts.set(plot, act)
}

/** @param {HTMLElement} plot */
function listen(plot) {
  /** @type {number | undefined} */
  let waiting
  plot.addEventListener("pointerdown", (down) => {
    const isWithin = down.target instanceof Element && down.target.matches(AREA)
    if (!isWithin || !down.isPrimary || down.button !== 0 || down.ctrlKey) return
    const isSecond = waiting !== undefined
    clearTimeout(waiting)
    waiting = undefined
    if (isSecond) return
    const [place, press] = [valuesAt(plot, down), new AbortController()]
    addEventListener("pointercancel", () => press.abort(), { signal: press.signal })
    const release = (/** @type {PointerEvent} */ up) => {
      press.abort()
      if (Math.max(Math.abs(up.clientX - down.clientX), Math.abs(up.clientY - down.clientY)) >= STILL) return
      waiting = setTimeout(() => {
        waiting = undefined
        if (plot.isConnected) acts.get(plot)?.(place)
      }, DOUBLE_CLICK)
    }
    addEventListener("pointerup", release, { signal: press.signal, capture: true })
  })
}

/**
 * Acts where a chart's axes have changed by a zoom, or by a line that the legend has hidden.
 *
 * @param {HTMLElement} plot
 * @param {() => void} act
 */
export function onZoom(plot, act) {
  if (!isDrawn(plot)) return
  for (const change of ["plotly_relayout", "plotly_restyle"]) {
    plot.removeAllListeners(change)
    plot.on(change, act)
  }
}

/**
 * @param {HTMLElement} plot
 * @param {"" | "2"} [number] of its pair of axes
 * @returns {Axes}
 */
export function axesOf(plot, number = "") {
  const [[xaxis, yaxis], scale] = [axisPair(plot, number), enlargement()]
  return {
    x: (value) => (xaxis._offset + xaxis.c2p(value)) / scale,
    y: (value) => (yaxis._offset + yaxis.c2p(value)) / scale,
    across: (pixel) => xaxis.p2c(pixel * scale - xaxis._offset),
    up: (pixel) => yaxis.p2c(pixel * scale - yaxis._offset),
    ranges: [xaxis.range, yaxis.range],
    left: xaxis._offset / scale,
    top: yaxis._offset / scale,
    width: xaxis._length / scale,
    height: yaxis._length / scale,
  }
}

/**
 * Whether a trace is shown, and not hidden by a click in the legend.
 *
 * @param {HTMLElement} plot
 * @param {number} number of the trace
 */
export function isShown(plot, number) {
  return !isDrawn(plot) || plot._fullData[number]?.visible !== "legendonly"
}

/**
 * The ticks of both axes, as they were drawn.
 *
 * @param {HTMLElement} plot
 */
export function ticksOf(plot) {
  const [across, up] = axisPair(plot).map(({ _vals: ticks }) => ticks.map(({ x, text }) => ({ at: x, text })))
  return { across, up }
}

/**
 * Where a click was, in values of the axes, whatever mark lies over it.
 *
 * @param {HTMLElement} plot
 * @param {MouseEvent} event
 */
export function valuesAt(plot, { clientX, clientY }) {
  const { left, top } = plot.getBoundingClientRect()
  const [{ across, up }, scale] = [axesOf(plot), enlargement()]
  return { x: across((clientX - left) / scale), y: up((clientY - top) / scale) }
}

/**
 * What this module reads of a drawn plot and does not find, by name.
 *
 * @param {HTMLElement} plot
 * @returns {string[]}
 */
export function missing(plot) {
  const { _fullLayout: layout } = /** @type {Partial<Drawn>} */ (plot)
  if (!layout) return ["_fullLayout"]
  const methods = /** @type {const} */ (["on", "removeAllListeners"]).filter((name) => !(name in plot))
  const parts = ["xaxis", "yaxis"].flatMap((axis) =>
    OF_AN_AXIS.filter((part) => layout[axis]?.[part] === undefined).map((part) => `_fullLayout.${axis}.${part}`),
  )
  const area = plot.querySelector(AREA) ? [] : [AREA]
  return [...methods, ...parts, ...("_fullData" in plot ? [] : ["_fullData"]), ...area]
}

/**
 * @param {HTMLElement} plot
 * @param {"" | "2"} [number]
 * @returns {[DrawnAxis, DrawnAxis]}
 */
function axisPair(plot, number = "") {
  const { _fullLayout: layout } = /** @type {Drawn} */ (plot)
  return [layout[`xaxis${number}`], layout[`yaxis${number}`]]
}
