// @ts-check
// What is foretold on a chart before it is seen: a curve over the run, or a point on the surface. It stays
// there, so that the run is seen beside it.

import { element } from "./elements.js"
import { enlargement } from "./presenting.js"
import { placeOf } from "./steps.js"

/** @import { Axes } from "./plotly_adapter.js" */
/** @import { Run } from "./steps.js" */
/** @import { Context } from "./surface_tile.js" */
/** @import { Mark } from "./wire.js" */

/**
 * @typedef {object} Foretold
 * @property {Mark} mark of the chart that it is drawn on
 * @property {number[]} drawn values at equal parts of the run, or b and w of a point; none before it is drawn
 * @property {boolean} isAsked whether it can still be drawn
 */

/** An event of the window: something was foretold, or is asked for. */
export const FORETOLD = "minibatch-foretold"

const SHARED = Symbol.for("minibatch.foretold")
const realm = /** @type {{ [SHARED]?: Foretold | null }} */ (globalThis) // each component loads its own modules

const PARTS = 16 // of a run
const NUDGE = 0.04 // of an axis, with an arrow key
const RADIUS = 8 // pixels
const COLOUR = "#d97706"
const SHEET = "foretold-sheet" // what lies over a chart to be drawn on
const WORDS = {
  losses: "Draw the loss: drag from left to right. With the keyboard, left and right choose a place, up and down move the line there.",
  surface: "Choose a point: click or tap. With the keyboard, the arrows move it.",
}

/** @returns {Foretold | null} */
export function foretold() {
  return realm[SHARED] ?? null
}

/** @param {Foretold | null} what */
export function foretell(what) {
  realm[SHARED] = what
  dispatchEvent(new Event(FORETOLD))
}

/**
 * What is foretold on a chart, painted over it, and the sheet to draw it on as long as it is asked for.
 *
 * @param {"losses" | "surface"} mark
 * @param {HTMLElement} plot
 * @param {Context} context
 * @param {Axes} axes
 * @param {Run} run
 */
export function paintForetold(mark, plot, context, axes, run) {
  const asked = foretold()
  const sheet = plot.querySelector(`.${SHEET}`)
  if (asked?.mark !== mark) {
    sheet?.remove()
    return
  }
  if (asked.isAsked) layOver(plot, axes, sheet instanceof HTMLElement ? sheet : newSheet(plot, mark))
  else sheet?.remove()
  const { drawn } = asked
  if (drawn.length === 0) return
  if (mark === "surface") paintPoint(context, axes, drawn)
  else paintCurve(context, axes, run, drawn)
}

/**
 * @param {Context} context
 * @param {Axes} axes
 * @param {number[]} drawn
 */
function paintPoint(context, axes, [b, w]) {
  context.beginPath()
  context.arc(axes.x(b), axes.y(w), RADIUS, 0, 2 * Math.PI)
  context.fillStyle = COLOUR
  context.fill()
  context.lineWidth = 2
  context.strokeStyle = "#ffffff"
  context.stroke()
}

/**
 * @param {Context} context
 * @param {Axes} axes
 * @param {Run} run
 * @param {number[]} drawn
 */
function paintCurve(context, axes, run, drawn) {
  context.save()
  context.beginPath()
  drawn.forEach((value, k) => context.lineTo(axes.x(placeOf(run, (run.last * k) / PARTS)), axes.y(value)))
  context.lineWidth = 3
  context.setLineDash([9, 5])
  context.strokeStyle = COLOUR
  context.stroke()
  context.restore()
}

/**
 * @param {HTMLElement} plot
 * @param {Axes} axes
 * @param {HTMLElement} sheet
 */
function layOver(plot, axes, sheet) {
  const { left, top, width, height } = axes
  const [x, y, across, down] = [left, top, width, height].map((pixels) => `${pixels * enlargement()}px`)
  Object.assign(sheet.style, { left: x, top: y, width: across, height: down })
  axesOfSheet.set(sheet, axes)
  if (sheet.parentElement !== plot) plot.append(sheet)
}

/** @type {WeakMap<HTMLElement, Axes>} */
const axesOfSheet = new WeakMap() // as they were drawn last

/**
 * @param {HTMLElement} plot
 * @param {"losses" | "surface"} mark
 */
function newSheet(plot, mark) {
  const sheet = element("div", { class: SHEET, tabindex: 0, role: "application", "aria-label": WORDS[mark] })
  const draw = mark === "losses" ? drawCurve : drawPoint
  /** @type {number | null} */
  let last = null // the part of the run where the pointer was
  let isFirst = true // whether nothing was drawn before this stroke
  sheet.addEventListener("pointerdown", (event) => {
    sheet.setPointerCapture(event.pointerId)
    isFirst = foretold()?.drawn.length === 0
    last = draw(sheet, event, null, isFirst)
    event.stopPropagation()
  })
  sheet.addEventListener("pointermove", (event) => {
    if (sheet.hasPointerCapture(event.pointerId)) last = draw(sheet, event, last, isFirst)
  })
  let at = PARTS // the place that the keyboard moves
  sheet.addEventListener("keydown", (event) => {
    const nudge = mark === "losses" ? nudgeCurve : nudgePoint
    const next = nudge(sheet, event.key, at)
    if (next === null) return
    at = next
    event.preventDefault()
  })
  return sheet
}

/**
 * A stretch of the curve, from where the pointer was; the first one goes on level to the end of the run.
 *
 * @param {HTMLElement} sheet
 * @param {PointerEvent} event
 * @param {number | null} last
 * @param {boolean} isFirst
 */
function drawCurve(sheet, event, last, isFirst) {
  const axes = axesAt(sheet)
  const { across, down } = placeOn(sheet, event)
  const part = Math.round(across * PARTS)
  const value = axes.up(axes.top + down * axes.height)
  const drawn = curve(value)
  const from = last ?? part
  const before = drawn[from]
  for (let k = Math.min(from, part); k <= Math.max(from, part); k++) {
    drawn[k] = from === part ? value : before + ((value - before) * (k - from)) / (part - from)
  }
  if (isFirst && part >= from) drawn.fill(value, part)
  change(drawn)
  return part
}

/**
 * @param {HTMLElement} sheet
 * @param {PointerEvent} event
 */
function drawPoint(sheet, event) {
  const axes = axesAt(sheet)
  const { across, down } = placeOn(sheet, event)
  change([axes.across(axes.left + across * axes.width), axes.up(axes.top + down * axes.height)])
  return null
}

/**
 * Where the pointer is on a sheet, in shares of its size.
 *
 * @param {HTMLElement} sheet
 * @param {PointerEvent} event
 */
function placeOn(sheet, { clientX, clientY }) {
  const { left, top, width, height } = sheet.getBoundingClientRect()
  return { across: within((clientX - left) / width), down: within((clientY - top) / height) }
}

/**
 * @param {HTMLElement} sheet
 * @param {string} key
 * @param {number} at
 * @returns {number | null} the place that the next key moves; null where the key has no meaning
 */
function nudgeCurve(sheet, key, at) {
  const [, [bottom, top]] = axesAt(sheet).ranges
  const drawn = curve((bottom + top) / 2)
  if (key === "ArrowLeft" || key === "ArrowRight") {
    change(drawn)
    return Math.max(0, Math.min(PARTS, at + (key === "ArrowLeft" ? -1 : 1)))
  }
  if (key !== "ArrowUp" && key !== "ArrowDown") return null
  drawn[at] += (key === "ArrowUp" ? NUDGE : -NUDGE) * (top - bottom)
  change(drawn)
  return at
}

/**
 * @param {HTMLElement} sheet
 * @param {string} key
 * @param {number} at
 */
function nudgePoint(sheet, key, at) {
  const [[left, right], [bottom, top]] = axesAt(sheet).ranges
  /** @type {Record<string, [number, number]>} */
  const moves = { ArrowLeft: [-NUDGE, 0], ArrowRight: [NUDGE, 0], ArrowUp: [0, NUDGE], ArrowDown: [0, -NUDGE] }
  if (!Object.hasOwn(moves, key)) return null
  const [across, up] = moves[key]
  const [b, w] = foretold()?.drawn ?? []
  change([
    (b ?? (left + right) / 2) + across * (right - left),
    (w ?? (bottom + top) / 2) + up * (top - bottom),
  ])
  return at
}

/** @param {HTMLElement} sheet */
function axesAt(sheet) {
  const axes = axesOfSheet.get(sheet)
  if (!axes) throw new Error("The sheet lies over no chart.")
  return axes
}

/**
 * The curve so far, or a level one.
 *
 * @param {number} value
 */
function curve(value) {
  const drawn = foretold()?.drawn ?? []
  return drawn.length > 0 ? [...drawn] : Array.from({ length: PARTS + 1 }, () => value)
}

/** @param {number[]} drawn */
function change(drawn) {
  const asked = foretold()
  if (asked) foretell({ ...asked, drawn })
}

/** @param {number} share */
function within(share) {
  return Math.max(0, Math.min(1, share))
}
