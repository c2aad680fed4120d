// @ts-check
// The minibatches of an epoch side by side, each with its loss surface, and their weighted mean.

import { element } from "./elements.js"
import { epochOfTiles, sampleOf } from "./epoch.js"
import { writeCaption } from "./figures.js"
import { isInSight } from "./lowest.js"
import { isOfAll, orderOf, pointsOf } from "./steps.js"
import { crossAt, paintTile } from "./surface_tile.js"
import { count, decimals, rounded, whole } from "./words.js"

/** @import { Epoch, Tile } from "./epoch.js" */
/** @import { Lowest } from "./lowest.js" */
/** @import { Run, State } from "./steps.js" */
/** @import { Size } from "./surface_tile.js" */
/** @import { Colours } from "./wire.js" */

const AT_ONCE = 8 // milliseconds that an epoch's surfaces may take to be drawn with every move ...
const PAUSE = 250 // ... or to be drawn no more often than this while playing, ...
const SHARE = 10 // ... and than so many times what they take

/**
 * A button, what is painted on it, and what stands below.
 *
 * @typedef {{ button: HTMLButtonElement, picture: HTMLElement, label: HTMLElement }} TileButton
 */

/** @typedef {{ list: HTMLElement, buttons: TileButton[] }} TileList */

export class EpochTiles {
  /** @param {(step: number) => void} goTo */
  constructor(goTo) {
    this.goTo = goTo
    this.at = 0
    this.took = 0
    /** @type {Epoch | null} */
    this.shown = null
    /** @type {{ of: Epoch, sample: number[] } | null} */
    this.painted = null
    /** @type {WeakMap<HTMLElement, TileList>} */
    this.lists = new WeakMap()
  }

  // Of another run there is nothing yet.
  forget() {
    this.shown = null
  }

  // Of another size all is to be painted again.
  repaint() {
    this.painted = null
  }

  /**
   * Where the surfaces take long to compute they stay behind while something moves; their title says
   * which epoch they are of.
   *
   * @param {HTMLElement} plot
   * @param {Run} run
   * @param {State} state
   * @param {Colours} colours
   * @param {"still" | "playing" | "moved" | "held"} how held: while the hand moves, one run after another
   */
  draw(plot, run, state, colours, how) {
    if (how === "held" && this.shown === null && this.took > AT_ONCE) {
      this.lists.get(plot)?.list.classList.add("player-stale")
      return
    }
    const isNew = this.shown === null || (!run.order && this.shown.epoch !== state.epoch)
    const now = performance.now()
    const isTheirTurn = how === "playing" && now - this.at > Math.max(PAUSE, SHARE * this.took)
    let { shown } = this
    if (shown === null || (isNew && (how === "still" || isTheirTurn || this.took < AT_ONCE))) {
      shown = epochOfTiles(run, orderOf(run, state.epoch), state.epoch, state.j)
      this.shown = shown
      this.at = performance.now()
      this.took = this.at - now
    }
    if (run.order) shown.epoch = state.epoch // the same minibatches come every epoch
    this.show(plot, run, state, colours, shown)
  }

  /**
   * Buttons, one a minibatch: a press goes to the step that takes it. The mean of several is the last. What is
   * painted already stays; from step to step only the dot moves and the frame.
   *
   * @param {HTMLElement} plot
   * @param {Run} run
   * @param {State} state
   * @param {Colours} colours
   * @param {Epoch} shown
   */
  show(plot, run, state, colours, shown) {
    const sample = sampleOf(run.per_epoch, state.j)
    const hasMean = run.per_epoch > 1
    const { list, buttons } = this.listIn(plot, sample.length + Number(hasMean))
    const { clientWidth: width, clientHeight: height } = buttons[0].picture
    const before = this.painted?.of === shown ? this.painted.sample : []
    sample.forEach((j, number) => {
      const tile = buttons[number]
      tile.button.classList.toggle("player-now", j === state.j && shown.epoch === state.epoch)
      if (before[number] === j) return
      paint(tile, shown.tile(j), run, { width, height })
      describe(tile, ...wordsOf(run, j, shown.tile(j)))
      tile.button.disabled = false
      tile.button.onclick = () => this.goTo(shown.epoch * run.per_epoch + j)
    })
    if (before.length === 0 && hasMean) {
      const mean = buttons[sample.length]
      paint(mean, shown.mean, run, { width, height })
      describe(mean, "weighted mean", "This is the mean of the surfaces of all the epoch's minibatches, each weighted by its points.")
      mean.button.className = "player-tile"
      mean.button.disabled = true
    }
    this.painted = { of: shown, sample }
    list.style.setProperty("--player-minibatch", colours.minibatch)
    list.style.setProperty("--across", share(state.b, run.b_ends))
    list.style.setProperty("--up", share(state.w, run.w_ends))
    list.classList.toggle("player-stale", shown.epoch !== state.epoch)
    const places = new Set(sample.map((j) => shown.tile(j).lowest.place))
    const notes = [noteOfEpoch(run, sample.length, shown.difference), ...noteOfWords(places)]
    writeCaption(plot, notes.join(" "), `Epoch ${whole(shown.epoch + 1)}`)
  }

  /**
   * @param {HTMLElement} plot
   * @param {number} length
   * @returns {TileList}
   */
  listIn(plot, length) {
    const tiles = this.lists.get(plot) ?? { list: element("div", { class: "player-tiles" }), buttons: [] }
    this.lists.set(plot, tiles)
    plot.setAttribute("role", "group")
    if (tiles.list.parentElement !== plot) plot.append(tiles.list)
    while (tiles.buttons.length < length) {
      const made = newTile()
      tiles.buttons.push(made)
      tiles.list.append(made.button)
    }
    for (const { button } of tiles.buttons.splice(length)) button.remove()
    return tiles
  }
}

/** @returns {TileButton} */
function newTile() {
  const picture = element("div", { class: "player-tile-picture" }, element("i"))
  const label = element("small")
  return { button: element("button", { type: "button", class: "player-tile" }, picture, label), picture, label }
}

/**
 * @param {TileButton} button
 * @param {Tile} tile
 * @param {Run} run
 * @param {Size} size
 */
function paint({ picture }, { heat, lowest }, run, size) {
  const marks = isInSight(lowest) ? [crossAt(lowest, 7)] : []
  paintTile(picture, [heat, ...marks], { x: run.b_ends, y: run.w_ends }, size)
}

/**
 * @param {TileButton} tile
 * @param {string} words
 * @param {string} title
 */
function describe({ button, label }, words, title) {
  label.textContent = words
  button.title = title
  button.setAttribute("aria-label", title)
}

/**
 * The words below the tile of minibatch j, and those that explain them.
 *
 * @param {Run} run
 * @param {number} j
 * @param {Tile} tile
 * @returns {[words: string, title: string]}
 */
function wordsOf(run, j, { points, lowest }) {
  const [words, says] = wordsOfLowest(lowest)
  const title = `Minibatch ${whole(j + 1)} has ${pointsOf(run, points)}. ${says} A click goes to its step.`
  return [`${whole(j + 1)}: ${words}`, title]
}

/**
 * @param {Lowest} lowest
 * @returns {[words: string, says: string]}
 */
function wordsOfLowest(lowest) {
  if (lowest.place === "nowhere") {
    const why = "Some w and b put each of its points on the correct side of p = ½."
    const falls = "If both are then multiplied by the same number above 1, the loss falls, again and again without end."
    return ["no min.", `Its loss has no minimum. ${why} ${falls}`]
  }
  if (lowest.place === "beyond") {
    return ["beyond", "Its loss is lower beyond the edge of this picture than anywhere in it."]
  }
  if (lowest.place === "far") {
    const why = "Far away, where p is almost 0 or 1, the loss comes closer and closer to a lowest value, and never arrives."
    return ["no min.", `Its loss has no lowest point. ${why}`]
  }
  const { place, w, b, loss } = lowest
  const at = `${decimals(loss, 4)}, at w = ${w.toFixed(2)}, b = ${b.toFixed(2)}`
  return place === "local"
    ? [`${decimals(loss, 3)} local`, `Its loss has a local minimum, ${at}. Outside the picture the loss is lower.`]
    : [decimals(loss, 3), `Its lowest loss is ${at}.`]
}

/**
 * @param {number} value
 * @param {[number, number]} ends
 */
function share(value, [from, to]) {
  return `${((value - from) / (to - from)) * 100}%`
}

/**
 * @param {Run} run
 * @param {number} drawn minibatches
 * @param {number} difference
 */
function noteOfEpoch(run, drawn, difference) {
  if (isOfAll(run)) {
    return "Its one minibatch is all the data."
  }
  if (run.per_epoch === 1) return `This is the loss surface of the epoch's one minibatch. It ${identity(run, difference)}`
  const of = `this epoch's ${whole(run.per_epoch)} minibatches`
  const some = drawn < run.per_epoch ? `${drawn} of ${of}` : of
  return `These are the loss surfaces of ${some}. The weighted average of all ${identity(run, difference)}`
}

/**
 * What the words below the tiles mean, of those that are there.
 *
 * @param {Set<Lowest["place"]>} places
 */
function noteOfWords(places) {
  const isWithoutMinimum = places.has("nowhere") || places.has("far")
  return [
    ...(places.has("inside") || places.has("local") ? ["The numbers are the lowest losses."] : []),
    ...(isWithoutMinimum ? ['"No min." means that a loss has no lowest point.'] : []),
    ...(places.has("local") ? ['"Local" means that a minimum is local: beyond the picture the loss is lower.'] : []),
    ...(places.has("beyond") ? ['"Beyond" means that a loss is lower beyond the picture.'] : []),
  ]
}

/**
 * @param {Run} run
 * @param {number} difference
 */
function identity(run, difference) {
  if (difference === 0) return "is exactly the surface of all the data."
  const apart = rounded(difference, 2)
  if (run.replacement) {
    return `differs from the surface of all the data by up to ${apart}, because points are drawn with replacement.`
  }
  const dropped = run.x.length - run.kept
  if (dropped > 0) {
    const are = `${count(dropped, "point")} ${dropped === 1 ? "is" : "are"}`
    return `differs from the surface of all the data by up to ${apart}, because ${are} dropped.`
  }
  return `is the surface of all the data (largest difference ${apart}, rounding only).`
}
