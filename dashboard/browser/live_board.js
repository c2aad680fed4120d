// @ts-check
// A board that is kept up to date in place: its charts, the hand that draws them anew, and the player.

import { arrange, createBoard, HELD, letGo, removeBoard, showAlert, showMetrics, showWaiting } from "./board.js"
import { CellPanel } from "./cell_runs.js"
import { completeLayout } from "./chart_layout.js"
import { isEqual } from "./equal.js"
import { label } from "./figures.js"
import { PRINTING } from "./paper.js"
import { Player } from "./player.js"
import { drawn, load, onSingleClick, react } from "./plotly_adapter.js"
import { enlargement, heightOfWindow, PRESENTING } from "./presenting.js"
import { summaryOf } from "./summary.js"
import { coloured, readTheme } from "./theme.js"
import { isSameGround, layerOf } from "./traces.js"
import { writeAnew } from "./written_anew.js"

/** @import { Board, Figure, Filled } from "./board.js" */
/** @import { Acts, Hand } from "./hand.js" */
/** @import { StepKeeper } from "./player.js" */
/** @import { Size } from "./surface_tile.js" */
/** @import { Click, SentChart, Trace, View } from "./wire.js" */

/**
 * What is around a board.
 *
 * @typedef {object} Host
 * @property {(acts: Acts) => Hand} handFor
 * @property {() => StepKeeper} keepStep for a player
 * @property {(click: Click) => void} tellClick
 */

/**
 * A board that is kept up to date.
 *
 * @typedef {object} Live
 * @property {Board} board
 * @property {string | null} revision of what is to be drawn; null where the server has not sent it
 * @property {Host} host
 * @property {Player | null} player
 * @property {Hand} hand
 * @property {CellPanel} cellPanel
 * @property {ResizeObserver} observer
 * @property {(() => void)[]} drawings of the charts that are still to be drawn
 * @property {WeakMap<HTMLElement, Figure>} pictures that Plotly has drawn, as they were asked of it
 * @property {number} sketched of Plotly's pictures, while the hand moved
 * @property {boolean} isNextSoon whether Plotly is about to draw one
 * @property {boolean} removed
 * @property {AbortController} stop
 */

const AT_ONCE = 6 // charts that are drawn in one go
const SLICE = 25 // milliseconds after which no other chart of a held board is begun in one go

/**
 * A board in an element, empty yet.
 *
 * @param {HTMLElement} parent
 * @param {View} view
 * @param {Host} host
 * @returns {Live}
 */
export function begin(parent, view, host) {
  const board = createBoard(parent, view, (root) => readTheme(root, view.palette))
  const observer = new ResizeObserver(() => {
    if (board.root.clientWidth !== board.width || heightOfWindow() !== board.height) update(live)
  })
  const hand = host.handFor({
    draw: (drawing, revision) => show(live, drawing, revision),
    sketch: (drawing) => sketch(live, drawing),
  })
  /** @type {Live} */
  const live = {
    board,
    revision: null,
    host,
    player: null,
    hand,
    cellPanel: new CellPanel(board),
    observer,
    drawings: [],
    pictures: new WeakMap(),
    sketched: 0,
    isNextSoon: false,
    removed: false,
    stop: new AbortController(),
  }
  observer.observe(board.root)
  addEventListener(PRINTING, () => drawAtOnce(live), { signal: live.stop.signal })
  addEventListener(PRESENTING, () => drawAtOnce(live), { signal: live.stop.signal })
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

/**
 * A board while the hand moves: its lines at once, on the canvas over each chart, and after them one of
 * Plotly's pictures, each in turn, so that their axes follow.
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
  showMetrics(board)
  showWaiting(board, true)
  bringPlayer(live)
  if (live.player) live.player.attach()
  else paintLines(board)
  drawNextSoon(live)
}

/**
 * What is painted over Plotly's pictures, in the axes that they have now.
 *
 * @param {Live} live
 */
function paintOver({ board, player }) {
  if (player) player.draw()
  else paintLines(board)
}

/**
 * The lines of the charts that follow the hand, where no player draws them beneath its marks.
 *
 * @param {Board} board
 */
function paintLines(board) {
  for (const { name, follows } of board.view.charts) {
    const plot = board.plots.get(name)
    if (follows && plot && board.figures.has(name)) layerOf(board, plot)
  }
}

/**
 * Plotly's next picture, once the frame is seen that has the lines: it takes longer than all of them.
 *
 * @param {Live} live
 */
function drawNextSoon(live) {
  if (live.isNextSoon) return
  live.isNextSoon = true
  requestAnimationFrame(() => setTimeout(() => {
    live.isNextSoon = false
    if (!live.removed && live.board.isHeld) drawNext(live)
  }))
}

/**
 * Of the charts of which Plotly shows another ground than the figure has.
 *
 * @param {Live} live
 */
function drawNext(live) {
  const { board, pictures } = live
  const late = board.view.charts.flatMap((chart) => {
    const [plot, figure] = [board.plots.get(chart.name), board.figures.get(chart.name)]
    if (!chart.follows || !plot || !figure) return []
    const picture = pictures.get(plot)
    return picture && isSameGround(picture, figure) ? [] : [{ chart, plot, figure }]
  })
  if (late.length === 0) return
  const { chart, plot, figure } = late[live.sketched++ % late.length]
  drawFigure(live, chart, plot, figure)
  paintOver(live)
}

/** @param {Live} live */
export function remove(live) {
  live.removed = true
  live.stop.abort()
  live.observer.disconnect()
  live.hand.remove()
  live.cellPanel.remove()
  live.player?.remove()
  removeBoard(live.board)
}

/**
 * A run that can be played has its numbers in the player.
 *
 * @param {Live} live
 */
function bringPlayer(live) {
  const { board, host, player } = live
  const run = board.view.player
  board.root.classList.toggle("live-chart-played", run !== null)
  board.root.classList.toggle("live-chart-said", board.view.stability === null)
  board.root.classList.toggle("live-chart-followed", board.view.charts.some(({ follows }) => follows))
  if (run === null) {
    player?.remove()
    live.player = null
  } else if (player) player.load(run)
  else live.player = new Player(board, run, host.keepStep())
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
  if (!live.removed) draw(live, live.player ? Infinity : AT_ONCE)
}

/**
 * For paper, for a hall, or for the screen again: the browser waits for nothing that comes later.
 *
 * @param {Live} live
 */
function drawAtOnce(live) {
  if (live.board.figures.size === 0) return
  live.pictures = new WeakMap() // they are of another size
  draw(live, Infinity)
  live.player?.recolour()
}

/**
 * @param {Live} live
 * @param {number} most charts in one go
 */
function draw(live, most) {
  const { board } = live
  const { root, view, plots } = board
  root.querySelector(".live-chart-alert")?.remove()
  arrange(board)
  board.theme = readTheme(root, view.palette)
  // All sizes before the first drawing: a drawing between two would lay the page out again. What has no
  // data is drawn by the player.
  const figures = view.charts.flatMap((chart) => {
    const plot = plots.get(chart.name)
    if (!plot || !chart.data) return []
    return [{ chart, plot, figure: figureOf(live, chart, sheetOf(plot)) }]
  })
  live.drawings = figures.map(({ chart, plot, figure }) => () => drawFigure(live, chart, plot, figure))
  drawSome(live, live.drawings, most)
}

/** @param {HTMLElement} plot */
function sheetOf({ clientWidth, clientHeight }) {
  const scale = enlargement()
  return { width: clientWidth / scale, height: clientHeight / scale }
}

/**
 * Some charts in one go and then the next, so that the first of many are seen early, and a newer
 * drawing need not wait for the last of an older one. Those of a held board are seen already: the time
 * to draw them is cut in slices, in which a hand is not hindered.
 *
 * @param {Live} live
 * @param {(() => void)[]} drawings
 * @param {number} most
 */
function drawSome(live, drawings, most) {
  if (live.removed || live.drawings !== drawings) return
  const { board, player } = live
  const until = performance.now() + (board.isHeld ? SLICE : Infinity)
  for (let count = 0; count < most && drawings.length > 0 && performance.now() < until; count++) drawings.shift()?.()
  if (drawings.length > 0) {
    if (board.isHeld) paintOver(live)
    setTimeout(drawSome, 0, live, drawings, most)
    return
  }
  if (board.isHeld) {
    letGo(board)
    if (!player) paintLines(board) // no more
  }
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
  const figure = coloured({ data: chart.data ?? [], layout: chart.layout ?? {} }, board.theme.colours)
  return { data: figure.data, layout: completeLayout(chart.name, figure, { width, height }, board.theme) }
}

/**
 * By Plotly, unless its picture is of just this: the server's answer is most often what the hand has drawn.
 *
 * @param {Live} live
 * @param {SentChart} chart
 * @param {HTMLElement} plot
 * @param {Figure} figure
 */
function drawFigure({ board, pictures, host }, chart, plot, figure) {
  board.figures.set(chart.name, figure)
  const before = pictures.get(plot)
  if (before && isEqual(before, figure)) return
  pictures.set(plot, figure)
  react(plot, { data: figure.data, layout: structuredClone(figure.layout) }) // Plotly writes into a layout that it is given
  if (chart.clickable) {
    onSingleClick(plot, (place) => host.tellClick({ chart: chart.name, ...cellAt(figure.data[0], place) }))
  }
}

/**
 * The cell of a heatmap at a place.
 *
 * @param {Trace} heat
 * @param {{ x: number, y: number }} place
 */
function cellAt(heat, { x, y }) {
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
