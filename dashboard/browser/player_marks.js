// @ts-check
// Where a step stands on each chart: drawn on a canvas over it, in the coordinates of its axes.

import { angle, paintGradients } from "./arrows.js"
import { plotsOf } from "./board.js"
import { element } from "./elements.js"
import { writeCaption } from "./figures.js"
import { paintForetold } from "./foretold.js"
import { soFar } from "./future.js"
import { isInSight, lowestPoint } from "./lowest.js"
import { OPTIMIZERS } from "./optimizers.js"
import { canvasOver, clipTo, DOT, isInside, paintAxes, paintDot, paintStep } from "./overlay.js"
import { axesOf } from "./plotly_adapter.js"
import { enlargement } from "./presenting.js"
import { drawnOf, MOST_POINTS } from "./run_charts.js"
import { isOfAll, placeOf, pointsOf } from "./steps.js"
import { figureOn, layerOf } from "./traces.js"
import { crossAt, heatOf, paintHeat, paintMarks } from "./surface_tile.js"
import { accuracy, lossAndGradient, spaced, surfaceOf } from "./unit.js"
import { change, count, decimals, whole } from "./words.js"

/** @import { Board } from "./board.js" */
/** @import { Axes } from "./plotly_adapter.js" */
/** @import { Run, State } from "./steps.js" */
/** @import { Context, SurfaceMark } from "./surface_tile.js" */
/** @import { Colours, Mark, SentChart, Trace } from "./wire.js" */

const FINEST = 41 // values of w, and of b, of a minibatch's surface ...
const MOST_TERMS = 1e6 // ... or fewer, so that cells times points stay below this
const MOST_WHILE_PLAYING = 1000 // points of a minibatch whose lowest point is found in passing

/**
 * A run at a step, on a board.
 *
 * @typedef {object} Moment
 * @property {Board} board
 * @property {Run} run
 * @property {State} state
 * @property {number | null} playing not null while it plays
 * @property {boolean} hidesFuture
 */

/** @typedef {(moment: Moment, plot: HTMLElement) => void} Paint */

/**
 * What is drawn on the charts of each mark; the minibatches of an epoch are drawn by epoch_tiles.js.
 *
 * @type {Record<Exclude<Mark, "epoch">, Paint>}
 */
const PAINT = { losses: markLosses, traces: markTraces, surface: markSurface, minibatch: markMinibatch, data: markData }

export const MARKS = /** @type {(keyof typeof PAINT)[]} */ (Object.keys(PAINT))

/** @param {Moment} moment */
export function paintMarksOf(moment) {
  for (const mark of MARKS) {
    for (const plot of plotsOf(moment.board, mark)) PAINT[mark](moment, plot)
  }
}

/** @type {Paint} */
function markLosses(moment, plot) {
  const { board, run, state } = moment
  const axes = axesOf(plot)
  const context = layerOf(board, plot, seenAt(moment))
  const place = placeOf(run, state.step)
  paintForetold("losses", plot, context, axes, run)
  if (!isShown(axes, place)) return
  const { full, minibatch } = board.theme.colours
  clipTo(context, [axes], DOT)
  paintStep(context, axes, place, full)
  if (state.step < run.last) paintDot(context, axes, place, state.own.loss, minibatch)
  paintDot(context, axes, place, state.all.loss, full)
}

/** @type {Paint} */
function markTraces(moment, plot) {
  const { board, run, state } = moment
  const both = [axesOf(plot), axesOf(plot, "2")]
  const context = layerOf(board, plot, seenAt(moment))
  const place = placeOf(run, state.step)
  if (!isShown(both[0], place)) return
  const { colours } = board.theme
  clipTo(context, both, DOT)
  both.forEach((axes, number) => {
    const name = number ? "b" : "w"
    paintStep(context, axes, place, colours.full)
    paintDot(context, axes, place, state[name], colours[name])
  })
}

/**
 * What is seen of a chart in place of all, where the future is hidden.
 *
 * @param {Moment} moment
 */
function seenAt({ run, state, hidesFuture }) {
  return hidesFuture ? (/** @type {Trace[]} */ data) => soFar(data, run, state.step) : null
}

/**
 * Half a pixel beyond the axis, since the end of a run is drawn at a rounded place.
 *
 * @param {Axes} axes
 * @param {number} place
 */
function isShown({ x, left, width }, place) {
  return x(place) >= left - 0.5 && x(place) <= left + width + 0.5
}

/** @type {Paint} */
function markSurface(moment, plot) {
  const { board, run, state } = moment
  const axes = axesOf(plot)
  const context = layerOf(board, plot, seenAt(moment))
  clipTo(context, [axes])
  paintForetold("surface", plot, context, axes, run)
  paintGradients(context, axes, state, board.theme.colours)
  const where = isInside(axes, state.b, state.w) ? "" : " The run is out of sight."
  writeCaption(plot, `${change("the", state.all.loss, state.allNext)}${where}`)
}

/**
 * Drawn as the surface of all the data is, with its axes and its zoom, and its path.
 *
 * @type {Paint}
 */
function markMinibatch(moment, plot) {
  const { board, run, state, playing } = moment
  const [surface] = plotsOf(board, "surface")
  const axes = axesOf(surface)
  const { data, layout } = figureOn(board, surface)
  const context = canvasOver(plot, layout)
  const titles = { x: layout.xaxis?.title?.text ?? "", y: layout.yaxis?.title?.text ?? "" }
  paintAxes(context, surface, axes, titles, board.theme)
  clipTo(context, [axes])
  const seen = seenAt(moment)?.(data) ?? data
  const [, ...marks] = /** @type {[object, ...SurfaceMark[]]} */ (seen)
  paintSurface(context, axes, run, state, marks.filter(({ meta }) => meta !== "minimum" && meta !== "kept"))
  const isMoving = playing !== null || board.isHeld
  if (!isMoving || state.points.length <= MOST_WHILE_PLAYING) paintLowest(context, axes, run, state)
  paintGradients(context, axes, state, board.theme.colours)
  const isSeen = isInside(axes, state.b, state.w)
  captionMinibatch(run, plot, state, isSeen)
  plot.onpointermove = ({ offsetX, offsetY }) => {
    const scale = enlargement()
    const [w, b] = [axes.up(offsetY / scale), axes.across(offsetX / scale)]
    const { loss } = lossAndGradient(run, state.points, w, b)
    writeCaption(plot, `b ${b.toFixed(2)}, w ${w.toFixed(2)}: ${decimals(loss, 4)}`)
  }
  plot.onpointerleave = () => captionMinibatch(run, plot, state, isSeen)
}

/**
 * The minibatch's surface in the axes of another.
 *
 * @param {Context} context
 * @param {Axes} axes
 * @param {Run} run
 * @param {State} state
 * @param {SurfaceMark[]} path
 */
function paintSurface(context, axes, run, { points }, path) {
  const finest = Math.min(FINEST, Math.floor(Math.sqrt(MOST_TERMS / points.length)))
  const [bGrid, wGrid] = axes.ranges.map(([from, to]) => spaced(from, to, finest))
  const values = surfaceOf(run, points, wGrid, bGrid)
  context.save()
  context.translate(axes.left, axes.top)
  paintHeat(context, heatOf(run, values, wGrid, bGrid), axes)
  context.restore()
  paintMarks(context, path, (b, w) => [axes.x(b), axes.y(w)])
}

/**
 * The minibatch's own minimum.
 *
 * @param {Context} context
 * @param {Axes} axes
 * @param {Run} run
 * @param {State} state
 */
function paintLowest(context, axes, run, { points }) {
  const lowest = lowestPoint(run, points, run.w_ends, run.b_ends)
  if (isInSight(lowest)) paintMarks(context, [crossAt(lowest, 9)], (b, w) => [axes.x(b), axes.y(w)])
}

/**
 * @param {Run} run
 * @param {HTMLElement} plot
 * @param {State} state
 * @param {boolean} isSeen whether its arrow is in sight
 */
function captionMinibatch(run, plot, { j, points, own, all, ownBefore, ownNext, move }, isSeen) {
  const turn = own === all ? null : angle([own.slopeW, own.slopeB], [all.slopeW, all.slopeB])
  const bend = move ? angle([-own.slopeW, -own.slopeB], [move.w, move.b]) : null
  const from = [
    ...(turn === null ? [] : [`${turn}° from that of all the data`]),
    ...(bend === null ? [] : [`${bend}° from the step`]),
  ]
  const apart = isSeen && from.length > 0 ? ` Its arrow is ${from.join(", and ")}.` : ""
  const atEnd = run.diverged ? "The minibatch whose step diverges" : "The last minibatch"
  const title = move ? `Minibatch ${whole(j + 1)}` : atEnd
  const done = ownBefore === undefined ? change("its", own.loss, ownNext) : change("its", ownBefore, own.loss, true)
  writeCaption(plot, `${done}${apart}`, `${title}, ${count(points.length, "point")}`)
}

/** @type {Paint} */
function markData(moment, plot) {
  const { board, run, state, hidesFuture } = moment
  const axes = axesOf(plot)
  const context = layerOf(board, plot, seenAt(moment))
  const { full, minibatch } = board.theme.colours
  clipTo(context, [axes])
  const lit = drawnOf(state.points.length).map((k) => state.points[k])
  paintPoints(context, axes, run, lit, minibatch)
  paintSigmoid(context, axes, state, full)
  const drawn = run.x.length > MOST_POINTS ? ` The thin lines are ${whole(MOST_POINTS)} of all points.` : ""
  const ghost = state.atEnd || hidesFuture ? "" : " Grey: p at the end."
  writeCaption(plot, `${saidOfSides(run, state)}${drawn} ${saidOfLit(run, state, lit)}${ghost}`)
}

/**
 * How many points are where p says.
 *
 * @param {Run} run
 * @param {State} state
 */
function saidOfSides(run, { w, b }) {
  if (w === 0 && b === 0) return "p is ½ for every x, so the model says neither class."
  const right = `The model is right for ${whole(Math.round(accuracy(run, w, b) * run.x.length))} of ${count(run.x.length, "point")}`
  return w === 0
    ? `${right}: it says ${b > 0 ? 1 : 0} for every x.`
    : `${right}: it says 1 where x ${w > 0 ? ">" : "<"} ${decimals(-b / w, 2)}.`
}

/**
 * Which points stand out.
 *
 * @param {Run} run
 * @param {State} state
 * @param {number[]} lit those that do
 */
function saidOfLit(run, { points, atEnd }, lit) {
  const atLast = run.diverged ? "The diverging step's" : "The last minibatch's"
  const whose = atEnd ? atLast : "The minibatch's"
  if (points.length === 1) return `${whose} one point, of class ${run.y[points[0]]}, stands out.`
  if (lit.length === points.length) return `${whose} ${pointsOf(run, points)}, stand out.`
  const ones = lit.filter((i) => run.y[i] === 1).length
  return `${whole(lit.length)} of ${whose.toLowerCase()} ${count(points.length, "point")} stand out, ${whole(ones)} of class 1.`
}

/**
 * Points of the minibatch, taller and thicker than those of the data.
 *
 * @param {Context} context
 * @param {Axes} axes
 * @param {Run} run
 * @param {number[]} lit
 * @param {string} colour
 */
function paintPoints(context, axes, run, lit, colour) {
  context.lineWidth = 2.5
  context.strokeStyle = colour
  for (const i of lit) {
    const x = axes.x(run.x[i])
    context.beginPath()
    context.moveTo(x, axes.y(run.y[i] - 0.09))
    context.lineTo(x, axes.y(run.y[i] + 0.09))
    context.stroke()
  }
}

/**
 * @param {Context} context
 * @param {Axes} axes
 * @param {State} state
 * @param {string} colour
 */
function paintSigmoid(context, axes, { w, b }, colour) {
  context.beginPath()
  const [[from, to]] = axes.ranges
  for (const x of spaced(from, to, 161)) {
    context.lineTo(axes.x(x), axes.y(1 / (1 + Math.exp(-(w * x + b)))))
  }
  context.lineWidth = 2.6
  context.strokeStyle = colour
  context.stroke()
}

/**
 * What the marks on the charts are, of those charts that are there.
 *
 * @param {Run} run
 * @param {Colours} colours
 * @param {SentChart[]} charts
 * @returns {(string | HTMLElement)[]}
 */
export function keyOf(run, colours, charts) {
  if (!charts.some(({ mark }) => mark === "surface")) return []
  const marks =
    "The dashed line is the step. The dot is grey at the start, black now, and white at the end. " +
    "A cross × marks a minimum."
  const decay = isDecayed(run)
    ? " Losses, arrows and crosses are without weight decay, which also has a part in each step. So a run can stop where the gradient of the loss is not 0."
    : ""
  if (isOfAll(run) || !charts.some(({ mark }) => mark === "minibatch")) {
    return [`The arrow shows where downhill is, not how steep. ${marks}${decay}`]
  }
  return [
    "Arrows show where downhill is for ",
    coloured("this minibatch", colours.minibatch),
    " and ",
    coloured("all the data", colours.full),
    `, not how steep. ${marks}${decay}`,
  ]
}

/**
 * Whether weight decay has a part in the steps of a run.
 *
 * @param {Run} run
 */
function isDecayed({ optimizer, hyperparameters }) {
  return hyperparameters[OPTIMIZERS[optimizer].numbers.indexOf("weight_decay")] !== 0
}

/**
 * @param {string} text
 * @param {string} colour
 */
function coloured(text, colour) {
  const made = element("b", {}, text)
  made.style.color = colour
  return made
}
