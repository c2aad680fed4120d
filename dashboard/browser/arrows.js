// @ts-check
// The gradients and the step of a state as arrows on a surface.

import { isInside, paintDot } from "./overlay.js"

/** @import { Axes } from "./plotly_adapter.js" */
/** @import { State } from "./steps.js" */
/** @import { Context } from "./surface_tile.js" */
/** @import { Colours } from "./wire.js" */

/** @typedef {[x: number, y: number]} Vector pixels */

const SHORTEST = 16 // pixels of an arrow
const LONGEST = 0.2 // of two gradients, as a share of the axis

/**
 * Downhill, against the gradient, for all the data and, over it, for the minibatch; and the step.
 *
 * @param {Context} context
 * @param {Axes} axes
 * @param {State} state
 * @param {Colours} colours
 */
export function paintGradients(context, axes, state, colours) {
  const { w, b, move } = state
  /** @type {Vector} */
  const start = [axes.x(b), axes.y(w)]
  if (isInside(axes, b, w)) {
    downhill(axes, start, state).forEach(([x, y], number) => {
      const end = /** @type {Vector} */ ([start[0] + x, start[1] + y])
      paintArrow(context, start, end, colours.casing, 1.5)
      paintArrow(context, start, end, number === 0 ? colours.full : colours.minibatch, 0)
    })
  }
  if (move) paintMove(context, start, toPixels(axes, start, state, move.w, move.b), colours)
  paintDot(context, axes, b, w, "#111111")
}

/**
 * The arrows of all the data and of the minibatch: the longer one a share of the axis long, or as far
 * as the picture reaches, the other in proportion.
 *
 * @param {Axes} axes
 * @param {Vector} start
 * @param {State} state
 * @returns {Vector[]}
 */
function downhill(axes, start, state) {
  const { own, all } = state
  const slopes = own === all ? [all] : [all, own]
  const longest = Math.max(...slopes.map(({ slopeW, slopeB }) => Math.hypot(slopeW, slopeB)))
  if (!(longest > 0)) return []
  const [[left, right]] = axes.ranges
  const unit = (LONGEST * Math.abs(right - left)) / longest
  const arrows = slopes.map(({ slopeW, slopeB }) => toPixels(axes, start, state, -unit * slopeW, -unit * slopeB))
  const fit = Math.min(...arrows.map((arrow) => room(axes, start, arrow)))
  return arrows.map(([x, y]) => {
    const length = Math.max(Math.hypot(x, y), 1e-9)
    const scale = Math.max(fit, Math.min(SHORTEST / length, room(axes, start, [x, y])))
    return [scale * x, scale * y]
  })
}

/**
 * @param {Axes} axes
 * @param {Vector} start where (w, b) is
 * @param {{ w: number, b: number }} from
 * @param {number} alongW
 * @param {number} alongB
 * @returns {Vector}
 */
function toPixels(axes, start, { w, b }, alongW, alongB) {
  return [axes.x(b + alongB) - start[0], axes.y(w + alongW) - start[1]]
}

/**
 * By how much an arrow may be longer and still end in the picture, at most 1 as it is.
 *
 * @param {Axes} axes
 * @param {Vector} start
 * @param {Vector} along
 */
function room({ left, top, width, height }, [x, y], [alongX, alongY]) {
  const across = until(x, alongX, left, left + width)
  const up = until(y, alongY, top, top + height)
  return Math.max(0, Math.min(1, across, up))
}

/**
 * @param {number} at
 * @param {number} along
 * @param {number} from
 * @param {number} to
 */
function until(at, along, from, to) {
  if (along > 0) return (to - at) / along
  return along < 0 ? (from - at) / along : 1
}

/**
 * @param {Context} context
 * @param {Vector} start
 * @param {Vector} along
 * @param {Colours} colours
 */
function paintMove(context, [x, y], [alongX, alongY], { casing, full }) {
  const length = Math.hypot(alongX, alongY)
  if (!(length > 0) || !Number.isFinite(length)) return
  const scale = Math.max(length, SHORTEST) / length
  context.setLineDash([4, 3])
  for (const { colour, width } of [{ colour: casing, width: 4 }, { colour: full, width: 2 }]) {
    context.beginPath()
    context.moveTo(x, y)
    context.lineTo(x + scale * alongX, y + scale * alongY)
    context.strokeStyle = colour
    context.lineWidth = width
    context.stroke()
  }
  context.setLineDash([])
}

/**
 * @param {Context} context
 * @param {Vector} start
 * @param {Vector} tip
 * @param {string} colour
 * @param {number} casing pixels around it
 */
function paintArrow(context, [x, y], [tipX, tipY], colour, casing) {
  const length = Math.hypot(tipX - x, tipY - y)
  if (!(length > 1)) return
  const [alongX, alongY] = [(tipX - x) / length, (tipY - y) / length]
  const head = Math.min(10, length)
  const [neckX, neckY] = [tipX - head * alongX, tipY - head * alongY]
  context.strokeStyle = context.fillStyle = colour
  context.lineJoin = "round"
  context.lineWidth = 2.6 + 2 * casing
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(neckX, neckY)
  context.stroke()
  context.lineWidth = 2 * casing
  context.beginPath()
  context.moveTo(tipX, tipY)
  context.lineTo(neckX - 5 * alongY, neckY + 5 * alongX)
  context.lineTo(neckX + 5 * alongY, neckY - 5 * alongX)
  context.closePath()
  context.fill()
  if (casing) context.stroke()
}

/**
 * Degrees between two directions, or null where one of them is none.
 *
 * @param {Vector} one
 * @param {Vector} other
 */
export function angle([a, b], [c, d]) {
  const lengths = Math.hypot(a, b) * Math.hypot(c, d)
  if (!(lengths > 1e-16) || !Number.isFinite(lengths)) return null
  const cosine = (a * c + b * d) / lengths
  return Math.round((Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI)
}
