// @ts-check
// Draws the charts that live_chart.py sends, and updates them in place.

import "./connection.js"
import { arrange, createBoard, removeBoard, showAlert, showMetrics } from "./board.js"
import { completeLayout } from "./chart_layout.js"
import { element } from "./elements.js"
import { Player } from "./player.js"
import { drawn, load, onSingleClick, react, valuesAt } from "./plotly_adapter.js"
import { coloured, readTheme } from "./theme.js"
import { decode } from "./wire.js"

/** @import { Board } from "./board.js" */
/** @import { Size } from "./surface_tile.js" */
/** @import { Click, SentChart, Trace } from "./wire.js" */

/**
 * What Streamlit hands to a component.
 *
 * @typedef {object} Component
 * @property {Uint8Array} data
 * @property {HTMLElement} parentElement
 * @property {(name: "clicked", value: Click) => void} setTriggerValue
 */

/**
 * A board that is kept up to date.
 *
 * @typedef {object} Live
 * @property {Board} board
 * @property {string} revision of what is to be drawn
 * @property {Component["setTriggerValue"]} setTriggerValue
 * @property {Player | null} player
 * @property {ResizeObserver} observer
 * @property {(() => void)[]} drawings of the charts that are still to be drawn
 * @property {boolean} removed
 */

// What removes the charts from an element: by whatever version of this module they were drawn.
const REMOVE = Symbol.for("minibatch.remove")

/** @typedef {HTMLElement & { [REMOVE]?: () => void }} Parent */

const AT_ONCE = 6 // charts that are drawn in one go

/** @type {WeakMap<HTMLElement, Live>} */
const lives = new WeakMap()

await Promise.all(["live_chart.css", "player.css", "terms.css"].map(loadStyles))

/** @param {Component} component */
export default function liveChart({ data, parentElement, setTriggerValue }) {
  const { revision, view } = decode(data)
  /** @param {HTMLElement} root */
  const themeOf = (root) => readTheme(root, view.palette)
  let live = lives.get(parentElement)
  if (live) {
    live.board.view = view
    live.board.theme = themeOf(live.board.root)
    Object.assign(live, { revision, setTriggerValue })
  } else {
    const parent = /** @type {Parent} */ (parentElement)
    parent[REMOVE]?.() // a server that was started anew may bring another version
    live = begin(createBoard(parent, view, themeOf), revision, setTriggerValue)
    lives.set(parent, live)
    parent[REMOVE] = () => remove(parent)
  }
  bringPlayer(live)
  update(live)
  // Streamlit also calls this for a drawing that the next has overtaken, where the element stays.
  return () => {
    if (!parentElement.isConnected) remove(parentElement)
  }
}

/**
 * @param {Board} board
 * @param {string} revision
 * @param {Component["setTriggerValue"]} setTriggerValue
 * @returns {Live}
 */
function begin(board, revision, setTriggerValue) {
  const observer = new ResizeObserver(() => {
    if (board.root.clientWidth !== board.width) update(live)
  })
  /** @type {Live} */
  const live = { board, revision, setTriggerValue, player: null, observer, drawings: [], removed: false }
  observer.observe(board.root)
  return live
}

/** @param {HTMLElement} parent */
function remove(parent) {
  const live = lives.get(parent)
  if (!live) return
  lives.delete(parent)
  live.removed = true
  live.observer.disconnect()
  live.player?.remove()
  removeBoard(live.board)
}

/**
 * Before anything is shown, so that nothing is shown without its styles, unless they do not come.
 *
 * @param {string} file
 */
function loadStyles(file) {
  const link = element("link", { rel: "stylesheet", href: new URL(file, import.meta.url).href })
  const settled = new Promise((resolve) => {
    link.addEventListener("load", resolve)
    link.addEventListener("error", resolve)
  })
  document.head.append(link)
  return settled
}

/**
 * A run that can be played has its numbers in the player.
 *
 * @param {Live} live
 */
function bringPlayer(live) {
  const { board, player } = live
  const sent = board.view.player
  board.root.classList.toggle("live-chart-played", sent !== null)
  if (sent === null) {
    player?.remove()
    live.player = null
  } else if (player) player.load(sent)
  else live.player = new Player(board, sent)
}

/** @param {Live} live */
async function update(live) {
  const { board } = live
  delete board.root.dataset.revision
  showMetrics(board)
  try {
    await load(board.view.plotly)
  } catch (error) {
    showAlert(board, error instanceof Error ? error.message : String(error))
    return
  }
  if (!live.removed) draw(live)
}

/** @param {Live} live */
function draw(live) {
  const { board, player } = live
  const { root, view, plots } = board
  root.querySelector(".live-chart-alert")?.remove()
  arrange(board)
  board.theme = readTheme(root, view.palette)
  // All sizes before the first drawing: a drawing between two would lay the page out again.
  const places = view.charts.flatMap((chart) => {
    const plot = plots.get(chart.name)
    return plot ? [{ chart, plot, size: { width: plot.clientWidth, height: plot.clientHeight } }] : []
  })
  live.drawings = places.map(({ chart, plot, size }) => () => drawChart(live, chart, plot, size))
  drawSome(live, live.drawings, player ? Infinity : AT_ONCE)
}

/**
 * Some charts in one go and then the next, so that the first of many are seen early, and a newer
 * drawing need not wait for the last of an older one.
 *
 * @param {Live} live
 * @param {(() => void)[]} drawings
 * @param {number} most
 */
function drawSome(live, drawings, most) {
  if (live.removed || live.drawings !== drawings) return
  for (const one of drawings.splice(0, most)) one()
  if (drawings.length > 0) {
    setTimeout(drawSome, 0, live, drawings, most)
    return
  }
  live.player?.attach()
  tellDrawn(live)
}

/**
 * @param {Live} live
 * @param {SentChart} chart
 * @param {HTMLElement} plot
 * @param {Size} size
 */
function drawChart(live, chart, plot, size) {
  const { board } = live
  if (!chart.data || !chart.layout) return // the player's own
  const { data, layout } = coloured({ data: chart.data, layout: chart.layout }, board.theme.colours)
  const complete = completeLayout(chart.name, layout, size, board.theme)
  board.figures.set(chart.name, { data, layout: complete })
  react(plot, data, complete)
  if (chart.clickable) {
    onSingleClick(plot, (_, event) => {
      live.setTriggerValue("clicked", { chart: chart.name, ...cellAt(plot, data[0], event) })
    })
  }
}

/**
 * The cell of a heatmap under the pointer.
 *
 * @param {HTMLElement} plot
 * @param {Trace} heat
 * @param {MouseEvent} event
 */
function cellAt(plot, heat, event) {
  const { x, y } = valuesAt(plot, event)
  return { x: nearest(heat.x, x), y: nearest(heat.y, y) }
}

/**
 * @param {ArrayLike<number> | undefined} values whole numbers, where there are none
 * @param {number} at
 */
function nearest(values, at) {
  if (!values) return Math.round(at)
  return Array.from(values).reduce((best, value) => (Math.abs(value - at) < Math.abs(best - at) ? value : best))
}

/**
 * Writes which revision was drawn, unless the next has begun by then.
 *
 * @param {Live} live
 */
async function tellDrawn(live) {
  const { board, revision } = live
  await Promise.all([...board.plots.values()].map(drawn))
  if (!live.removed && live.revision === revision) board.root.dataset.revision = revision
}
