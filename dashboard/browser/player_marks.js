// Where a step stands on each chart: drawn on a canvas over it, in the coordinates of its axes.

const FINEST = 41 // values of w, and of b, of a minibatch's surface ...
const MOST_TERMS = 2e6 // ... or fewer, so that cells times points stay below this
const MOST_LIT = 600 // of a large minibatch's points
const DOT = 5.5 // pixels from its middle to its edge
const ARROW = 0.2 // the longer of two gradients, as a share of the axis

const MARKS = {
  loss: markLosses,
  late_loss: markLosses,
  traces: markTraces,
  late_traces: markTraces,

  surface({ state, run }, plot) {
    const axes = axesOf(plot)
    const context = canvasOver(plot)
    clipTo(context, [axes])
    paintGradients(context, axes, state, run)
    writeCaption(plot, `loss ${change(state.all.loss, state.allNext)}; arrows: downhill`)
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
    plot.onpointermove = (event) => {
      const { x: b, y: w } = valuesAt(surface, event, plot)
      const { loss } = lossAndGradient(run, state.points, w, b)
      writeCaption(plot, `b ${b.toFixed(2)}, w ${w.toFixed(2)}: ${decimals(loss, 4)}`)
    }
    plot.onpointerleave = () => captionMinibatch(plot, state, run)
  },

  data({ state, run }, plot) {
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
    writeCaption(plot, `${right}% right, ${boundary}; the minibatch's points stand out`)
  },
}

function captionMinibatch(plot, { j, points, own, all, ownNext }, run) {
  const turn = angle(own, all)
  const apart = turn === null ? "" : `; gradients ${turn}° apart`
  const note = `${pointsOf(run, points)}; loss ${change(own.loss, ownNext)}${apart}`
  writeCaption(plot, note, `Minibatch ${whole(j + 1)}`)
}

function markLosses({ state, run }, plot) {
  const axes = axesOf(plot)
  const context = canvasOver(plot)
  clipTo(context, [axes], DOT)
  paintStep(context, axes, state.step, run.colours.full)
  paintDot(context, axes, state.step, state.own.loss, run.colours.minibatch)
  paintDot(context, axes, state.step, state.all.loss, run.colours.full)
}

function markTraces({ state, run }, plot) {
  const both = [axesOf(plot), axesOf(plot, 2)]
  const context = canvasOver(plot)
  clipTo(context, both, DOT)
  both.forEach((axes, number) => {
    const name = number ? "b" : "w"
    paintStep(context, axes, state.step, run.colours.full)
    paintDot(context, axes, state.step, state[name], run.colours[name])
  })
}

// What a step does to a loss.
function change(before, after) {
  if (after === undefined) return decimals(before, 4)
  return `${decimals(before, 4)} → ${decimals(after, 4)}${after > before ? ", worse" : ""}`
}

function writeCaption(plot, note, title) {
  const [heading, text] = plot.closest("figure").querySelectorAll("figcaption b, figcaption span")
  if (title) heading.textContent = title
  text.textContent = note
  delete text.dataset.note
  plot.setAttribute("aria-label", `Chart: ${heading.textContent}. ${note}`)
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
  const { [`xaxis${number}`]: across, [`yaxis${number}`]: up } = plot._fullLayout
  return {
    x: (value) => across._offset + across.l2p(value),
    y: (value) => up._offset + up.l2p(value),
    ranges: [across.range, up.range],
    left: across._offset,
    top: up._offset,
    width: across._length,
    height: up._length,
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

// Downhill, against the gradient: for all the data and, over it, for the minibatch.
function paintGradients(context, axes, { w, b, own, all, points }, { colours, x }) {
  const longest = Math.max(Math.hypot(own.slopeW, own.slopeB), Math.hypot(all.slopeW, all.slopeB))
  const [[left, right]] = axes.ranges
  const scale = longest > 0 ? (ARROW * Math.abs(right - left)) / longest : 0
  const start = [axes.x(b), axes.y(w)]
  const arrows = [[all, colours.full]]
  if (points.length < x.length) arrows.push([own, colours.minibatch])
  for (const [{ slopeW, slopeB }, colour] of arrows) {
    const end = [axes.x(b - scale * slopeB), axes.y(w - scale * slopeW)]
    paintArrow(context, start, end, colours.casing, 1.5)
    paintArrow(context, start, end, colour, 0)
  }
  paintDot(context, axes, b, w, "#111111")
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

// Degrees between two gradients, or null where one of them has no direction.
function angle(own, all) {
  const lengths = Math.hypot(own.slopeW, own.slopeB) * Math.hypot(all.slopeW, all.slopeB)
  if (!(lengths > 0) || !Number.isFinite(lengths)) return null
  const cosine = (own.slopeW * all.slopeW + own.slopeB * all.slopeB) / lengths
  return Math.round((Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI)
}

// A surface as the heatmap that paintHeat and paintTile take.
function heatOf({ limits, stops }, values, wGrid, bGrid) {
  const rows = Array.from(wGrid, (_, i) => values.subarray(i * bGrid.length, (i + 1) * bGrid.length))
  return { x: bGrid, y: wGrid, z: rows, zmin: limits[0], zmax: limits[1], zsmooth: "fast", colorscale: stops }
}

function spaced(from, to, points) {
  return Float64Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1))
}
