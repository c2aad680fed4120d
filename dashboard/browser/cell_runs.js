// @ts-check
// The runs of a cell that the pointer is on: trained here, and drawn beside the pointer.

import { makeDataset } from "./dataset.js"
import { canvasIn, contextOf, element, find } from "./elements.js"
import { planOf, settingsWith } from "./plan.js"
import { valuesAt } from "./plotly_adapter.js"
import { Trainer } from "./training.js"
import { number, rounded, whole } from "./words.js"

/** @import { Board } from "./board.js" */
/** @import { Data } from "./sources.js" */
/** @import { Theme } from "./theme.js" */
/** @import { SentAxis, SentCells, SentChart, SentSettings } from "./wire.js" */

/**
 * The losses of a run on all the data, up to the end of its budget.
 *
 * @typedef {object} Curve
 * @property {Int32Array} steps
 * @property {Float64Array} losses
 * @property {number | null} divergedAt
 */

/** @typedef {{ row: number, column: number }} Cell */

/** @typedef {Cell & { chart: SentChart }} Pointed */

const SLICE = 8 // milliseconds of training between two frames
const MOST_LOSSES = 81 // steps of a run at which its loss is drawn
const [WIDTH, HEIGHT] = [280, 150] // of the picture
const [LEFT, RIGHT, TOP, BOTTOM] = [44, 10, 8, 18] // around its axes
const APART = 18 // pixels between the panel and the pointer
const MARGIN = 0.06 // of the range of losses, above and below
const HIGHER = 1.5 // times the highest loss at the start: what gets worse leaves the picture at the top

/**
 * The runs of one cell, trained one after another.
 */
export class CellRuns {
  /**
   * @param {SentCells} cells
   * @param {Cell} cell
   */
  constructor(cells, cell) {
    this.cells = cells
    this.cell = cell
    this.steps = cells.steps[cell.row][cell.column]
    this.settings = settingsOf(cells, cell)
    /** @type {Data | null} */
    this.data = null
    /** @type {Trainer | null} */
    this.trainer = null
    /** @type {Curve[]} */
    this.curves = []
  }

  get isWhole() {
    return this.curves.length === this.cells.runs
  }

  /**
   * Go on until the time is up, or all runs are trained.
   *
   * @param {number} [until] as performance.now() counts
   */
  advance(until = Infinity) {
    while (!this.isWhole) {
      this.trainer ??= this.begin(this.curves.length)
      const run = this.trainer.advance(until)
      if (!run) return
      this.curves.push({ steps: run.steps, losses: run.fullLoss, divergedAt: run.divergedAt })
      this.trainer = null
      if (performance.now() >= until) return
    }
  }

  /** @param {number} run counted from 0 */
  begin(run) {
    const { data, train } = this.settings
    this.data ??= makeDataset(data)
    const seed = (train.seed + run) % 2 ** 32
    return new Trainer(planOf({ data, train: { ...train, seed } }, this.data), MOST_LOSSES, null, this.steps)
  }
}

/**
 * @param {SentCells} cells
 * @param {Cell} cell
 * @returns {SentSettings}
 */
function settingsOf({ settings, across, up, epochs }, { row, column }) {
  return settingsWith(settings, [
    [across, across.values[column]],
    [up, up.values[row]],
    [{ part: "train", name: "epochs" }, epochs[row][column]],
  ])
}

/** What is shown while the pointer is on a cell of a board. */
export class CellPanel {
  /** @param {Board} board */
  constructor(board) {
    this.board = board
    this.panel = element("div", { class: "cell-runs", "aria-hidden": "true" }, element("b"), element("em"), element("span"))
    this.panel.hidden = true
    /** @type {CellRuns | null} */
    this.runs = null
    this.frame = 0
    this.stop = new AbortController()
    const options = { signal: this.stop.signal }
    document.body.append(this.panel)
    board.root.addEventListener("pointermove", (event) => this.follow(event), options)
    board.root.addEventListener("pointerleave", () => this.hide(), options)
    addEventListener("pointerdown", () => this.hide(), { ...options, capture: true })
    addEventListener("scroll", () => this.hide(), { ...options, capture: true })
  }

  /** @param {PointerEvent} event */
  follow(event) {
    const { cells } = this.board.view
    // A finger has no place to rest on: its tap opens the cell. A button that is down zooms.
    const cell = cells && event.pointerType !== "touch" && event.buttons === 0 ? this.cellAt(cells, event) : null
    if (cells === null || cell === null) {
      this.hide()
      return
    }
    const { runs } = this
    if (runs?.cells !== cells || runs.cell.row !== cell.row || runs.cell.column !== cell.column) {
      this.runs = new CellRuns(cells, cell)
      cancelAnimationFrame(this.frame)
      this.work(this.runs)
    }
    find(this.panel, "em").textContent = `${cell.chart.title}: ${cell.chart.data?.[0].text?.[cell.row][cell.column]}`
    this.place(event)
  }

  /**
   * @param {SentCells} cells
   * @param {PointerEvent} event
   * @returns {Pointed | null}
   */
  cellAt({ across, up }, event) {
    const plot = event.target instanceof Element ? event.target.closest(".live-chart-plot") : null
    if (!(plot instanceof HTMLElement)) return null
    const chart = this.board.view.charts.find(({ name }) => name === plot.dataset.chart)
    if (!chart?.clickable || !this.board.figures.has(chart.name)) return null
    const { x, y } = valuesAt(plot, event)
    const [column, row] = [Math.round(x), Math.round(y)]
    return isPlace(column, across) && isPlace(row, up) ? { row, column, chart } : null
  }

  /** @param {CellRuns} runs */
  work(runs) {
    if (this.runs !== runs) return
    runs.advance(performance.now() + SLICE)
    this.show(runs)
    if (!runs.isWhole) this.frame = requestAnimationFrame(() => this.work(runs))
  }

  /** @param {CellRuns} runs */
  show(runs) {
    const { panel, board: { theme } } = this
    const { cells: { across, up }, cell: { row, column } } = runs
    const title = `${across.label} ${across.labels[column]}, ${up.label} ${up.labels[row]}`
    find(panel, "b").textContent = title
    find(panel, "span").textContent = wordsOf(runs)
    Object.assign(panel.style, { background: theme.background, color: theme.text, fontFamily: theme.font })
    panel.hidden = false
    paint(canvasIn(panel, "cell-runs-picture"), runs, theme)
  }

  /**
   * Beside the pointer, on the side that has room.
   *
   * @param {PointerEvent} event
   */
  place({ clientX, clientY }) {
    const { panel } = this
    const { width, height } = panel.getBoundingClientRect()
    const right = clientX + APART
    const left = right + width < innerWidth ? right : clientX - APART - width
    const top = Math.max(0, Math.min(clientY - height / 2, innerHeight - height))
    panel.style.translate = `${Math.round(left)}px ${Math.round(top)}px`
  }

  hide() {
    cancelAnimationFrame(this.frame)
    this.runs = null
    this.panel.hidden = true
  }

  remove() {
    this.stop.abort()
    this.hide()
    this.panel.remove()
  }
}

/**
 * @param {number} place
 * @param {SentAxis} axis
 */
function isPlace(place, { values }) {
  return place >= 0 && place < values.length
}

/** @param {CellRuns} runs */
function wordsOf({ curves, cells, cell: { row, column } }) {
  const target = cells.targets[row][column]
  const said = [`The loss on all the data in ${counted(curves.length, cells.runs)}.`]
  if (cells.runs > 1) said.push("Thick line: the first.")
  if (Number.isFinite(target)) said.push(`Dashed line: the target, ${rounded(target, 4)}.`)
  const diverged = curves.filter(({ divergedAt }) => divergedAt !== null).length
  if (diverged > 0) said.push(`${whole(diverged)} of them diverged.`)
  return [...said, `Click: ${cells.runs > 1 ? "the first run" : "the run"} opens in the Playground.`].join(" ")
}

/**
 * @param {number} trained
 * @param {number} runs
 */
function counted(trained, runs) {
  if (runs === 1) return "the cell's one run"
  return trained === runs ? `the cell's ${whole(runs)} runs` : `${whole(trained)} of the cell's ${whole(runs)} runs`
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {CellRuns} runs
 * @param {Theme} theme
 */
function paint(canvas, { curves, steps, cells, cell: { row, column } }, theme) {
  const ratio = devicePixelRatio
  Object.assign(canvas, { width: Math.round(WIDTH * ratio), height: Math.round(HEIGHT * ratio) })
  const context = contextOf(canvas)
  context.scale(ratio, ratio)
  const target = cells.targets[row][column]
  const [low, high] = rangeOf(curves, target)
  const [width, height] = [WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM]
  /** @param {number} step */
  const across = (step) => LEFT + (step / steps) * width
  /** @param {number} loss */
  const up = (loss) => TOP + ((high - loss) / (high - low)) * height
  context.font = `11px ${theme.font}`
  context.fillStyle = theme.text
  context.textBaseline = "middle"
  context.textAlign = "right"
  for (const loss of [low, high]) context.fillText(number(loss, 3), LEFT - 5, up(loss))
  context.textBaseline = "alphabetic"
  context.fillText(`${whole(steps)} ${steps === 1 ? "step" : "steps"}`, WIDTH - RIGHT, HEIGHT - 3)
  context.textAlign = "left"
  context.fillText("0", LEFT, HEIGHT - 3)
  context.strokeStyle = theme.colours.grid
  context.strokeRect(LEFT, TOP, width, height)
  context.beginPath()
  context.rect(LEFT, TOP, width, height)
  context.clip()
  context.strokeStyle = theme.colours.minibatch
  context.lineWidth = 0.8
  context.globalAlpha = 0.55
  for (const curve of curves.slice(1)) paintCurve(context, curve, across, up)
  context.globalAlpha = 1
  context.strokeStyle = theme.colours.full
  context.lineWidth = 2
  for (const curve of curves.slice(0, 1)) paintCurve(context, curve, across, up)
  context.lineWidth = 1
  context.setLineDash([4, 3])
  context.beginPath()
  context.moveTo(LEFT, up(target))
  context.lineTo(WIDTH - RIGHT, up(target))
  context.stroke()
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Curve} curve
 * @param {(step: number) => number} across
 * @param {(loss: number) => number} up
 */
function paintCurve(context, { steps, losses }, across, up) {
  context.beginPath()
  steps.forEach((step, k) => context.lineTo(across(step), up(losses[k])))
  context.stroke()
}

/**
 * From where to where the picture goes: it holds the target, where there is one.
 *
 * @param {Curve[]} curves
 * @param {number} target
 * @returns {[low: number, high: number]}
 */
export function rangeOf(curves, target) {
  const starts = curves.map(({ losses }) => losses[0])
  const finite = curves.flatMap(({ losses }) => [...losses].filter(Number.isFinite))
  if (finite.length === 0) return [0, 1]
  const held = Number.isFinite(target) ? [target] : []
  const low = Math.min(...finite, ...held)
  const high = Math.max(Math.min(Math.max(...finite), HIGHER * Math.max(...starts)), ...held)
  const margin = MARGIN * (high - low) || MARGIN
  return [low - margin, high + margin]
}
