// @ts-check
// Whether the dashboard is presented to a hall, how much larger all is then, and how charts stand. Charts stay as
// they are, on a smaller sheet, and the sheet is enlarged: all that draws on one knows the sheet's pixels alone.

/** @import { Figure } from "./board.js" */
/** @import { View } from "./wire.js" */

/** An event of the window: from now on the page is presented, or no longer, or on a screen of another size. */
export const PRESENTING = "minibatch-presenting"

const NAME = "presenting" // the class of the outermost element
const LARGE = "presented-chart" // and that of the figure that is shown alone
const LETTERS = 1.65 // makes 18 pixels of the 11 of a chart's smallest letters
const [WIDTH, HEIGHT, SMALLEST] = [1280, 720, 0.7]
const [WIDE, TALL] = [1920, 1080] // pixels of a window whose charts are as high as a view says

/** The names in a figure of what is in pixels. */
const PIXELS = new Set(["size", "width", "height", "standoff", "entrywidth", "itemwidth", "gridwidth", "thickness", "xgap", "ygap", "l", "r", "t", "b"])

const PLAYGROUND = {
  areas: '"loss surface minibatch" "traces surface minibatch" "data data data" "epoch epoch epoch"',
  columns: "minmax(0, 12fr) minmax(0, 6.5fr) minmax(0, 6.5fr)",
  filling: "calc((100dvh - 8.75rem) / 2)", // half of what the player leaves of the window
  below: 138,
}
const WHOLE = "calc(100dvh - 6.25rem)" // in which the player stays in sight

/** Before anything is shown, where the address asks for it. */
export async function presentAsAsked() {
  if (new URL(location.href).searchParams.get("present") === "1") await present(true, true)
}

/**
 * Present, or present no longer: what only that needs is loaded then.
 *
 * @param {boolean} isWanted
 * @param {boolean} [isFirst] whether the page opens so, with its settings closed
 */
export async function present(isWanted, isFirst = false) {
  if (isWanted === isPresenting()) return
  const presenter = await import("./presenter.js")
  await presenter.present(isWanted, isFirst)
}

export function isPresenting() {
  return document.documentElement.classList.contains(NAME)
}

/** @param {boolean} isPresented */
export function setPresenting(isPresented) {
  const { classList, style } = document.documentElement
  classList.toggle(NAME, isPresented)
  if (isPresented) style.setProperty("--screen", String(ofScreen()))
  else style.removeProperty("--screen")
  dispatchEvent(new Event(PRESENTING))
}

/** How large the window is beside the smallest projector's; in one that is smaller letters are as ever. */
export function ofScreen() {
  return Math.max(SMALLEST, Math.min(innerWidth / WIDTH, innerHeight / HEIGHT))
}

/** How many pixels of the screen one of a chart's sheet has. */
export function enlargement() {
  return isPresenting() && !isOnPaper() ? LETTERS * ofScreen() : 1
}

/** The figure that is shown alone, if one is. */
export function largeFigure() {
  return document.querySelector(`.${LARGE}`)
}

/** @param {Element | null} figure shown alone, or none */
export function enlargeAlone(figure) {
  largeFigure()?.classList.remove(LARGE)
  figure?.classList.add(LARGE)
  dispatchEvent(new Event(PRESENTING))
}

/**
 * Where the charts of a board stand: where it is presented those of the Playground fill the window.
 *
 * @param {View} view
 * @param {Element} root
 * @returns {Pick<View, "areas" | "columns" | "rows" | "stacked" | "fold">}
 */
export function arrangementOf(view, root) {
  const scale = enlargement()
  if (scale === 1) return { ...view, rows: isOnPaper() ? view.rows : inLargeWindow(view.rows) }
  const alone = root.querySelector(`.${LARGE} .live-chart-plot`)
  const fold = view.fold * scale
  const stacked = view.stacked * scale
  if (alone instanceof HTMLElement) {
    return { areas: `"${alone.dataset.chart}"`, columns: "100%", rows: WHOLE, stacked, fold: 0 }
  }
  if (isPlayground(view)) {
    const { areas, columns, filling, below } = PLAYGROUND
    return { areas, columns, rows: `${filling} ${filling} ${below * scale}px auto`, stacked, fold }
  }
  const rows = view.rows.replaceAll(/(\d+)px/g, (_, pixels) => `min(${pixels * scale}px, ${WHOLE})`)
  return { areas: view.areas, columns: view.columns, rows, stacked, fold }
}

/**
 * Rows that grow with a window larger than most screens, both ways.
 *
 * @param {string} rows
 */
function inLargeWindow(rows) {
  return rows.replaceAll(/(\d+)px/g, (row, pixels) => {
    const [high, wide] = [TALL, WIDE].map((side) => ((100 * pixels) / side).toFixed(4))
    return `max(${row}, min(${high}dvh, ${wide}dvw))`
  })
}

/** In pixels, as far as the rows of charts go by it. */
export function heightOfWindow() {
  return Math.max(innerHeight, TALL)
}

function isOnPaper() {
  return document.documentElement.hasAttribute("data-on-paper")
}

/** @param {View} view */
function isPlayground({ charts }) {
  const names = new Set(PLAYGROUND.areas.match(/\w+/g))
  return charts.length === names.size && charts.every(({ name }) => names.has(name))
}

/**
 * A figure of a sheet in the pixels of the screen.
 *
 * @param {Figure} figure
 * @param {number} scale
 * @returns {Figure}
 */
export function enlarged({ data, layout }, scale) {
  /** @param {unknown} value @returns {unknown} */
  const times = (value) => (Array.isArray(value) ? value.map(times) : typeof value === "number" ? value * scale : change(value))
  /** @param {unknown} value @returns {unknown} */
  const change = (value) => {
    if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value
    if (Array.isArray(value)) return typeof value[0] === "object" ? value.map(change) : value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, PIXELS.has(name) ? times(part) : change(part)]))
  }
  if (scale === 1) return { data, layout }
  const figure = /** @type {Figure} */ (change({ data, layout }))
  const { width, height } = figure.layout
  Object.assign(figure.layout, { width: Math.round(width), height: Math.round(height) })
  return figure
}
