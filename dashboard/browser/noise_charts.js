// @ts-check
// The board of gradient noise, as pages/gradient_noise.py draws it. What is measured by chance is the server's:
// a chart stays as it was sent where it is of what is held, and else it is drawn without. A test compares every
// number and word.

import { hovered } from "./lines_figure.js"
import { logAxis } from "./log_axis.js"
import { ENDS } from "./losses.js"
import { bendsOf, bNoise, bSimple, scatterOf, stepOf, traceOf } from "./noise.js"
import { NOTES } from "./notes.js"
import { isSame } from "./plan.js"
import { barOf, limitsOf } from "./run_charts.js"
import { said, written } from "./sentences.js"
import { endsOf, toDraw } from "./thinned.js"
import { spaced } from "./unit.js"
import { fixed, number, rounded, whole } from "./words.js"

/** @import { Filled } from "./board.js" */
/** @import { Surface } from "./ground.js" */
/** @import { Loss } from "./losses.js" */
/** @import { Noise } from "./noise.js" */
/** @import { Note } from "./notes.js" */
/** @import { Planned } from "./plan.js" */
/** @import { Axis, SentChart, SentMatrix, SentSettings, Trace, View } from "./wire.js" */

const MOST_DOTS = 500
const OUTLINE = 61 // points of an ellipse, ...
const DEVIATIONS = 2 // ... and how many standard deviations it reaches
const RATES = 61 // at which the loss after a step is drawn, ...
const [FARTHEST_BEST, BEYOND_BEST, BEYOND_CHOSEN] = [50, 2, 1.25] // ... and how far
const MARGIN = 0.04 // of an axis, before its first value and behind its last
const [BELOW, ABOVE] = [0.5, 1.4] // times the lowest and the highest value of law 3: so far its axis reaches
const LARGE_SCALE = 1e9 // from here on a noise scale is written with a power of ten
const SHRUNK = 2 // so many times B_simple has grown where it is said why

/** @typedef {{ steps: Int32Array, noises: Noise[], divergedAt: number | null }} Along a run */

/**
 * What is looked at.
 *
 * @typedef {object} Looked
 * @property {SentSettings} settings
 * @property {Planned} plan
 * @property {Surface} surface
 * @property {number} w
 * @property {number} b
 * @property {number} loss of all the data there
 * @property {Noise} noise there
 * @property {Along | null} along the run, once that is known
 */

/**
 * What the hand makes of a chart.
 *
 * @typedef {object} Drawn
 * @property {Record<string, Partial<Trace>>} traces by what they show
 * @property {SentChart["layout"]} layout
 * @property {Note[]} notes
 * @property {SentChart["bar"]} [bar]
 */

/** @type {Record<string, (chart: SentChart, looked: Looked) => Drawn | null>} */
const DRAW = { surface: drawSurface, gradients: drawGradients, scatter: drawScatter, step: drawStep, scales: drawScales }

/**
 * @param {View} view
 * @param {Looked} looked
 * @returns {Filled}
 */
export function noiseBoard(view, looked) {
  const explained = /** @type {Set<string>} */ (new Set())
  const charts = view.charts.map((chart) => {
    const made = isOf(chart, view, looked) ? chart : draw(chart, looked, explained)
    for (const { name } of made.terms) explained.add(name)
    return made
  })
  const numbers = numbersOf(looked)
  /** @type {View["metrics"]} */
  const metrics = view.metrics.map(([label]) => [label, numbers[label]])
  return { ...view, metrics, charts, player: null, said: Object.keys(numbers) }
}

/**
 * Whether a chart that was sent is of what is looked at; that along the run is drawn anew in any case.
 *
 * @param {SentChart} chart
 * @param {View} view
 * @param {Looked} looked
 */
function isOf({ name }, view, { settings }) {
  /** @param {SentSettings} settings */
  const drawnWith = ({ data, train: { loss, batch_size: size, lr }, looks }) => [data, loss, size, looks, name === "step" && lr]
  return name !== "scales" && view.noise !== null && isSame(drawnWith(view.noise.settings), drawnWith(settings))
}

/** @type {Partial<Trace>} */
const NOTHING = { x: [NaN], y: [NaN] } // which keeps its place in the legend
const MEASURED = { minibatches: NOTHING, errors: NOTHING, measured: NOTHING }

/**
 * @param {SentChart} chart
 * @param {Looked} looked
 * @param {Set<string>} explained
 * @returns {SentChart}
 */
function draw(chart, looked, explained) {
  const drawn = DRAW[chart.name](chart, looked)
  if (!drawn) return { ...chart, follows: null }
  const { traces, layout, notes, bar = chart.bar } = drawn
  /** @type {Drawn["traces"]} */
  const all = { ...MEASURED, ...traces }
  const data = chart.data && chart.data.map((trace) => ({ ...trace, ...all[trace.meta ?? ""] }))
  const { text: note, terms } = written(notes, explained)
  return { ...chart, data, layout, bar, note, terms }
}

/**
 * @param {Looked} looked
 * @returns {Record<string, string>}
 */
function numbersOf({ w, b, loss, noise }) {
  const scales = { B_simple: bSimple(noise), B_noise: bNoise(noise) }
  const inPoints = Object.entries(scales).map(([name, scale]) => [name, Number.isFinite(scale) ? rounded(scale, 4) : "no meaning"])
  return {
    w: number(w, 3),
    b: number(b, 3),
    "Loss of all": number(loss, 4),
    "Length of the gradient": rounded(Math.hypot(noise.mean.w, noise.mean.b), 4),
    ...Object.fromEntries(inPoints),
  }
}

/**
 * @param {SentChart} chart
 * @param {Looked} looked
 * @returns {Drawn}
 */
function drawSurface({ layout, bar }, { surface, w, b, loss }) {
  const [zmin, zmax] = limitsOf(surface)
  const hovertemplate = `shown: b ${fixed(b, 2)}, w ${fixed(w, 2)}<br>loss ${fixed(loss, 4)}<extra></extra>`
  return {
    traces: {
      heat: { x: surface.b, y: surface.w, z: surface.rows, zmin, zmax },
      point: { x: [b], y: [w], hovertemplate },
    },
    layout,
    notes: [NOTES.noise_surface],
    bar: bar && { ...bar, ...barOf(surface, false) },
  }
}

/**
 * @param {SentChart} chart
 * @param {Looked} looked
 * @returns {Drawn}
 */
function drawGradients({ layout }, { settings: { train, looks }, plan: { x, y }, noise }) {
  const n = x.length
  const share = scatterOf(n, train.batch_size, looks.replacement ?? true)
  const some = [...noise.slopes.subarray(0, MOST_DOTS).keys()]
  /** @param {number} label */
  const dotsOf = (label) => {
    const points = some.filter((i) => y[i] === label)
    return { x: toDraw(points.map((i) => noise.slopes[i])), y: toDraw(points.map((i) => noise.slopes[i] * x[i])) }
  }
  const counted = { most: whole(MOST_DOTS), n: whole(n) }
  return {
    traces: {
      "class 0": dotsOf(0),
      "class 1": dotsOf(1),
      points: ellipseOf(noise, 1),
      law: ellipseOf(noise, share),
      all: { x: toDraw([noise.mean.b]), y: toDraw([noise.mean.w]) },
    },
    layout,
    notes: [NOTES.noise_ellipses, said(n > MOST_DOTS ? NOTES.noise_first_points : NOTES.noise_points, counted)],
  }
}

/**
 * The outline of what lies within two standard deviations.
 *
 * @param {Noise} noise
 * @param {number} share of the points' covariance
 * @returns {Partial<Trace>}
 */
function ellipseOf({ mean, covariance }, share) {
  const { most, least, c, s } = bendsOf(scaled(covariance, share))
  const [long, short] = [DEVIATIONS * Math.sqrt(most), DEVIATIONS * Math.sqrt(Math.max(least, 0))]
  const angles = [...spaced(0, 2 * Math.PI, OUTLINE)].map((angle) => [Math.cos(angle) * long, Math.sin(angle) * short])
  return {
    x: toDraw(angles.map(([along, across]) => mean.b + along * s + across * c)),
    y: toDraw(angles.map(([along, across]) => mean.w + along * c - across * s)),
  }
}

/**
 * @param {SentMatrix} matrix
 * @param {number} share
 */
function scaled({ ww, wb, bb }, share) {
  return { ww: ww * share, wb: wb * share, bb: bb * share }
}

/**
 * @param {SentChart} chart
 * @param {Looked} looked
 * @returns {Drawn}
 */
function drawScatter({ layout }, { settings: { train }, plan: { x: { length: n } }, noise }) {
  const sizes = [...new Set([...batchSizesUpTo(n), train.batch_size])].toSorted((one, other) => one - other)
  const x = Int32Array.from(sizes)
  /** @param {boolean} replacement */
  const law = (replacement) => sizes.map((size) => traceOf(noise.covariance) * scatterOf(n, size, replacement))
  const laws = { "with replacement": law(true), without: law(false) }
  const lines = Object.entries(laws).map(([name, values]) => {
    const hovertemplate = `B = %{x}: %{y:${hovered(values)}}<extra>${name}</extra>`
    return [name, { x, y: onLogAxis(values), hovertemplate }]
  })
  const decades = Math.log10(n)
  /** @type {Axis} */
  const xaxis = { ...logAxis(layout?.xaxis, [sizes]), range: [-MARGIN * decades, decades + MARGIN * decades] }
  const [low, high] = endsOf(Object.values(laws).flat().filter((value) => value > 0))
  const { range: _, ...ofAny } = layout?.yaxis ?? {}
  /** @type {Axis} */
  const ends = low <= high ? { range: [Math.log10(BELOW * low), Math.log10(ABOVE * high)] } : {}
  const yaxis = { ...logAxis(ofAny, Object.values(laws)), ...ends }
  return { traces: Object.fromEntries(lines), layout: { ...layout, xaxis, yaxis }, notes: [NOTES.noise_variance] }
}

/**
 * 1, 2, 5, 10, 20, ... up to N, and N itself.
 *
 * @param {number} n
 */
function batchSizesUpTo(n) {
  const sizes = [0, 1, 2, 3, 4].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power))
  return [...sizes.filter((size) => size < n), n]
}

/** @param {number[]} values of which a logarithmic axis has no place for 0 */
function onLogAxis(values) {
  return toDraw(values.map((value) => (value > 0 && value < Infinity ? value : NaN)))
}

/**
 * @param {SentChart} chart
 * @param {Looked} looked
 * @returns {Drawn}
 */
function drawStep({ layout }, { settings: { train, looks }, plan: { x: { length: n } }, loss, noise }) {
  const { batch_size: size, lr } = train
  const noisy = stepOf(noise, scatterOf(n, size, looks.replacement ?? true))
  const without = stepOf(noise, 0)
  const farthest = Math.max(BEYOND_BEST * Math.min(noisy.bestLr, FARTHEST_BEST), BEYOND_CHOSEN * lr)
  const rates = [...spaced(0, farthest, RATES)]
  const x = toDraw(rates)
  const hovertemplate = `lr %{x:${hovered(rates, 3)}}: %{y:.4f}<extra></extra>`
  /** @param {ReturnType<typeof stepOf>} step */
  const line = ({ lossAfter }) => {
    const y = toDraw(rates.map((rate) => possible(lossAfter(loss, rate), train.loss)))
    return { x, y, hovertemplate }
  }
  return {
    traces: { B: { ...line(noisy), name: `B = ${whole(size)}` }, "no noise": line(without) },
    layout: { ...layout, xaxis: { ...layout?.xaxis, range: [-MARGIN * farthest, (1 + MARGIN) * farthest] } },
    notes: [
      NOTES.noise_step,
      noteOfBest(NOTES.noise_best, NOTES.noise_no_best, noisy.bestLr),
      noteOfBest(NOTES.noise_best_without, NOTES.noise_no_best_without, without.bestLr),
    ],
  }
}

/**
 * Only what can be a loss; where a step is too long for the law, a parabola leaves it.
 *
 * @param {number} value
 * @param {Loss} loss
 */
function possible(value, loss) {
  const [lowest, highest] = ENDS[loss]
  return lowest <= value && value <= highest ? value : NaN
}

/**
 * @param {Note} best
 * @param {Note} none
 * @param {number} lr
 */
function noteOfBest(best, none, lr) {
  return said(lr === Infinity ? none : best, { lr: rounded(lr, 3) })
}

/**
 * @param {SentChart} chart
 * @param {Looked} looked
 * @returns {Drawn | null}
 */
function drawScales({ layout }, { settings: { train: { batch_size: size } }, along }) {
  if (!along) return null
  const { steps, noises } = along
  const scales = { B_simple: noises.map(bSimple), B_noise: noises.map(bNoise) }
  const level = [size, size]
  const lines = Object.entries(scales).map(([name, values]) => [name, { x: steps, y: onLogAxis(values) }])
  const name = `B = ${whole(size)}`
  const ends = Int32Array.of(steps[0], steps[steps.length - 1])
  const ofSize = { x: ends, y: toDraw(level), name, hovertemplate: `step %{x:,d}: %{y:.4f}<extra>${name}</extra>` }
  const yaxis = logAxis(layout?.yaxis, [level, ...Object.values(scales)])
  return { traces: { ...Object.fromEntries(lines), B: ofSize }, layout: { ...layout, yaxis }, notes: notesOfScales(along, scales) }
}

/**
 * @param {Along} along
 * @param {{ B_simple: number[], B_noise: number[] }} scales
 */
function notesOfScales({ noises, divergedAt }, { B_simple: simple, B_noise: curved }) {
  if (divergedAt !== null) return [said(NOTES.noise_diverged, { step: whole(divergedAt) })]
  const [first, last] = [simple[0], simple[simple.length - 1]]
  const gaps = curved.filter(Number.isNaN).length
  const hasGrown = last < Infinity && last > SHRUNK * first
  return [
    NOTES.noise_run,
    said(NOTES.noise_scale, { first: is(first), last: is(last) }),
    ...(hasGrown && hasShrunk(noises) ? [NOTES.noise_shrinks] : []),
    ...(gaps ? [said(NOTES.noise_gaps, { gaps: whole(gaps), places: whole(noises.length) })] : []),
  ]
}

/**
 * Whether G is shorter at the end of a run than at its start.
 *
 * @param {Noise[]} noises
 */
function hasShrunk(noises) {
  const [first, last] = [noises[0], noises[noises.length - 1]].map(({ mean }) => Math.hypot(mean.w, mean.b))
  return last < first
}

/** @param {number} points */
function is(points) {
  if (points === Infinity) return "has no meaning"
  return `is ${points >= 100 && points < LARGE_SCALE ? whole(Number(points.toFixed(0))) : rounded(points, 3)}`
}
