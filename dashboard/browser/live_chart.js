// @ts-check
// Draws the charts that live_chart.py sends, and the texts of live_words.py, and updates them in place.

import "./connection.js"
import "./decimal_comma.js"
import { arrange, createBoard, HELD, letGo, removeBoard, showAlert, showMetrics, showWaiting } from "./board.js"
import { CellPanel } from "./cell_runs.js"
import { completeLayout } from "./chart_layout.js"
import { element } from "./elements.js"
import { label } from "./figures.js"
import { Hand } from "./hand.js"
import { Player } from "./player.js"
import { drawn, load, onSingleClick, react, valuesAt } from "./plotly_adapter.js"
import { summaryOf } from "./summary.js"
import { coloured, readTheme } from "./theme.js"
import { isSameGround } from "./traces.js"
import { decode } from "./wire.js"
import { isWritten, removePlace, writeAnew, writeIn } from "./written_anew.js"

/** @import { Board, Figure, Filled } from "./board.js" */
/** @import { Size } from "./surface_tile.js" */
/** @import { Click, SentChart, Trace, Words } from "./wire.js" */

/**
 * What Streamlit hands to a component.
 *
 * @typedef {object} Component
 * @property {Uint8Array | Words} data a board, or a text
 * @property {HTMLElement} parentElement
 * @property {(name: "clicked", value: Click) => void} setTriggerValue
 */

/**
 * A board that is kept up to date.
 *
 * @typedef {object} Live
 * @property {Board} board
 * @property {string | null} revision of what is to be drawn; null where the server has not sent it
 * @property {Component["setTriggerValue"]} setTriggerValue
 * @property {Player | null} player
 * @property {Hand} hand
 * @property {CellPanel} cellPanel
 * @property {ResizeObserver} observer
 * @property {(() => void)[]} drawings of the charts that are still to be drawn
 * @property {Map<string, Figure>} pictures that Plotly has drawn, by the name of the chart
 * @property {number} sketched of Plotly's pictures, while the hand moved
 * @property {boolean} removed
 */

// What removes the charts from an element: by whatever version of this module they were drawn.
const REMOVE = Symbol.for("minibatch.remove")

/** @typedef {HTMLElement & { [REMOVE]?: () => void }} Parent */

const AT_ONCE = 6 // charts that are drawn in one go

/** @type {Map<HTMLElement, Live>} */
const lives = new Map() // of the page that is shown

/** @type {WeakMap<HTMLElement, Uint8Array>} */
const latest = new WeakMap() // what was sent last, by where it is to be shown

await Promise.all(["live_chart.css", "player.css", "terms.css"].map(loadStyles))

/** @param {Component} component */
export default function liveChart({ data, parentElement, setTriggerValue }) {
  if (data instanceof Uint8Array) showBoard(parentElement, data, setTriggerValue)
  else if (!isWritten(parentElement) || !isAnyRunShown()) writeIn(parentElement, data)
  // Streamlit also calls this for a drawing that the next has overtaken, where the element stays.
  return () => {
    if (parentElement.isConnected) return
    remove(parentElement)
    removePlace(parentElement)
  }
}

/**
 * @param {HTMLElement} parentElement
 * @param {Uint8Array} data
 * @param {Component["setTriggerValue"]} setTriggerValue
 */
async function showBoard(parentElement, data, setTriggerValue) {
  const before = lives.get(parentElement)
  if (before) delete before.board.root.dataset.revision
  latest.set(parentElement, data)
  const { revision, view } = await decode(data)
  if (latest.get(parentElement) !== data || !parentElement.isConnected) return
  /** @param {HTMLElement} root */
  const themeOf = (root) => readTheme(root, view.palette)
  let live = lives.get(parentElement)
  if (live) {
    live.board.theme = themeOf(live.board.root)
    live.setTriggerValue = setTriggerValue
  } else {
    const parent = /** @type {Parent} */ (parentElement)
    parent[REMOVE]?.() // a server that was started anew may bring another version
    live = begin(createBoard(parent, view, themeOf), setTriggerValue)
    lives.set(parent, live)
    parent[REMOVE] = () => remove(parent)
  }
  live.hand.arrive(view, revision)
}

/**
 * @param {Board} board
 * @param {Component["setTriggerValue"]} setTriggerValue
 * @returns {Live}
 */
function begin(board, setTriggerValue) {
  const observer = new ResizeObserver(() => {
    if (board.root.clientWidth !== board.width) update(live)
  })
  const hand = new Hand({
    draw: (view, revision) => show(live, view, revision),
    sketch: (view) => sketch(live, view),
  })
  /** @type {Live} */
  const live = {
    board,
    revision: null,
    setTriggerValue,
    player: null,
    hand,
    cellPanel: new CellPanel(board),
    observer,
    drawings: [],
    pictures: new Map(),
    sketched: 0,
    removed: false,
  }
  observer.observe(board.root)
  return live
}

/**
 * @param {Live} live
 * @param {Filled} view
 * @param {string | null} revision
 */
function show(live, view, revision) {
  const { board } = live
  const isOfTheHand = board.figures.size > 0 && live.revision === null
  board.isHeld ||= isOfTheHand
  board.view = view
  live.revision = revision
  if (revision !== null) showWaiting(board, false)
  writeSummary(view)
  bringPlayer(live)
  update(live)
}

/** @param {Filled} view */
function writeSummary({ player }) {
  if (player) writeAnew(summaryOf(player))
}

// Then it writes what the run is, and where it diverged, which the server does not know.
function isAnyRunShown() {
  return [...lives.values()].some(({ board }) => board.view.player)
}

/**
 * A board while the hand moves: its lines at once, on the canvas over each chart, and of Plotly's pictures
 * one at a time, in turn, so that their axes follow.
 *
 * @param {Live} live
 * @param {Filled} view
 */
function sketch(live, view) {
  const { board } = live
  if (board.figures.size === 0) return // nothing was drawn yet
  board.view = view
  writeSummary(view)
  board.isHeld = true
  live.revision = null
  live.drawings = []
  delete board.root.dataset.revision
  for (const chart of view.charts) {
    const [plot, before] = [board.plots.get(chart.name), board.figures.get(chart.name)]
    if (!plot || !before) continue
    if (!chart.follows) continue
    label(plot, chart)
    plot.classList.add(HELD)
    board.figures.set(chart.name, figureOf(live, chart, before.layout))
  }
  showWaiting(board, true)
  drawNext(live)
  bringPlayer(live)
  live.player?.attach()
}

/**
 * Plotly's next picture, of the charts of which it shows another ground than the figure has.
 *
 * @param {Live} live
 */
function drawNext(live) {
  const { board, pictures } = live
  const late = board.view.charts.filter(({ name, follows }) => {
    const [figure, picture] = [board.figures.get(name), pictures.get(name)]
    return follows && figure && !(picture && isSameGround(picture, figure))
  })
  if (late.length === 0) return
  const chart = late[live.sketched++ % late.length]
  const [plot, figure] = [board.plots.get(chart.name), board.figures.get(chart.name)]
  if (plot && figure) drawFigure(live, chart, plot, figure)
}

/** @param {HTMLElement} parent */
function remove(parent) {
  const live = lives.get(parent)
  if (!live) return
  lives.delete(parent)
  live.removed = true
  live.observer.disconnect()
  live.hand.remove()
  live.cellPanel.remove()
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
  const run = board.view.player
  board.root.classList.toggle("live-chart-played", run !== null)
  if (run === null) {
    player?.remove()
    live.player = null
  } else if (player) player.load(run)
  else live.player = new Player(board, run)
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
  // All sizes before the first drawing: a drawing between two would lay the page out again. What has no
  // data is drawn by the player.
  const figures = view.charts.flatMap((chart) => {
    const plot = plots.get(chart.name)
    if (!plot || !chart.data) return []
    return [{ chart, plot, figure: figureOf(live, chart, { width: plot.clientWidth, height: plot.clientHeight }) }]
  })
  live.drawings = figures.map(({ chart, plot, figure }) => () => drawFigure(live, chart, plot, figure))
  drawSome(live, live.drawings, board.isHeld ? 1 : player ? Infinity : AT_ONCE)
}

/**
 * Some charts in one go and then the next, so that the first of many are seen early, and a newer
 * drawing need not wait for the last of an older one. Those of a held board are seen already.
 *
 * @param {Live} live
 * @param {(() => void)[]} drawings
 * @param {number} most
 */
function drawSome(live, drawings, most) {
  if (live.removed || live.drawings !== drawings) return
  const { board, player } = live
  for (const one of drawings.splice(0, most)) one()
  if (drawings.length > 0) {
    if (board.isHeld) player?.draw()
    setTimeout(drawSome, 0, live, drawings, most)
    return
  }
  if (board.isHeld) letGo(board)
  player?.attach()
  tellDrawn(live)
}

/**
 * @param {Live} live
 * @param {SentChart} chart
 * @param {Size} size
 * @returns {Figure}
 */
function figureOf({ board }, chart, { width, height }) {
  const { data, layout } = coloured({ data: chart.data ?? [], layout: chart.layout ?? {} }, board.theme.colours)
  return { data, layout: completeLayout(chart.name, layout, { width, height }, board.theme) }
}

/**
 * @param {Live} live
 * @param {SentChart} chart
 * @param {HTMLElement} plot
 * @param {Figure} figure
 */
function drawFigure({ board, pictures, setTriggerValue }, chart, plot, figure) {
  board.figures.set(chart.name, figure)
  pictures.set(chart.name, figure)
  react(plot, figure.data, figure.layout)
  if (chart.clickable) {
    onSingleClick(plot, (_, event) => {
      setTriggerValue("clicked", { chart: chart.name, ...cellAt(plot, figure.data[0], event) })
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
  if (revision !== null && !live.removed && live.revision === revision) board.root.dataset.revision = revision
}
