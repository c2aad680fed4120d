// @ts-check
// The charts of a run: what dashboard/charts/run.py and dashboard/figures would draw of it, in the figures
// that were sent, which have all but what depends on the run. What a trace shows, its `meta` says. A test
// compares every number and word.

import { bandsOf, lateLosses, lateTitle, lateTraces, noteOfEpoch, noteOfLateLosses, withEpochs } from "./late.js"
import { isInSight } from "./lowest.js"
import { NOTES } from "./notes.js"
import { isOfAll, placeOf } from "./steps.js"
import { said, written } from "./sentences.js"
import { isShort } from "./spectrum.js"
import { endsOf, shortened, thinned } from "./thinned.js"
import { spaced } from "./unit.js"
import { PLACES, TITLES } from "./units.js"
import { lossInShort, number, percent, whole } from "./words.js"

/** @import { Ground } from "./ground.js" */
/** @import { Ends, InSight } from "./lowest.js" */
/** @import { Note } from "./notes.js" */
/** @import { Filled } from "./board.js" */
/** @import { Counting, Planned, Played } from "./plan.js" */
/** @import { Spectrum } from "./spectrum.js" */
/** @import { Trained } from "./training.js" */
/** @import { Axis, Follows, Layout, Numbers, SentChart, SentRun, SentSettings, Trace, View } from "./wire.js" */

export const MOST_FULL = 301 // steps at which the loss on all the data is drawn
const MOST_DRAWN = 800 // points of the losses, half as many of w, of b and of the path
const LARGE = 10_000 // from here on ticks are written 10k, ...
const MANY = 1000 // ... and from here on two charts side by side have fewer
const FARTHEST_IN_SIGHT = 1e6 // how far w and b of a diverging run are drawn
const FARTHEST_DRAWN = 1e4 // and how far a path
export const MOST_POINTS = 600 // of the data, and of a minibatch
const CURVE = 161 // points of the fitted p
const MOST_TICKS = 6 // of the spectrum
const [FARTHER, LEAST_REACH, MARGIN] = [4, 10, 0.05] // of an axis that kept runs would make too long

/**
 * A run whose charts are to be drawn.
 *
 * @typedef {object} Ran
 * @property {Played} run
 * @property {Trained} trained
 * @property {Ground} ground
 * @property {Spectrum | null} spectrum of the losses, where there is one and a chart shows it
 */

/**
 * @typedef {object} Shown
 * @property {(steps: ArrayLike<number>) => Int32Array | Float32Array} place of steps along an axis
 * @property {Set<string>} explained names of the terms that the notes so far explain
 */

/** @typedef {Ran & Shown} Picture */

/** @typedef {Pick<Played, "w" | "b" | "x" | "batch_size" | "replacement">} OnGround a run on a surface */

/** @typedef {Pick<Trace, "x" | "y">} Line */

/** @type {WeakMap<Float64Array, { curve: Float64Array, across: Float32Array, class0: Line, class1: Line }>} */
const drawnOfData = new WeakMap() // by x

/** @typedef {Exclude<Follows, "runs" | "race" | "stability" | "noise">} Followed by what is here */

/** @type {Record<Followed, (chart: SentChart, picture: Picture) => SentChart>} */
const DRAW = {
  losses: drawLosses,
  traces: drawTraces,
  late_losses: drawLateLosses,
  late_traces: drawLateTraces,
  spectrum: drawSpectrum,
  surface: drawSurface,
  data: drawData,
}

/**
 * A run that was trained, and is to be played.
 *
 * @param {SentRun} sent
 * @param {SentSettings} settings which the sent one may not have
 * @param {Planned} planned
 * @param {Trained} trained
 * @param {Ground} ground
 * @returns {Played}
 */
export function runOf(sent, settings, planned, { w, b, divergedAt }, ground) {
  const { unit = "steps", step_cost = 0 } = settings.looks
  const { start: _, schedule: __, ...plan } = planned
  const rates = plan.rates && plan.rates.subarray(0, w.length - 1)
  const { wEnds, bEnds } = ground
  const drawn = { w_ends: wEnds, b_ends: bEnds, limits: limitsOf(ground) }
  return { ...sent, ...plan, ...drawn, unit, step_cost, rates, settings, w, b, diverged: divergedAt !== null }
}

/**
 * A board with a run in it.
 *
 * @param {View} view
 * @param {Ran} ran
 * @returns {Filled}
 */
export function filled(view, ran) {
  const { run } = ran
  const picture = { ...ran, place: placesOf(run), explained: new Set(Object.keys(view.labels)) }
  const charts = view.charts.map((chart) => {
    const { follows } = chart
    return follows && follows in DRAW ? DRAW[/** @type {Followed} */ (follows)](chart, picture) : chart
  })
  return { ...view, charts, player: run }
}

/**
 * Where steps stand on the axis of charts along a run.
 *
 * @param {Played} run
 */
function placesOf(run) {
  /** @param {ArrayLike<number>} steps */
  return (steps) => {
    const places = Array.from(steps, (step) => placeOf(run, step))
    return run.unit === "steps" ? Int32Array.from(places) : Float32Array.from(places)
  }
}

// ---- losses

/**
 * @param {SentChart} sent
 * @param {Picture} picture
 * @returns {SentChart}
 */
function drawLosses(sent, { run, trained, place, explained }) {
  const chart = countedAlong(sent, run)
  const { batchLoss, steps: fullSteps, fullLoss: full } = trained
  const fresh = chart.data?.some(({ meta }) => meta === "held_out") ? trained.heldOutLoss : null
  const steps = thinned([batchLoss], MOST_DRAWN)
  const x = place(fullSteps)
  const all = Int32Array.from(fullSteps, (_, k) => k)
  const kept = keptIn(chart)
  const data = withTraces(chart, {
    batch_loss: { x: place(steps), y: shortened(batchLoss, steps), showlegend: kept.length > 0 || !isOfAll(run) },
    full_loss: { x, y: shortened(full, all) },
    ...(fresh && { held_out: { x, y: shortened(fresh, all) } }),
  })
  const xaxis = countedAxis(chart.layout?.xaxis, run, kept)
  const yaxis = inSight(chart.layout?.yaxis, [batchLoss, full], kept, 0, true)
  const layout = { ...chart.layout, xaxis, yaxis }
  return { ...chart, data, layout, ...noteOf(noteOfLosses(run, trained, fresh), explained) }
}

/**
 * @param {Played} run
 * @param {Trained} trained
 * @param {Float64Array | null} fresh
 */
function noteOfLosses(run, { batchLoss, fullLoss: full }, fresh) {
  if (batchLoss.length === 0) return [said(NOTES.nothing)]
  const [first, end] = [lossInShort(full[0]), lossInShort(full[full.length - 1])]
  const [lowest, highest] = endsOf(full)
  const alike = lowest === highest ? NOTES.losses_same : NOTES.losses_alike
  const all = [said(first === end ? alike : NOTES.losses, { first, last: end })]
  if (fresh) all.push(said(NOTES.held_out, { last: lossInShort(fresh[fresh.length - 1]) }))
  const lastEpoch = batchLoss.subarray(-run.per_epoch)
  if (run.diverged || lastEpoch.length === 1) return all
  const [low, high] = endsOf(lastEpoch).map(lossInShort)
  return [...all, said(low === high ? NOTES.minibatches_alike : NOTES.minibatches, { low, high })]
}

// ---- w and b

/**
 * @param {SentChart} sent
 * @param {Picture} picture
 * @returns {SentChart}
 */
function drawTraces(sent, { run, place, explained }) {
  const chart = countedAlong(sent, run)
  const end = stepsInSight(run)
  const values = { w: run.w.subarray(0, end), b: run.b.subarray(0, end) }
  /** @param {Float64Array} own */
  const along = (own) => {
    const steps = thinned([own], MOST_DRAWN / 2)
    return { x: place(steps), y: shortened(own, steps) }
  }
  const data = withTraces(chart, { w: along(values.w), b: along(values.b) })
  const kept = keptIn(chart)
  /** @type {Layout} */
  const layout = { ...chart.layout }
  for (const [axes, name] of /** @type {const} */ ([["", "w"], ["2", "b"]])) {
    const theirs = kept.filter(({ yaxis }) => yaxis === `y${axes}`)
    layout[`xaxis${axes}`] = countedAxis(layout[`xaxis${axes}`], run, kept, true)
    layout[`yaxis${axes}`] = inSight(layout[`yaxis${axes}`], [values[name]], theirs, LEAST_REACH)
  }
  return { ...chart, data, layout, ...noteOf(noteOfTraces(run, end), explained) }
}

/**
 * How many values of w and b are drawn: all, or those before a diverging run leaves +-1e6.
 *
 * @param {Played} run
 */
function stepsInSight({ w, b, diverged }) {
  const end = diverged ? w.findIndex((_, step) => isFar(w[step], b[step], FARTHEST_IN_SIGHT)) : -1
  return end === -1 ? w.length : end
}

/**
 * @param {number} w
 * @param {number} b
 * @param {number} reach
 */
function isFar(w, b, reach) {
  return Math.abs(w) > reach || Math.abs(b) > reach
}

/**
 * @param {Played} run
 * @param {number} end
 */
function noteOfTraces({ w, b }, end) {
  const cut = end < w.length ? [said(NOTES.cut, { step: whole(end - 1) })] : []
  return [noteOfWay("w", w), noteOfWay("b", b), ...cut]
}

/**
 * From where to where a number goes, as far as three decimals tell.
 *
 * @param {string} name
 * @param {Float64Array} values
 */
function noteOfWay(name, values) {
  const ends = endsOf(values)
  const [first, last, low, high] = [values[0], values[values.length - 1], ...ends].map((value) => number(value, 3))
  const unmoved = ends[0] === ends[1] ? NOTES.same : NOTES.stays
  const way = first !== last ? NOTES.goes : low === high ? unmoved : NOTES.returns
  return said(way, { name, first, last })
}

// ---- the last epochs

/**
 * @param {SentChart} chart
 * @param {Picture} picture
 * @returns {SentChart}
 */
function drawLateLosses(chart, { run, trained, explained }) {
  const layout = { ...chart.layout, xaxis: withEpochs(run, chart.layout?.xaxis), shapes: bandsOf(run, [""]) }
  const data = withTraces(chart, lateLosses(run, trained.batchLoss))
  return { ...chart, data, layout, title: lateTitle(run), ...noteOf(noteOfLateLosses(run), explained) }
}

/**
 * @param {SentChart} chart
 * @param {Picture} picture
 * @returns {SentChart}
 */
function drawLateTraces(chart, { run, explained }) {
  const [xaxis, xaxis2] = [chart.layout?.xaxis, chart.layout?.xaxis2].map((axis) => withEpochs(run, axis))
  const layout = { ...chart.layout, xaxis, xaxis2, shapes: bandsOf(run, ["", "2"]) }
  return { ...chart, data: withTraces(chart, lateTraces(run)), layout, ...noteOf(noteOfEpoch(run), explained) }
}

// ---- the spectrum

/**
 * @param {SentChart} chart
 * @param {Picture} picture
 * @returns {SentChart}
 */
function drawSpectrum(chart, { run, trained, spectrum, explained }) {
  const { per_epoch: perEpoch } = run
  const visible = spectrum !== null
  const data = withTraces(chart, { swings: spectrum ? lineOf(spectrum, perEpoch) : { x: [], y: [] } })
  const xaxis = { ...chart.layout?.xaxis, ...timesPerEpoch(perEpoch), visible }
  const yaxis = { ...chart.layout?.yaxis, visible }
  const note = spectrum ? noteOfShare(spectrum) : whyThereIsNone(trained.batchLoss.length, perEpoch)
  const answer = spectrum ? chart.answer : { text: "", terms: [] }
  return { ...chart, data, layout: { ...chart.layout, xaxis, yaxis }, answer, ...noteOf([note], explained) }
}

/**
 * @param {Spectrum} spectrum
 * @param {number} perEpoch
 * @returns {Line}
 */
function lineOf({ amplitude, steps }, perEpoch) {
  const drawn = thinned([amplitude], MOST_DRAWN)
  return { x: Float32Array.from(drawn, (k) => ((k + 1) / steps) * perEpoch), y: shortened(amplitude, drawn) }
}

/**
 * An axis up to the fastest swing, of two steps, with ticks at whole numbers alone.
 *
 * @param {number} perEpoch
 * @returns {Axis}
 */
function timesPerEpoch(perEpoch) {
  const fastest = Math.floor(perEpoch / 2)
  const every = Math.max(1, Math.ceil(fastest / MOST_TICKS))
  const tickvals = Array.from({ length: Math.floor(fastest / every) }, (_, k) => every * (k + 1))
  return { range: [0, 0.51 * perEpoch], tickvals, ticktext: tickvals.map(whole), tickangle: 0 }
}

/** @param {Spectrum} spectrum */
function noteOfShare({ periodicShare }) {
  const share = percent(periodicShare, 0)
  return said(NOTES.repeated, { share: share[0].toUpperCase() + share.slice(1) })
}

/**
 * @param {number} steps that were taken
 * @param {number} perEpoch
 */
function whyThereIsNone(steps, perEpoch) {
  if (perEpoch === 1) return NOTES.no_order
  return isShort(steps, perEpoch) ? NOTES.few_epochs : NOTES.no_swing
}

// ---- the surface

/**
 * The losses at the ends of the colours of all the data, which its minibatches share.
 *
 * @param {Pick<Ground, "limits" | "coinToss">} ground
 * @returns {Ends}
 */
export function limitsOf({ limits: [low, high], coinToss }) {
  return [low, Math.min(high, 4 * coinToss)]
}

/**
 * @param {SentChart} chart
 * @param {{ run: OnGround, ground: Ground }} picture
 * @returns {SentChart}
 */
export function drawSurface(chart, { run, ground }) {
  const [zmin, zmax] = limitsOf(ground)
  const path = pathOf(run)
  const data = withTraces(chart, {
    heat: { x: ground.b, y: ground.w, z: ground.rows, zmin, zmax },
    path: { x: path.b, y: path.w },
    ends: { x: firstAndLast(path.b), y: firstAndLast(path.w) },
  }).filter(({ meta }) => meta !== "minimum")
  if (isInSight(ground.lowest)) data.push(minimumMark(ground.lowest))
  const { layout } = chart
  const xaxis = { ...layout?.xaxis, range: ground.bEnds }
  const yaxis = { ...layout?.yaxis, range: ground.wEnds }
  return { ...chart, data, layout: { ...layout, xaxis, yaxis }, bar: chart.bar && { ...chart.bar, ...barOf(ground, !isOfAll(run)) } }
}

/**
 * The path of a run as far as it is drawn.
 *
 * @param {Pick<OnGround, "w" | "b">} run
 */
export function pathOf({ w, b }) {
  const steps = thinned([w, b], MOST_DRAWN / 2)
  const end = steps.findIndex((step) => isFar(w[step], b[step], FARTHEST_DRAWN))
  const drawn = end === -1 ? steps : steps.subarray(0, end)
  return { w: shortened(w, drawn), b: shortened(b, drawn) }
}

/** @param {Float32Array | Float64Array} values */
function firstAndLast(values) {
  return values.length ? [values[0], values[values.length - 1]] : []
}

/**
 * @param {InSight} minimum
 * @returns {Trace}
 */
function minimumMark({ place, w, b }) {
  const name = place === "local" ? "local minimum" : "lowest point"
  const look = {
    marker: { symbol: "x-thin", size: 9, line: { color: "#ffffff", width: 2 } },
    hovertemplate: `${name}<br>w %{y:.2f}, b %{x:.2f}<extra></extra>`,
    cliponaxis: false,
  }
  return { type: "scatter", mode: "markers", meta: "minimum", x: [b], y: [w], ...look }
}

/**
 * What the colours of a surface mean, that are its own or shared with those of minibatches.
 *
 * @param {Pick<Ground, "limits" | "coinToss">} ground
 * @param {boolean} isShared and a minibatch may be better and worse than all the data anywhere
 */
export function barOf(ground, isShared) {
  const { limits: [, highest] } = ground
  const [low, high] = limitsOf(ground)
  const less = isShared ? "≤ " : ""
  const more = isShared || highest > high ? "≥ " : ""
  const { text: words } = isShared ? NOTES.shared_range : NOTES.own_range
  return { low: `${less}${low.toFixed(3)}`, high: `${more}${high.toFixed(high >= 0.1 ? 2 : 3)}`, words }
}

// ---- the data

/**
 * @param {SentChart} chart
 * @param {Picture} picture
 * @returns {SentChart}
 */
function drawData(chart, { run: { x, y, w, b } }) {
  const { curve, across, class0, class1 } = placesOfData(x, y)
  const [endW, endB] = [w[w.length - 1], b[b.length - 1]]
  const p = Float32Array.from(curve, (each) => 0.5 + 0.5 * Math.tanh(0.5 * (endW * each + endB)))
  return { ...chart, data: withTraces(chart, { class0, class1, fit: { x: across, y: p } }) }
}

/**
 * What is drawn of the data, and where p is: the same arrays for every run on the same points, by which
 * a picture is known to serve the next run too.
 *
 * @param {Float64Array} x
 * @param {Uint8Array} y
 */
function placesOfData(x, y) {
  const known = drawnOfData.get(x)
  if (known) return known
  const [low, high] = endsOf(x)
  const curve = spaced(low - 0.3, high + 0.3, CURVE)
  const places = { curve, across: Float32Array.from(curve), class0: rugOf(x, y, 0), class1: rugOf(x, y, 1) }
  drawnOfData.set(x, places)
  return places
}

/**
 * A line for each point of a class, of some points evenly chosen.
 *
 * @param {Float64Array} x
 * @param {Uint8Array} y
 * @param {0 | 1} label
 */
function rugOf(x, y, label) {
  const own = drawnOf(x.length).filter((i) => y[i] === label)
  return {
    x: Float32Array.from(own.flatMap((i) => [x[i], x[i], NaN])),
    y: Float32Array.from(own.flatMap(() => [label - 0.045, label + 0.045, NaN])),
  }
}

/**
 * Which of so many points are drawn: all, or some evenly chosen. Of sorted ones the first would lie on one side.
 *
 * @param {number} count
 */
export function drawnOf(count) {
  const last = count - 1
  const most = Math.min(count, MOST_POINTS)
  return Array.from({ length: most }, (_, k) => (k < most - 1 ? Math.trunc(k * (last / (most - 1))) : last))
}

// ---- what they have in common

/**
 * The traces of a chart, with what is new of those that show something else now.
 *
 * @param {SentChart} chart
 * @param {Record<string, Partial<Trace>>} shown
 */
function withTraces({ data }, shown) {
  return (data ?? []).map((trace) => /** @type {Trace} */ (Object.assign({}, trace, shown[trace.meta ?? ""])))
}

/**
 * Whether a board shows the loss on held-out data.
 *
 * @param {View} view
 */
export function hasHeldOut({ charts }) {
  return charts.some(({ data }) => data?.some(({ meta }) => meta === "held_out"))
}

/**
 * Whether a board shows the spectrum of its run.
 *
 * @param {View} view
 */
export function hasSpectrum({ charts }) {
  return charts.some(({ follows }) => follows === "spectrum")
}

/**
 * The paths of kept runs on the surface of a board.
 *
 * @param {View} view
 */
export function keptPaths({ charts }) {
  return charts.filter(({ mark }) => mark === "surface").flatMap(keptIn)
}

/** @param {SentChart} chart */
function keptIn({ data }) {
  return (data ?? []).filter(({ meta }) => meta === "kept")
}

/**
 * A chart along a run whose lines say what is counted; those of kept runs stand where that has them.
 *
 * @param {SentChart} chart
 * @param {Played} run
 * @returns {SentChart}
 */
function countedAlong(chart, run) {
  const data = (chart.data ?? []).map((trace) => {
    const { name, meta, customdata } = trace
    const hovertemplate = `${PLACES[run.unit]}: %{y:.4f}<extra>${name}</extra>`
    return Object.assign({}, trace, meta && { hovertemplate }, customdata && { x: keptPlaces(customdata, run) })
  })
  return { ...chart, data }
}

/**
 * Where a line of a kept run stands.
 *
 * @param {Numbers[]} counts
 * @param {Counting} counting
 */
function keptPlaces([steps, epochs, examples], { unit, step_cost: cost }) {
  if (unit === "steps") return Int32Array.from(steps)
  if (unit === "time") return Float32Array.from(steps, (step, k) => step * cost + examples[k])
  return unit === "epochs" ? epochs : examples
}

/**
 * The axis along a run, up to the end of the longest.
 *
 * @param {Axis | undefined} axis
 * @param {Played} run
 * @param {Trace[]} kept
 * @param {boolean} [isNarrow]
 * @returns {Axis}
 */
function countedAxis(axis, run, kept, isNarrow = false) {
  const { tickformat: _, nticks: __, ...plain } = axis ?? {}
  const ends = kept.map(({ x = [] }) => x[x.length - 1])
  const last = Math.max(placeOf(run, run.w.length - 1), ...ends)
  const large = last >= LARGE ? { tickformat: "~s" } : {}
  const title = { ...plain.title, text: TITLES[run.unit] }
  return { ...plain, title, uirevision: run.unit, ...large, ...(isNarrow && last >= MANY ? { nticks: 4 } : {}) }
}

/**
 * The range of an axis where a kept run would make it too long for the present one, else none.
 *
 * @param {Axis | undefined} axis
 * @param {Float64Array[]} own
 * @param {Trace[]} kept
 * @param {number} least
 * @param {boolean} [isFromZero]
 * @returns {Axis}
 */
function inSight(axis, own, kept, least, isFromZero = false) {
  const { range: _, ...plain } = axis ?? {}
  const [low, high] = endsOfAll(own)
  const [keptLow, keptHigh] = endsOfAll(kept.map(({ y = [] }) => y))
  if (low > high || keptLow > keptHigh) return plain
  const reach = Math.max(least, FARTHER * Math.max(Math.abs(low), Math.abs(high)))
  const [lowest, highest] = [Math.min(low, keptLow), Math.max(high, keptHigh)]
  if (-reach <= lowest && highest <= reach) return plain
  const [from, to] = [Math.max(lowest, -reach), Math.min(highest, reach)]
  const margin = MARGIN * (to - from)
  return { ...plain, range: [isFromZero ? 0 : from - (from > -reach ? margin : 0), to + (to < reach ? margin : 0)] }
}

/**
 * @param {ArrayLike<number>[]} several
 * @returns {Ends}
 */
function endsOfAll(several) {
  const ends = several.map(endsOf)
  return [Math.min(...ends.map(([low]) => low)), Math.max(...ends.map(([, high]) => high))]
}

/**
 * @param {Note[]} sentences
 * @param {Set<string>} explained
 */
function noteOf(sentences, explained) {
  const { text: note, terms } = written(sentences, explained)
  return { note, terms }
}
