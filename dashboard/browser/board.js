// @ts-check
// A board on the page: its metrics, and the places of its charts, in the view's order.

import { element } from "./elements.js"
import { addFigure, figureOf, label } from "./figures.js"
import { discard } from "./plotly_adapter.js"
import { arrangementOf, heightOfWindow } from "./presenting.js"
import { writeLabel } from "./terms.js"

/** @import { Played } from "./plan.js" */
/** @import { Theme } from "./theme.js" */
/** @import { Layout, Mark, Trace, View } from "./wire.js" */

export const HELD = "live-chart-held" // the class of a plot whose lines are not Plotly's
const WAITS = "live-chart-waits" // and that of what is still of an earlier value than the hand's

/** @typedef {{ data: Trace[], layout: Layout & { width: number, height: number } }} Figure */

/**
 * A view whose run is trained; in the hand, the names of the metrics that it `said` anew. The others wait.
 *
 * @typedef {Omit<View, "player"> & { player: Played | null, said?: string[] }} Filled
 */

/**
 * @typedef {object} Board
 * @property {HTMLElement} metrics
 * @property {HTMLElement} root
 * @property {Map<string, HTMLElement>} plots where to draw, by the name of the chart
 * @property {Map<string, Figure>} figures as they were drawn, by the name of the chart
 * @property {Filled} view
 * @property {Theme} theme
 * @property {number} width that it was arranged for
 * @property {number} height of the window then
 * @property {boolean} isHeld whether its lines are drawn over Plotly's pictures, which follow one by one
 */

/**
 * A board on which nothing is shown yet.
 *
 * @param {HTMLElement} parent
 * @param {View} sent
 * @param {(root: HTMLElement) => Theme} themeOf
 * @returns {Board}
 */
export function createBoard(parent, sent, themeOf) {
  const view = { ...sent, charts: [], player: null }
  const metrics = element("dl", { class: "live-chart-metrics" })
  const root = element("div", { class: "live-chart-grid" })
  root.addEventListener("pointerdown", leaveBox, { capture: true })
  parent.append(metrics, root)
  return { metrics, root, plots: new Map(), figures: new Map(), view, theme: themeOf(root), width: 0, height: 0, isHeld: false }
}

// Plotly keeps the browser from what a press on a chart would do: a box is left, and what was typed in it
// is taken. The player's buttons keep their keys.
function leaveBox() {
  const { activeElement: active } = document
  if (active instanceof HTMLElement && !active.matches(".player :is(button, [type=range])")) active.blur()
}

/** @param {Board} board */
export function showMetrics({ metrics, view }) {
  metrics.replaceChildren(
    ...view.metrics.map(([name, value]) => element("div", { "data-metric": name }, element("dt"), element("dd", {}, value))),
  )
  view.metrics.forEach(([name], number) => {
    const metric = metrics.children[number]
    writeLabel(metric.children[0], name, view.labels[name])
    metric.classList.toggle(WAITS, view.said !== undefined && !view.said.includes(name))
  })
}

/**
 * Where the charts of a mark are drawn.
 *
 * @param {Pick<Board, "plots" | "view">} board
 * @param {Mark} mark
 */
export function plotsOf({ plots, view }, mark) {
  return view.charts.filter((chart) => chart.mark === mark).flatMap(({ name }) => plots.get(name) ?? [])
}

/**
 * One <figure> a chart; a chart that stays keeps its element and its zoom.
 *
 * @param {Board} board
 */
export function arrange(board) {
  const { root, view, plots } = board
  const place = arrangementOf(view, root)
  const stacked = root.clientWidth < place.fold
  board.width = root.clientWidth
  board.height = heightOfWindow()
  root.classList.toggle("live-chart-aligned", view.aligned && !stacked)
  root.style.gridTemplateAreas = stacked ? "none" : place.areas
  root.style.gridTemplateColumns = stacked ? "100%" : place.columns
  root.style.gridTemplateRows = stacked ? "none" : place.rows
  root.style.gridAutoRows = `${place.stacked}px`
  for (const name of plots.keys()) {
    if (!view.charts.some((chart) => chart.name === name)) removeChart(board, name)
  }
  view.charts.forEach((chart, number) => {
    const plot = plots.get(chart.name) ?? addFigure(root)
    plots.set(chart.name, plot)
    const figure = figureOf(plot)
    // On a phone the order on the page is the order in the document.
    if (root.children[number] !== figure) root.insertBefore(figure, root.children[number])
    figure.style.gridArea = stacked ? "auto" : chart.name
    label(plot, chart)
  })
}

/**
 * @param {Board} board
 * @param {string} name
 */
function removeChart({ plots, figures }, name) {
  const plot = plots.get(name)
  if (!plot) return
  discard(plot)
  figureOf(plot).remove()
  plots.delete(name)
  figures.delete(name)
}

/**
 * What does not follow the hand waits for the server.
 *
 * @param {Board} board
 * @param {boolean} isWaiting
 */
export function showWaiting({ plots, view }, isWaiting) {
  for (const { name, data, follows } of view.charts) {
    const plot = plots.get(name)
    if (plot) figureOf(plot).classList.toggle(WAITS, isWaiting && data !== null && !follows)
  }
}

/**
 * All that is seen is Plotly's again.
 *
 * @param {Board} board
 */
export function letGo(board) {
  board.isHeld = false
  for (const plot of board.plots.values()) plot.classList.remove(HELD)
}

/**
 * A sentence in place of the charts.
 *
 * @param {Board} board
 * @param {string} sentence
 */
export function showAlert({ root, plots, figures }, sentence) {
  root.replaceChildren(element("div", { class: "live-chart-alert", role: "alert" }, sentence))
  plots.clear()
  figures.clear()
}

/** @param {Board} board */
export function removeBoard({ metrics, root, plots }) {
  for (const plot of plots.values()) discard(plot)
  metrics.remove()
  root.remove()
}
