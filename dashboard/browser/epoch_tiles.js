// The loss surface of every minibatch of an epoch, side by side, and their weighted mean.

const TILE_POINTS = 25 // values of w, and of b
const MOST_TILES = 11

// What the tiles of an epoch show; of many minibatches a sample is drawn, all are in the mean.
function epochOfTiles(run, order, epoch) {
  const [wGrid, bGrid] = [spaced(...run.w_ends, TILE_POINTS), spaced(...run.b_ends, TILE_POINTS)]
  const mean = new Float64Array(TILE_POINTS ** 2)
  const reused = new Float64Array(TILE_POINTS ** 2)
  const sample = sampleOf(run.per_epoch)
  const tiles = []
  for (let j = 0; j < run.per_epoch; j++) {
    const points = minibatch(run, order, j)
    const drawn = sample.has(j)
    const values = surfaceOf(run, points, wGrid, bGrid, drawn ? undefined : reused)
    for (let k = 0; k < mean.length; k++) mean[k] += (points.length / order.length) * values[k]
    if (drawn) tiles.push({ j, points, ...tileOf(run, points, values, wGrid, bGrid) })
  }
  run.full ??= surfaceOf(run, run.everything, wGrid, bGrid)
  const difference = mean.reduce((most, z, k) => Math.max(most, Math.abs(z - run.full[k])), 0)
  return { epoch, tiles, mean: tileOf(run, run.everything, mean, wGrid, bGrid), difference }
}

function sampleOf(minibatches) {
  const drawn = Math.min(minibatches, MOST_TILES)
  return new Set(Array.from({ length: drawn }, (_, k) => Math.floor((k * minibatches) / drawn)))
}

function tileOf(run, points, values, wGrid, bGrid) {
  return {
    heat: heatOf(run, values, wGrid, bGrid),
    minimum: minimumOf(run, points, values, wGrid, bGrid),
    separable: isSeparable(run, points),
  }
}

// The lowest point inside a grid; null where the surface falls on to the edge, or for ever.
function minimumOf(run, points, values, wGrid, bGrid) {
  const lowest = values.indexOf(values.reduce((least, z) => Math.min(least, z), Infinity))
  const [i, j] = [Math.floor(lowest / bGrid.length), lowest % bGrid.length]
  const inside = i > 0 && i < wGrid.length - 1 && j > 0 && j < bGrid.length - 1
  if (!inside || isSeparable(run, points)) return null
  return { w: wGrid[i], b: bGrid[j], loss: values[lowest] }
}

function describeTile({ minimum, separable }) {
  if (separable) return "no minimum"
  return minimum ? `min ${decimals(minimum.loss, 3)}` : "none inside"
}

function explainTile({ j, points, minimum, separable }, run) {
  const name = `Minibatch ${whole(j + 1)}, ${pointsOf(run, points)}`
  if (separable) return `${name}: some x divides its classes, so its loss falls for ever and has no minimum`
  if (!minimum) return `${name}: its loss still falls at the edge of this grid`
  const { w, b, loss } = minimum
  return `${name}: lowest on this grid ${decimals(loss, 4)} at w ${w.toFixed(2)}, b ${b.toFixed(2)}`
}

function pointsOf({ y }, points) {
  const ones = points.reduce((sum, i) => sum + y[i], 0)
  return `${count(points.length, "point")}, ${whole(ones)} of class 1`
}

// Buttons, one a minibatch: a press goes to the step that takes it. The mean is the last.
function showTiles(player, plot, { tiles, mean }) {
  const { run } = player
  plot.setAttribute("role", "group")
  const list = plot.querySelector(".player-tiles") ?? element("div", { class: "player-tiles" })
  if (list.parentElement !== plot) plot.append(list)
  while (list.children.length > tiles.length + 1) list.lastChild.remove()
  while (list.children.length <= tiles.length) list.append(newTile())
  const layout = { xaxis: { range: run.b_ends }, yaxis: { range: run.w_ends } }
  const { clientWidth: width, clientHeight: height } = list.firstChild.firstChild
  const show = (button, { heat, minimum }, label, title) => {
    const picture = button.firstChild
    const marks = minimum ? [crossAt(minimum, 7)] : []
    const size = { width, height }
    paintTile(picture, [heat, ...marks], layout, size)
    button.lastChild.textContent = label
    button.title = title
    button.setAttribute("aria-label", title)
  }
  tiles.forEach((tile, number) => {
    const button = list.children[number]
    show(button, tile, `${whole(tile.j + 1)}: ${describeTile(tile)}`, explainTile(tile, run))
    button.disabled = false
    button.onclick = () => player.goTo(player.tiles.shown.epoch * run.per_epoch + tile.j)
  })
  list.lastChild.disabled = true
  show(list.lastChild, mean, "weighted mean", "The mean of all minibatches' surfaces, weighted by points")
}

function newTile() {
  return element(
    "button",
    { type: "button", class: "player-tile" },
    element("div", { class: "player-tile-picture" }, element("i")),
    element("small"),
  )
}

function crossAt({ w, b }, size) {
  const marker = { symbol: "x-thin", size, line: { color: "#ffffff", width: 1.6 } }
  return { mode: "markers", x: [b], y: [w], marker }
}

// What changes from step to step: the dot on every tile, and the tile whose turn it is.
function markTile({ run, state }, plot, { epoch, tiles, difference }) {
  const list = plot.querySelector(".player-tiles")
  const across = (value, [from, to]) => `${((value - from) / (to - from)) * 100}%`
  list.style.setProperty("--player-minibatch", run.colours.minibatch)
  list.style.setProperty("--across", across(state.b, run.b_ends))
  list.style.setProperty("--up", across(state.w, run.w_ends))
  tiles.forEach(({ j }, number) => {
    list.children[number].classList.toggle("player-now", epoch === state.epoch && j === state.j)
  })
  const drawn = tiles.length < run.per_epoch ? `, ${tiles.length} of them drawn` : ""
  const all = `${count(run.per_epoch, "minibatch", "es")}${drawn}`
  writeCaption(plot, `${all}; ${identity(run, difference)}`, `Epoch ${whole(epoch + 1)}`)
}

function identity(run, difference) {
  const apart = difference.toPrecision(2)
  if (run.replacement) {
    return `drawn with replacement they are not the data: their weighted mean differs from its surface by up to ${apart}`
  }
  if (run.kept < run.x.length) {
    return `without the dropped points their weighted mean differs from the surface of all the data by up to ${apart}`
  }
  return `their weighted mean is the surface of all the data: the largest difference is ${apart}`
}
