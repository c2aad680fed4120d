// The loss surface of every minibatch of an epoch, side by side, and their weighted mean.

import { writeCaption } from "./plot.js"
import { heatOf, paintTile, spaced } from "./surface_tile.js"
import { isSeparable, minibatch, surfaceOf } from "./unit.js"
import { count, decimals, element, whole } from "./words.js"

const TILE_POINTS = 25 // values of w, and of b
const MOST_TILES = 11

// The weighted mean of all minibatches of an epoch, and the surfaces of those that are drawn.
export function epochOfTiles(run, order, epoch, now) {
  const [wGrid, bGrid] = [spaced(...run.w_ends, TILE_POINTS), spaced(...run.b_ends, TILE_POINTS)]
  const mean = new Float64Array(TILE_POINTS ** 2)
  const reused = new Float64Array(TILE_POINTS ** 2)
  const [drawn, tiles] = [new Set(sampleOf(run.per_epoch, now)), new Map()]
  for (let j = 0; j < run.per_epoch; j++) {
    const points = minibatch(run, order, j)
    const values = surfaceOf(run, points, wGrid, bGrid, drawn.has(j) ? undefined : reused)
    if (drawn.has(j)) tiles.set(j, { points, ...tileOf(run, points, values, wGrid, bGrid) })
    for (let k = 0; k < mean.length; k++) mean[k] += (points.length / order.length) * values[k]
  }
  run.full ??= surfaceOf(run, run.everything, wGrid, bGrid)
  const difference = mean.reduce((most, z, k) => Math.max(most, Math.abs(z - run.full[k])), 0)
  const tile = (j) => {
    if (!tiles.has(j)) {
      const points = minibatch(run, order, j)
      const values = surfaceOf(run, points, wGrid, bGrid)
      tiles.set(j, { points, ...tileOf(run, points, values, wGrid, bGrid) })
    }
    return tiles.get(j)
  }
  return { epoch, tile, mean: tileOf(run, run.everything, mean, wGrid, bGrid), difference }
}

// Which minibatches are drawn: all, or some evenly spaced and among them the one whose turn it is.
function sampleOf(minibatches, now) {
  if (minibatches <= MOST_TILES) return Array.from({ length: minibatches }, (_, j) => j)
  const sample = Array.from({ length: MOST_TILES }, (_, k) => Math.floor((k * minibatches) / MOST_TILES))
  const nearest = Math.min(MOST_TILES - 1, Math.round((now * MOST_TILES) / minibatches))
  const place = [nearest, nearest - 1].find((k) => sample[k] === now) ?? nearest
  const fits = (k) => (sample[k - 1] ?? -1) < now && now < (sample[k + 1] ?? minibatches)
  sample[fits(place) ? place : place - 1] = now
  return sample
}

function tileOf(run, points, values, wGrid, bGrid) {
  return {
    heat: heatOf(run, values, wGrid, bGrid),
    minimum: minimumOf(run, points, values, wGrid, bGrid),
    separable: isSeparable(run, points),
  }
}

// The lowest point inside a grid; null where the surface falls on to the edge, or for ever.
export function minimumOf(run, points, values, wGrid, bGrid) {
  const lowest = values.indexOf(values.reduce((least, z) => Math.min(least, z), Infinity))
  const [i, j] = [Math.floor(lowest / bGrid.length), lowest % bGrid.length]
  const inside = i > 0 && i < wGrid.length - 1 && j > 0 && j < bGrid.length - 1
  if (!inside || isSeparable(run, points)) return null
  return { w: wGrid[i], b: bGrid[j], loss: values[lowest] }
}

function describeTile({ minimum, separable }) {
  if (separable) return "none"
  return minimum ? decimals(minimum.loss, 3) : "outside"
}

function explainTile(j, { points, minimum, separable }, run) {
  const name = `Minibatch ${whole(j + 1)}, ${pointsOf(run, points)}`
  if (separable) return `${name}: some x divides its classes, so its loss falls for ever and has no minimum`
  if (!minimum) return `${name}: its loss still falls at the edge of this grid`
  const { w, b, loss } = minimum
  return `${name}: lowest on this grid ${decimals(loss, 4)} at w ${w.toFixed(2)}, b ${b.toFixed(2)}`
}

export function pointsOf({ y }, points) {
  const ones = points.reduce((sum, i) => sum + y[i], 0)
  return `${count(points.length, "point")}, ${whole(ones)} of class 1`
}

// Buttons, one a minibatch: a press goes to the step that takes it. The mean is the last. What is
// painted already stays; from step to step only the dot moves and the frame.
export function showTiles(player, plot) {
  const { run, state, tiles } = player
  const { shown } = tiles
  const sample = sampleOf(run.per_epoch, state.j)
  plot.setAttribute("role", "group")
  const list = plot.querySelector(".player-tiles") ?? element("div", { class: "player-tiles" })
  if (list.parentElement !== plot) plot.append(list)
  while (list.children.length > sample.length + 1) list.lastChild.remove()
  while (list.children.length <= sample.length) list.append(newTile())
  const { clientWidth: width, clientHeight: height } = list.firstChild.firstChild
  const layout = { xaxis: { range: run.b_ends }, yaxis: { range: run.w_ends } }
  const paint = (button, { heat, minimum }, label, title) => {
    const marks = minimum ? [crossAt(minimum, 7)] : []
    paintTile(button.firstChild, [heat, ...marks], layout, { width, height })
    button.lastChild.textContent = label
    button.title = title
    button.setAttribute("aria-label", title)
  }
  const before = tiles.painted?.of === shown ? tiles.painted.sample : []
  sample.forEach((j, number) => {
    const button = list.children[number]
    button.classList.toggle("player-now", j === state.j && shown.epoch === state.epoch)
    if (before[number] === j) return
    const tile = shown.tile(j)
    paint(button, tile, `${whole(j + 1)}: ${describeTile(tile)}`, explainTile(j, tile, run))
    button.disabled = false
    button.onclick = () => player.goTo(player.tiles.shown.epoch * run.per_epoch + j)
  })
  if (before.length === 0) {
    paint(list.lastChild, shown.mean, "weighted mean", "The mean of all minibatches' surfaces, weighted by points")
    list.lastChild.className = "player-tile"
    list.lastChild.disabled = true
  }
  tiles.painted = { of: shown, sample }
  const across = (value, [from, to]) => `${((value - from) / (to - from)) * 100}%`
  list.style.setProperty("--player-minibatch", run.colours.minibatch)
  list.style.setProperty("--across", across(state.b, run.b_ends))
  list.style.setProperty("--up", across(state.w, run.w_ends))
  list.classList.toggle("player-stale", shown.epoch !== state.epoch)
  writeCaption(plot, noteOfEpoch(run, sample.length, shown.difference), `Epoch ${whole(shown.epoch + 1)}`)
}

function newTile() {
  return element(
    "button",
    { type: "button", class: "player-tile" },
    element("div", { class: "player-tile-picture" }, element("i")),
    element("small"),
  )
}

export function crossAt({ w, b }, size) {
  const marker = { symbol: "x-thin", size, line: { color: "#ffffff", width: 1.6 } }
  return { mode: "markers", x: [b], y: [w], marker }
}

function noteOfEpoch(run, drawn, difference) {
  if (run.per_epoch === 1 && run.kept === run.x.length && !run.replacement) {
    return "its one minibatch is all the data"
  }
  const some = drawn < run.per_epoch ? `, ${drawn} of them drawn` : ""
  const all = `${count(run.per_epoch, "minibatch", "es")}${some}, each with its lowest loss`
  return `${all}; the weighted mean of all ${whole(run.per_epoch)} ${identity(run, difference)}`
}

function identity(run, difference) {
  const apart = difference.toPrecision(2)
  if (run.replacement) {
    return `differs from the surface of all the data by up to ${apart}, since drawn with replacement they are not the data`
  }
  if (run.kept < run.x.length) {
    return `differs from the surface of all the data by up to ${apart}, since some points are dropped`
  }
  return `is the surface of all the data, to rounding: ${apart}`
}
