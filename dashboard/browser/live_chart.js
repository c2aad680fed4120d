// Draws the charts that live_chart.py sends, and updates them in place with Plotly.react.

import "./connection.js"
import { Player } from "./player.js"
import { nearest, onSingleClick, readTheme } from "./plot.js"
import { paintTile } from "./surface_tile.js"

const ARRAYS = { f4: Float32Array, f8: Float64Array, i4: Int32Array, u1: Uint8Array, u4: Uint32Array }
const TOUCH = matchMedia("(pointer: coarse)").matches
const CURE = "Reload the page; if it stays so, a browser extension or a filter of the network blocks it."
const CONFIG = { displayModeBar: false, doubleClick: "reset+autosize", responsive: false }

// What removes the charts from an element: by whatever version of this module they were drawn.
const REMOVE = Symbol.for("minibatch.remove")

const instances = new WeakMap()
const drawings = new WeakMap() // the last promise of Plotly's for each plot
let plotly = null

await Promise.all(["live_chart.css", "player.css"].map(loadStyles))

export default function ({ data, parentElement, setTriggerValue }) {
  let instance = instances.get(parentElement)
  if (!instance) {
    parentElement[REMOVE]?.() // a server that was started anew may bring another version
    instance = createInstance(parentElement)
    instances.set(parentElement, instance)
    parentElement[REMOVE] = () => remove(parentElement, instance)
  }
  instance.view = decode(data)
  instance.report = (chart, { x, y }) => setTriggerValue("clicked", { chart, x, y })
  bringPlayer(instance)
  update(instance)
  // Streamlit also calls this for a drawing that the next has overtaken, where the element stays.
  return () => {
    if (!parentElement.isConnected) remove(parentElement, instance)
  }
}

function remove(parentElement, instance) {
  if (instance.removed) return
  instance.removed = true
  instance.observer.disconnect()
  instance.player?.remove()
  for (const plot of instance.plots.values()) discard(plot)
  instance.metrics.remove()
  instance.root.remove()
  instances.delete(parentElement)
}

// Before anything is shown, so that nothing is shown without its styles, unless they do not come.
function loadStyles(file) {
  const link = document.createElement("link")
  link.rel = "stylesheet"
  link.href = new URL(file, import.meta.url)
  const settled = new Promise((resolve) => {
    link.onload = resolve
    link.onerror = resolve
  })
  document.head.append(link)
  return settled
}

function createInstance(parentElement) {
  const metrics = document.createElement("dl")
  metrics.className = "live-chart-metrics"
  const root = document.createElement("div")
  root.className = "live-chart-grid"
  parentElement.append(metrics, root)
  const instance = { metrics, root, plots: new Map(), view: null, report: null, player: null }
  Object.assign(instance, { width: 0, removed: false })
  instance.observer = new ResizeObserver(() => {
    if (root.clientWidth !== instance.width) update(instance)
  })
  instance.observer.observe(root)
  return instance
}

// Bytes -> the view, with each {array: number} replaced by a typed array, or by its rows.
function decode(bytes) {
  const buffer = bytes.slice().buffer // a copy starts at an aligned address
  const length = Number(new DataView(buffer).getBigUint64(0, true))
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)))
  const arrays = head.arrays.map(({ dtype, shape, start }) => {
    const size = shape.reduce((a, b) => a * b, 1)
    const flat = new ARRAYS[dtype](buffer, 8 + length + start, size)
    if (shape.length === 1) return flat
    return Array.from({ length: shape[0] }, (_, row) =>
      flat.subarray(row * shape[1], (row + 1) * shape[1]),
    )
  })
  const { charts, player, ...rest } = head.view
  const restore = (part) => mapLeaves(part, (leaf) => leaf, arrays)
  return { ...rest, charts: restore(charts), player: restore(player) }
}

// A run that can be played has its numbers in the player.
function bringPlayer(instance) {
  instance.root.classList.toggle("live-chart-played", Boolean(instance.view.player))
  if (instance.view.player) {
    instance.player ??= new Player(instance)
    instance.player.load(instance.view)
  } else {
    instance.player?.remove()
    instance.player = null
  }
}

function mapLeaves(value, change, arrays) {
  if (ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) {
    // Rows of a surface are numbers: nothing in them to change.
    return ArrayBuffer.isView(value[0]) ? value : value.map((item) => mapLeaves(item, change, arrays))
  }
  if (value === null || typeof value !== "object") return change(value)
  if (arrays && "array" in value) return arrays[value.array]
  const entries = Object.entries(value)
  return Object.fromEntries(entries.map(([key, item]) => [key, mapLeaves(item, change, arrays)]))
}

async function update(instance) {
  showMetrics(instance)
  try {
    await loadPlotly(instance.view.plotly)
  } catch (error) {
    showAlert(instance, error.message)
    return
  }
  if (!instance.removed) draw(instance)
}

function showMetrics({ metrics, view }) {
  while (metrics.children.length < view.metrics.length) {
    const entry = document.createElement("div")
    entry.append(document.createElement("dt"), document.createElement("dd"))
    metrics.append(entry)
  }
  view.metrics.forEach(([label, value], number) => {
    const [term, description] = metrics.children[number].children
    term.textContent = label
    description.textContent = value
  })
}

function loadPlotly(file) {
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = new URL(`../${file}`, import.meta.url)
    script.onload = resolve
    script.onerror = () => {
      plotly = null // the next change of a setting tries again
      script.remove()
      reject(new Error(`The charts can't be drawn: ${script.src} did not load. ${CURE}`))
    }
    document.head.append(script)
  })
  return plotly
}

function showAlert(instance, message) {
  const alert = document.createElement("div")
  alert.className = "live-chart-alert"
  alert.setAttribute("role", "alert")
  alert.textContent = message
  instance.root.replaceChildren(alert)
  instance.plots.clear()
}

function draw(instance) {
  const { root, view, plots } = instance
  root.querySelector(".live-chart-alert")?.remove()
  arrange(instance)
  const theme = readTheme(root)
  // All sizes before the first drawing: a drawing between two would lay the page out again.
  const sizes = view.charts.map(({ name }) => {
    const { clientWidth: width, clientHeight: height } = plots.get(name)
    return { width, height }
  })
  view.charts.forEach((chart, number) => {
    const plot = plots.get(chart.name)
    if (!chart.data) return // the player's own
    if (chart.tile) {
      paintTile(plot, chart.data, chart.layout, sizes[number])
      return
    }
    const data = theme.dark ? mapLeaves(chart.data, (leaf) => view.dark[leaf] ?? leaf) : chart.data
    const layout = completeLayout(chart, sizes[number], theme)
    drawings.set(plot, window.Plotly.react(plot, data, layout, CONFIG))
    if (chart.clickable) onSingleClick(plot, (_, event) => instance.report(chart.name, cellAt(plot, event)))
  })
  instance.player?.attach()
}

// Plotly tells a plot that it was drawn a moment later, and a purged one can't be told.
function discard(plot) {
  drawings.get(plot)?.finally(() => window.Plotly.purge(plot))
}

// The cell of a heatmap under the pointer, whatever mark lies over it.
function cellAt(plot, { clientX, clientY }) {
  const { xaxis, yaxis } = plot._fullLayout
  const { left, top } = plot.getBoundingClientRect()
  const { x, y } = plot.data[0]
  return {
    x: nearest(x, xaxis.p2l(clientX - left - xaxis._offset)),
    y: nearest(y, yaxis.p2l(clientY - top - yaxis._offset)),
  }
}

// One <figure> a chart, in the view's order; a chart that stays keeps its element and its zoom.
function arrange(instance) {
  const { root, view, plots } = instance
  const stacked = root.clientWidth < view.fold
  instance.width = root.clientWidth
  root.style.gridTemplateAreas = stacked ? "none" : view.areas
  root.style.gridTemplateColumns = stacked ? "100%" : view.columns
  root.style.gridTemplateRows = stacked ? "none" : view.rows
  root.style.gridAutoRows = `${view.stacked}px`
  for (const [name, plot] of plots) {
    if (view.charts.some((chart) => chart.name === name)) continue
    discard(plot)
    plot.parentElement.remove()
    plots.delete(name)
  }
  for (const [number, chart] of view.charts.entries()) {
    if (!plots.has(chart.name)) plots.set(chart.name, addFigure(root))
    const plot = plots.get(chart.name)
    const figure = plot.parentElement
    // On a phone the order on the page is the order in the document.
    if (root.children[number] !== figure) root.insertBefore(figure, root.children[number])
    figure.style.gridArea = stacked ? "auto" : chart.name
    figure.querySelector("b").textContent = chart.title
    const note = figure.querySelector("span")
    note.textContent = chart.note
    delete note.dataset.note
    showBar(figure.querySelector(".live-chart-bar"), chart.bar)
    plot.setAttribute("aria-label", `Chart: ${chart.title}. ${chart.note}`)
    plot.dataset.chart = chart.name
  }
}

function addFigure(root) {
  const figure = document.createElement("figure")
  const caption = document.createElement("figcaption")
  const bar = document.createElement("div")
  bar.className = "live-chart-bar"
  bar.append(document.createElement("i"), document.createElement("i"), document.createElement("i"))
  caption.append(document.createElement("b"), document.createElement("span"), bar)
  const plot = document.createElement("div")
  plot.className = "live-chart-plot"
  plot.setAttribute("role", "img")
  figure.append(caption, plot)
  root.append(figure)
  return plot
}

// low, the colours between, high: cheaper than Plotly's own bar, and one serves several charts.
function showBar(element, bar) {
  element.hidden = !bar
  if (!bar) return
  const [low, colours, high] = element.children
  low.textContent = bar.low
  high.textContent = bar.high
  const stops = bar.stops.map(([position, colour]) => `${colour} ${position * 100}%`)
  colours.style.background = `linear-gradient(to right, ${stops.join(", ")})`
}

function completeLayout(chart, size, theme) {
  const grid = theme.dark ? "rgba(255,255,255,0.10)" : "rgba(0,0,0,0.08)"
  const axis = {
    gridcolor: grid,
    linecolor: grid,
    ticklabeloverflow: "allow",
    tickfont: { size: 11 },
    title: { font: { size: 12 } },
    nticks: 6,
    exponentformat: "e",
  }
  const axes = Object.entries(chart.layout).filter(([key]) => /^[xy]axis/.test(key))
  return {
    ...size,
    // Fixed, since automargin lays every chart out twice.
    margin: { l: 46, r: 14, t: chart.layout.legend ? 22 : 8, b: 34 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: theme.font, size: 12, color: theme.text },
    hoverlabel: { bgcolor: theme.background, bordercolor: grid, font: { color: theme.text } },
    dragmode: TOUCH ? false : "zoom", // a finger scrolls the page
    hovermode: "closest",
    uirevision: chart.name, // zoom and legend choices outlive new data
    ...chart.layout,
    ...Object.fromEntries(axes.map(([key, own]) => [key, mergeAxis(axis, own)])),
  }
}

function mergeAxis(axis, own) {
  return { ...axis, ...own, title: { ...axis.title, ...own.title } }
}
