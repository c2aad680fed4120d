// Where a step stands on each chart: drawn on a canvas over it, in the coordinates of its axes.

import { crossAt, minimumOf, pointsOf } from "./epoch_tiles.js"
import { writeCaption } from "./plot.js"
import { heatOf, paintHeat, paintLine, paintMarkers, spaced } from "./surface_tile.js"
import { accuracy, lossAndGradient, surfaceOf } from "./unit.js"
import { decimals, element, whole } from "./words.js"

const FINEST = 41 // values of w, and of b, of a minibatch's surface ...
const MOST_TERMS = 1e6 // ... or fewer, so that cells times points stay below this
const MOST_LIT = 600 // of a large minibatch's points
const SHORTEST = 16 // pixels of an arrow
const DOT = 5.5 // pixels from its middle to its edge
const ARROW = 0.2 // the longer of two gradients, as a share of the axis

export const MARKS = {
  loss: markLosses,
  late_loss: markLosses,
  traces: markTraces,
  late_traces: markTraces,

  surface({ state, run }, plot) {
    const axes = axesOf(plot)
    const context = canvasOver(plot)
    clipTo(context, [axes])
    paintGradients(context, axes, state, run)
    const where = isInside(axes, state.b, state.w) ? "" : "; outside this picture"
    writeCaption(plot, `loss ${change(state.all.loss, state.allNext)}${where}`)
  },

  // Drawn as the surface of all the data is, with its axes and its zoom, and its path.
  minibatch({ state, run, instance }, plot) {
    const surface = instance.plots.get("surface")
    const axes = axesOf(surface)
    const finest = Math.min(FINEST, Math.floor(Math.sqrt(MOST_TERMS / state.points.length)))
    const [bGrid, wGrid] = axes.ranges.map(([from, to]) => spaced(from, to, finest))
    const values = surfaceOf(run, state.points, wGrid, bGrid)
    const minimum = minimumOf(run, state.points, values, wGrid, bGrid)
    const context = canvasOver(plot, surface)
    paintAxes(context, surface, axes)
    clipTo(context, [axes])
    context.save()
    context.translate(axes.left, axes.top)
    paintHeat(context, heatOf(run, values, wGrid, bGrid), axes)
    context.restore()
    const [, ...path] = surface.data
    const marks = path.filter(({ marker }) => marker?.symbol !== "x-thin")
    if (minimum) marks.push(crossAt(minimum, 9))
    for (const mark of marks) {
      const paint = mark.mode === "lines" ? paintLine : paintMarkers
      paint(context, mark, (b, w) => [axes.x(b), axes.y(w)])
    }
    paintGradients(context, axes, state, run)
    captionMinibatch(plot, state, run)
    plot.onpointermove = ({ offsetX, offsetY }) => {
      const [w, b] = [axes.up(offsetY), axes.across(offsetX)]
      const { loss } = lossAndGradient(run, state.points, w, b)
      writeCaption(plot, `b ${b.toFixed(2)}, w ${w.toFixed(2)}: ${decimals(loss, 4)}`)
    }
    plot.onpointerleave = () => captionMinibatch(plot, state, run)
  },

  data({ state, run, atEnd }, plot) {
    const axes = axesOf(plot)
    const context = canvasOver(plot)
    clipTo(context, [axes])
    context.lineWidth = 2.5
    context.strokeStyle = run.colours.minibatch
    for (const i of state.points.subarray(0, MOST_LIT)) {
      const x = axes.x(run.x[i])
      context.beginPath()
      context.moveTo(x, axes.y(run.y[i] - 0.09))
      context.lineTo(x, axes.y(run.y[i] + 0.09))
      context.stroke()
    }
    context.beginPath()
    const [from, to] = plot._fullLayout.xaxis.range
    for (const x of spaced(from, to, 161)) {
      context.lineTo(axes.x(x), axes.y(1 / (1 + Math.exp(-(state.w * x + state.b)))))
    }
    context.lineWidth = 2.6
    context.strokeStyle = run.colours.full
    context.stroke()
    const boundary = state.w ? `p = ½ at x = ${decimals(-state.b / state.w, 2)}` : "p is flat"
    const right = (100 * accuracy(run, state.w, state.b)).toFixed(1)
    const ghost = atEnd ? "" : "; grey: at the end"
    writeCaption(plot, `${right}% right, ${boundary}; the minibatch's points stand out${ghost}`)
  },
}

function captionMinibatch(plot, { j, points, own, all, ownNext, move }, run) {
  const turn = angle([own.slopeW, own.slopeB], [all.slopeW, all.slopeB])
  const bend = move ? angle([-own.slopeW, -own.slopeB], [move.w, move.b]) : null
  const apart = turn === null || own === all ? "" : `; gradients ${turn}° apart`
  const off = bend === null || bend === 0 ? "" : `; step ${bend}° off`
  const note = `${pointsOf(run, points)}; loss ${change(own.loss, ownNext)}${apart}${off}`
  writeCaption(plot, note, move ? `Minibatch ${whole(j + 1)}` : "The last minibatch")
}

// What the marks on the charts are, of those charts that are there.
export function keyOf({ colours }, charts) {
  if (!charts.some(({ name }) => name === "surface")) return []
  const word = (text, colour) => {
    const made = element("b", {}, text)
    made.style.color = colour
    return made
  }
  const all = word("all the data", colours.full)
  const marks = "On a surface ○ start, ● end, × lowest point."
  if (!charts.some(({ name }) => name === "minibatch")) {
    return ["Arrow: downhill, always as long; dashed: the step taken. ", marks]
  }
  const its = word("this minibatch", colours.minibatch)
  return [
    "Arrows: downhill for ", its, " and for ", all,
    ", the longer one always as long; dashed: the step taken. ", marks,
  ]
}

function markLosses({ state, run, atEnd }, plot) {
  const axes = axesOf(plot)
  const context = canvasOver(plot)
  if (!isShown(axes, state.step)) return
  clipTo(context, [axes], DOT)
  paintStep(context, axes, state.step, run.colours.full)
  if (!atEnd) paintDot(context, axes, state.step, state.own.loss, run.colours.minibatch)
  paintDot(context, axes, state.step, state.all.loss, run.colours.full)
}

function markTraces({ state, run }, plot) {
  const both = [axesOf(plot), axesOf(plot, 2)]
  const context = canvasOver(plot)
  if (!isShown(both[0], state.step)) return
  clipTo(context, both, DOT)
  both.forEach((axes, number) => {
    const name = number ? "b" : "w"
    paintStep(context, axes, state.step, run.colours.full)
    paintDot(context, axes, state.step, state[name], run.colours[name])
  })
}

function isShown({ ranges: [[first, last]] }, step) {
  return step >= first && step <= last
}

// What a step does to a loss.
function change(before, after) {
  const shown = decimals(before, 4)
  if (after === undefined) return shown
  const worse = after > before ? ", worse" : ""
  if (decimals(after, 4) !== shown || after === before) return `${shown} → ${decimals(after, 4)}${worse}`
  return `${shown}, ${worse ? "up" : "down"} by ${Math.abs(after - before).toExponential(0)}${worse}`
}

function isInside({ ranges: [[left, right], [bottom, top]] }, x, y) {
  return x >= left && x <= right && y >= bottom && y <= top
}

// A cleared canvas over a chart, or where one would be that is as large as another.
function canvasOver(plot, like = plot) {
  let canvas = plot.querySelector(".player-layer")
  if (!canvas) {
    canvas = element("canvas", { class: "player-layer" })
    plot.append(canvas)
  }
  const context = canvas.getContext("2d")
  const ratio = window.devicePixelRatio
  const { width, height } = like._fullLayout
  const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    Object.assign(canvas, { width: pixelWidth, height: pixelHeight })
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` })
  }
  context.reset()
  context.scale(ratio, ratio)
  return context
}

function clipTo(context, axes, margin = 0) {
  context.beginPath()
  for (const { left, top, width, height } of axes) {
    context.rect(left - margin, top - margin, width + 2 * margin, height + 2 * margin)
  }
  context.clip()
}

// The ticks and titles that a Plotly chart has, once more.
function paintAxes(context, { _fullLayout: { xaxis, yaxis, font } }, { x, y, left, top, width, height }) {
  const bottom = top + height
  context.fillStyle = context.strokeStyle = font.color
  context.lineWidth = 1
  context.font = `11px ${font.family}`
  context.textAlign = "center"
  context.beginPath()
  for (const tick of xaxis._vals) {
    context.fillText(tick.text, x(tick.x), bottom + 17)
    context.moveTo(x(tick.x), bottom)
    context.lineTo(x(tick.x), bottom + 5)
  }
  context.textAlign = "right"
  for (const tick of yaxis._vals) {
    context.fillText(tick.text, left - 8, y(tick.x) + 4)
    context.moveTo(left - 5, y(tick.x))
    context.lineTo(left, y(tick.x))
  }
  context.stroke()
  context.font = `12px ${font.family}`
  context.textAlign = "center"
  context.fillText(xaxis.title.text, left + width / 2, bottom + 30)
  context.translate(left - 32, top + height / 2)
  context.rotate(-Math.PI / 2)
  context.fillText(yaxis.title.text, 0, 0)
  context.rotate(Math.PI / 2)
  context.translate(32 - left, -top - height / 2)
}

// The axes of a Plotly chart as functions from values to pixels, and the rectangle they span.
function axesOf(plot, number = "") {
  const { [`xaxis${number}`]: xaxis, [`yaxis${number}`]: yaxis } = plot._fullLayout
  return {
    x: (value) => xaxis._offset + xaxis.l2p(value),
    y: (value) => yaxis._offset + yaxis.l2p(value),
    across: (pixel) => xaxis.p2l(pixel - xaxis._offset),
    up: (pixel) => yaxis.p2l(pixel - yaxis._offset),
    ranges: [xaxis.range, yaxis.range],
    left: xaxis._offset,
    top: yaxis._offset,
    width: xaxis._length,
    height: yaxis._length,
  }
}

function paintStep(context, axes, step, colour) {
  context.fillStyle = colour
  context.globalAlpha = 0.35
  context.fillRect(axes.x(step) - 0.5, axes.top, 1, axes.height)
  context.globalAlpha = 1
}

function paintDot(context, axes, x, y, colour, edge = "#ffffff") {
  context.beginPath()
  context.arc(axes.x(x), axes.y(y), DOT - 1, 0, 2 * Math.PI)
  context.fillStyle = colour
  context.fill()
  context.lineWidth = 1.5
  context.strokeStyle = edge
  context.stroke()
}

// Downhill, against the gradient, for all the data and, over it, for the minibatch: the longer one
// a share of the axis long, or as far as the picture reaches, the other in proportion. And the step.
function paintGradients(context, axes, { w, b, own, all, move }, { colours }) {
  const start = [axes.x(b), axes.y(w)]
  const toPixels = (alongW, alongB) => [axes.x(b + alongB) - start[0], axes.y(w + alongW) - start[1]]
  const slopes = own === all ? [all] : [all, own]
  const [[left, right]] = axes.ranges
  const longest = Math.max(...slopes.map(({ slopeW, slopeB }) => Math.hypot(slopeW, slopeB)))
  if (longest > 0 && isInside(axes, b, w)) {
    const unit = (ARROW * Math.abs(right - left)) / longest
    const arrows = slopes.map(({ slopeW, slopeB }) => toPixels(-unit * slopeW, -unit * slopeB))
    const fit = Math.min(...arrows.map((arrow) => room(axes, start, arrow)))
    arrows.forEach(([x, y], number) => {
      const length = Math.max(Math.hypot(x, y), 1e-9)
      const scale = Math.max(fit, Math.min(SHORTEST / length, room(axes, start, [x, y])))
      const end = [start[0] + scale * x, start[1] + scale * y]
      const colour = number === 0 ? colours.full : colours.minibatch
      paintArrow(context, start, end, colours.casing, 1.5)
      paintArrow(context, start, end, colour, 0)
    })
  }
  if (move) paintMove(context, start, toPixels(move.w, move.b), colours)
  paintDot(context, axes, b, w, "#111111")
}

// By how much an arrow may be longer and still end in the picture, at most 1 as it is.
function room({ left, top, width, height }, [x, y], [alongX, alongY]) {
  const until = (at, along, from, to) => (along > 0 ? (to - at) / along : along < 0 ? (from - at) / along : 1)
  const across = until(x, alongX, left, left + width)
  const up = until(y, alongY, top, top + height)
  return Math.max(0, Math.min(1, across, up))
}

function paintMove(context, [x, y], [alongX, alongY], { casing, full }) {
  const length = Math.hypot(alongX, alongY)
  if (!(length > 0) || !Number.isFinite(length)) return
  const scale = Math.max(length, SHORTEST) / length
  context.setLineDash([4, 3])
  for (const [colour, width] of [[casing, 4], [full, 2]]) {
    context.beginPath()
    context.moveTo(x, y)
    context.lineTo(x + scale * alongX, y + scale * alongY)
    context.strokeStyle = colour
    context.lineWidth = width
    context.stroke()
  }
  context.setLineDash([])
}

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

// Degrees between two directions, or null where one of them is none.
function angle([a, b], [c, d]) {
  const lengths = Math.hypot(a, b) * Math.hypot(c, d)
  if (!(lengths > 1e-16) || !Number.isFinite(lengths)) return null
  const cosine = (a * c + b * d) / lengths
  return Math.round((Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI)
}

