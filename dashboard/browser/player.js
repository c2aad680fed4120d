// @ts-check
// Plays a run over the charts of a board, step by step, and asks the server for nothing: a step's
// minibatch, losses, gradients and surfaces are computed in the browser (steps.js, unit.js).

import { plotsOf } from "./board.js"
import { EpochTiles } from "./epoch_tiles.js"
import { FORETOLD } from "./foretold.js"
import { canHideFuture, hideFuture } from "./future.js"
import { offer, showSheet, withdraw } from "./keys.js"
import { LED, ledTo, PLAYED } from "./led.js"
import { isSame } from "./plan.js"
import { PlayerBar } from "./player_bar.js"
import { keyOf, MARKS, paintMarksOf } from "./player_marks.js"
import { onSingleClick, onZoom } from "./plotly_adapter.js"
import { NORMAL_SPEED, stepsOfFrame } from "./speed.js"
import { entriesOf, prepared, sentenceOf, stateAt, stepNear } from "./steps.js"
import { UpdateFold } from "./update_fold.js"
import { whole } from "./words.js"

/** @import { Board } from "./board.js" */
/** @import { Played } from "./plan.js" */

/**
 * What keeps the step, and whether what comes after it is hidden, for the next time that the page is opened.
 *
 * @typedef {object} StepKeeper
 * @property {Place} unsaid where a run is shown if nothing is kept
 * @property {(name: Kept) => string | null} read
 * @property {(name: Kept, text: string | null) => void} write
 * @property {(keep: () => void) => void} onLoss acts where they must be written anew
 * @property {() => void} remove
 */

/** @typedef {"step" | "future"} Kept */

/**
 * A step, or what stands for one in a run of any length.
 *
 * @typedef {number | "middle" | "end"} Place
 */

const HIDDEN = "hidden" // what the address says of the future
const ENOUGH = 5 // steps that were played are a run that was played
const STILL = 150 // milliseconds without a move
const REDUCED_MOTION = matchMedia("(prefers-reduced-motion: reduce)")

export class Player {
  /**
   * @param {Board} board
   * @param {Played} played
   * @param {StepKeeper} steps
   */
  constructor(board, played, steps) {
    this.board = board
    this.steps = steps
    this.speed = NORMAL_SPEED
    /** @type {number | null} */
    this.playing = null // the request for the next frame, while playing
    /** @type {number | undefined} */
    this.settling = undefined
    steps.onLoss(() => this.keepStep())
    this.stop = new AbortController()
    addEventListener(FORETOLD, () => this.draw(), { signal: this.stop.signal })
    addEventListener(LED, () => this.follow(), { signal: this.stop.signal })
    this.tiles = new EpochTiles((step) => this.goTo(step))
    this.bar = this.buildBar()
    this.update = new UpdateFold()
    board.root.before(this.bar.section, this.update.element)
    this.run = prepared(played)
    this.bar.setEnds(this.run)
    this.place = ledTo() ?? this.placeOfAddress()
    this.step = this.within(stepAt(this.run, this.place))
    this.state = stateAt(this.run, this.step)
    this.wantsHidden = steps.read("future") === HIDDEN
    this.showRun()
  }

  buildBar() {
    return new PlayerBar({
      first: () => this.goTo(0),
      back: () => this.goTo(this.step - 1),
      toggle: () => this.toggle(),
      next: () => this.goTo(this.step + 1),
      last: () => this.goTo(this.run.last),
      goTo: (step) => this.goTo(step),
      goToEpoch: (text) => this.goToEpoch(text),
      setSpeed: (speed) => { this.speed = speed },
      toggleFuture: () => this.toggleFuture(),
      showKeys: showSheet,
      pressKey: (event, isOfControl) => this.pressKey(event, isOfControl),
    })
  }

  /**
   * Another run to play, at the place that was shown before.
   *
   * @param {Played} played
   */
  load(played) {
    if (!isSame(played.settings, this.run.settings)) this.bar.notice.hidden = true
    this.run = prepared(played)
    this.bar.setEnds(this.run)
    this.place = this.placeToKeep()
    this.step = this.within(stepAt(this.run, this.place))
    this.showRun()
  }

  showRun() {
    this.bar.showFuture(this.hidesFuture, this.canChoose)
    offer(this, this.keys())
    this.tiles.forget()
    this.recolour()
    this.settleSoon()
  }

  recolour() {
    this.bar.key.replaceChildren(...keyOf(this.run, this.board.theme.colours, this.board.view.charts))
    this.writeRow()
  }

  /** @returns {Place} */
  placeOfAddress() {
    const { last } = this.run
    const text = this.steps.read("step")
    if (text === null) return this.steps.unsaid
    if (text === "middle" || text === "end") return text
    const step = /^\d+$/.test(text) ? Number(text) : -1
    if (step >= 0 && step < last) return step
    if (step !== last) {
      this.bar.say(`The address asks for step ${text}, but this run goes from 0 to ${whole(last)}. This is its end.`)
    }
    return "end"
  }

  placeToKeep() {
    const { last } = this.run
    if (typeof this.place !== "number" || this.place <= last) return this.place
    this.bar.say(`Step ${whole(this.place)} is beyond this run, which goes from 0 to ${whole(last)}. This is its end.`)
    return "end"
  }

  // ---- moving

  get hidesFuture() {
    return (this.wantsHidden || ledTo() !== null) && canHideFuture(this.board.view)
  }

  /** Whether what comes after the step can be hidden, or shown: a lesson may have hidden it. */
  get canChoose() {
    return canHideFuture(this.board.view) && ledTo() === null
  }

  /** A step of the run, and none beyond that at which a lesson has the player stand. @param {number} step */
  within(step) {
    return Math.max(0, Math.min(step, this.run.last, ledTo() ?? Infinity))
  }

  /** The keys that work on the whole page, where others move the page itself. */
  keys() {
    const keys = [
      { key: " ", name: "Space", says: "Play, or pause", act: () => this.toggle() },
      { key: "ArrowRight", name: "→", says: "One step forward", act: () => this.goTo(this.step + 1) },
      { key: "ArrowLeft", name: "←", says: "One step back", act: () => this.goTo(this.step - 1) },
      { key: "Home", name: "Home", says: "To the start of the run", act: () => this.goTo(0) },
      { key: "End", name: "End", says: "To its end", act: () => this.goTo(this.run.last) },
    ]
    if (!this.canChoose) return keys
    return [...keys, { key: "h", name: "H", says: "Hide what comes later, or show it", act: () => this.toggleFuture() }]
  }

  /**
   * @param {KeyboardEvent} event
   * @param {boolean} isOfControl with a use for keys of its own
   */
  pressKey(event, isOfControl) {
    const { step, run } = this
    /** @type {Record<string, number>} */
    const moves = {
      ArrowLeft: step - 1,
      ArrowDown: step - 1,
      ArrowRight: step + 1,
      ArrowUp: step + 1,
      PageDown: step - run.per_epoch,
      PageUp: step + run.per_epoch,
      Home: 0,
      End: run.last,
    }
    if (isOfControl || event.ctrlKey || event.metaKey || event.altKey) return
    if (Object.hasOwn(moves, event.key)) this.goTo(moves[event.key])
    else if (event.key === " ") this.toggle()
    else return
    event.preventDefault()
  }

  toggle() {
    if (this.playing !== null) this.pause()
    else this.play()
  }

  play() {
    if (this.step === this.within(Infinity)) this.step = 0
    this.bar.showPlaying(true)
    delete this.bar.section.dataset.settled
    let [before, owed, shown] = [performance.now(), 0, 0]
    /** @param {number} now */
    const frame = (now) => {
      this.playing = requestAnimationFrame(frame)
      const [steps, rest] = stepsOfFrame(owed + ((now - before) / 1000) * this.speed, this.speed, REDUCED_MOTION.matches)
      before = now
      owed = rest
      if (steps === 0) return
      this.show(this.within(this.step + steps))
      if (this.step === this.within(Infinity)) this.pause()
      if (shown < ENOUGH && shown + steps >= ENOUGH) dispatchEvent(new Event(PLAYED))
      shown += steps
    }
    this.show(this.step)
    this.playing = requestAnimationFrame(frame)
  }

  pause() {
    if (this.playing !== null) cancelAnimationFrame(this.playing)
    this.playing = null
    this.bar.showPlaying(false)
    this.draw() // what takes long was left out
    this.settle()
    dispatchEvent(new Event(PLAYED))
  }

  /** @param {string} text */
  goToEpoch(text) {
    const { epochs } = this.run
    const epoch = text === "" ? NaN : Number(text)
    if (Number.isInteger(epoch) && epoch >= 1 && epoch <= epochs) {
      this.goTo((epoch - 1) * this.run.per_epoch)
    } else {
      this.bar.epochBox.value = String(this.state.epoch + 1)
      this.bar.say(`Epoch should be a whole number between 1 and ${whole(epochs)}, but got "${text}".`)
    }
  }

  /**
   * A jump ends the playing: who takes a step wants to look at it.
   *
   * @param {number} step
   */
  goTo(step) {
    if (this.playing !== null) this.pause()
    this.bar.notice.hidden = true
    this.show(this.within(step))
    this.settleSoon()
  }

  settleSoon() {
    delete this.bar.section.dataset.settled
    clearTimeout(this.settling)
    this.settling = setTimeout(() => this.settle(), STILL)
  }

  // Standing still, once the hand does: the address and the screen reader are told where, and a test that
  // all is done.
  settle() {
    if (this.board.isHeld) {
      this.settleSoon()
      return
    }
    this.keepStep()
    this.bar.announcement.textContent = sentenceOf(this.run, this.state)
    this.update.announce()
    this.drawTiles("still")
    this.bar.section.dataset.settled = String(this.step)
  }

  keepStep() {
    if (this.playing !== null) return
    this.steps.write("step", this.place === this.steps.unsaid ? null : String(this.place))
    this.steps.write("future", this.wantsHidden ? HIDDEN : null)
  }

  toggleFuture() {
    this.wantsHidden = !this.wantsHidden
    this.showFuture()
  }

  /** Stand where a lesson leads, or be free again. */
  follow() {
    const step = ledTo()
    if (step !== null) this.goTo(step)
    offer(this, this.keys())
    this.showFuture()
  }

  showFuture() {
    this.bar.showFuture(this.hidesFuture, this.canChoose)
    hideFuture(this.board, this.hidesFuture)
    this.draw()
    this.settleSoon()
  }

  // ---- a step

  /** @param {number} step */
  show(step) {
    this.step = step
    this.place = step === this.run.last ? "end" : step
    this.writeRow()
    this.draw()
  }

  writeRow() {
    this.state = stateAt(this.run, this.step)
    this.bar.showEntries(entriesOf(this.run, this.state), this.board.theme.colours, this.board.view.labels)
    this.bar.showStep(this.state, sentenceOf(this.run, this.state))
    this.update.show(this.run, this.state, this.board.theme.colours)
  }

  draw() {
    paintMarksOf(this)
    this.drawTiles(this.board.isHeld ? "held" : this.playing === null ? "moved" : "playing")
  }

  /** @param {"still" | "playing" | "moved" | "held"} how */
  drawTiles(how) {
    for (const plot of plotsOf(this.board, "epoch")) {
      this.tiles.draw(plot, this.run, this.state, this.board.theme.colours, how)
    }
  }

  // After a board was drawn: its charts may have new axes.
  attach() {
    for (const plot of MARKS.flatMap((mark) => plotsOf(this.board, mark))) onZoom(plot, () => this.draw())
    for (const { name, seekable } of this.board.view.charts) {
      const plot = seekable && this.board.plots.get(name)
      if (plot) onSingleClick(plot, ({ x }) => this.goTo(stepNear(this.run, x)))
    }
    this.tiles.repaint()
    if (this.hidesFuture) hideFuture(this.board, true)
    this.draw()
  }

  remove() {
    withdraw(this)
    this.stop.abort()
    if (this.playing !== null) cancelAnimationFrame(this.playing)
    clearTimeout(this.settling)
    this.steps.remove()
    this.bar.section.remove()
    this.update.remove()
  }
}

/**
 * @param {Played & { last: number }} run
 * @param {Place} place
 */
function stepAt({ last }, place) {
  if (place === "middle") return Math.floor(last / 2)
  return place === "end" ? last : place
}
