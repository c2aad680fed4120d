// @ts-check
// A canvas over a Plotly chart, and its axes once more.

import { canvasIn, contextOf } from "./elements.js"
import { ticksOf } from "./plotly_adapter.js"
import { enlargement } from "./presenting.js"

/** @import { Axes } from "./plotly_adapter.js" */
/** @import { Context } from "./surface_tile.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Size } from "./surface_tile.js" */

export const DOT = 5.5 // pixels from its middle to its edge

/**
 * A cleared canvas over a plot, in the pixels of its sheet.
 *
 * @param {HTMLElement} plot
 * @param {Size} size of the sheet
 */
export function canvasOver(plot, { width, height }) {
  const canvas = canvasIn(plot, "player-layer")
  const context = contextOf(canvas)
  const scale = enlargement()
  const ratio = window.devicePixelRatio * scale
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    Object.assign(canvas, { width: pixelWidth, height: pixelHeight })
    Object.assign(canvas.style, { width: `${width * scale}px`, height: `${height * scale}px` })
  }
  context.reset()
  context.scale(ratio, ratio)
  return context
}

/**
 * @param {Context} context
 * @param {Axes[]} axes
 * @param {number} [margin] pixels
 */
export function clipTo(context, axes, margin = 0) {
  context.beginPath()
  for (const { left, top, width, height } of axes) {
    context.rect(left - margin, top - margin, width + 2 * margin, height + 2 * margin)
  }
  context.clip()
}

/**
 * The ticks and titles that a Plotly chart has, once more.
 *
 * @param {Context} context
 * @param {HTMLElement} plot
 * @param {Axes} axes
 * @param {{ x: string, y: string }} titles
 * @param {Theme} theme
 */
export function paintAxes(context, plot, { x, y, left, top, width, height }, titles, { font, text: colour }) {
  const bottom = top + height
  const { across, up } = ticksOf(plot)
  context.fillStyle = context.strokeStyle = colour
  context.lineWidth = 1
  context.font = `11px ${font}`
  context.textAlign = "center"
  context.beginPath()
  for (const { at, text } of across) {
    context.fillText(text, x(at), bottom + 17)
    context.moveTo(x(at), bottom)
    context.lineTo(x(at), bottom + 5)
  }
  context.textAlign = "right"
  for (const { at, text } of up) {
    context.fillText(text, left - 8, y(at) + 4)
    context.moveTo(left - 5, y(at))
    context.lineTo(left, y(at))
  }
  context.stroke()
  context.font = `12px ${font}`
  context.textAlign = "center"
  context.fillText(titles.x, left + width / 2, bottom + 30)
  context.translate(left - 32, top + height / 2)
  context.rotate(-Math.PI / 2)
  context.fillText(titles.y, 0, 0)
  context.rotate(Math.PI / 2)
  context.translate(32 - left, -top - height / 2)
}

/**
 * The line of a step over a chart of steps.
 *
 * @param {Context} context
 * @param {Axes} axes
 * @param {number} step
 * @param {string} colour
 */
export function paintStep(context, axes, step, colour) {
  context.fillStyle = colour
  context.globalAlpha = 0.35
  context.fillRect(axes.x(step) - 0.5, axes.top, 1, axes.height)
  context.globalAlpha = 1
}

/**
 * @param {Context} context
 * @param {Axes} axes
 * @param {number} x
 * @param {number} y
 * @param {string} colour
 */
export function paintDot(context, axes, x, y, colour) {
  context.beginPath()
  context.arc(axes.x(x), axes.y(y), DOT - 1, 0, 2 * Math.PI)
  context.fillStyle = colour
  context.fill()
  context.lineWidth = 1.5
  context.strokeStyle = "#ffffff"
  context.stroke()
}

/**
 * @param {Axes} axes
 * @param {number} x
 * @param {number} y
 */
export function isInside({ ranges: [[left, right], [bottom, top]] }, x, y) {
  return x >= left && x <= right && y >= bottom && y <= top
}
