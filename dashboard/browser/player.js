// Plays a run over the charts of a board, step by step, and asks the server for nothing: a step's
// minibatch, losses, gradients and surfaces are computed here (unit.js). "At step t" is the moment
// before step t is taken; the last position is the end of the run.

import { epochOfTiles, showTiles } from "./epoch_tiles.js"
import { keyOf, MARKS } from "./player_marks.js"
import { onSingleClick, readTheme } from "./plot.js"
import { lossAndGradient, minibatch, orderOfEpoch } from "./unit.js"
import { decimals, element, pair, whole } from "./words.js"

const SPEEDS = [1, 3, 10, 30, 100, 1000, 10000] // steps a second
const NORMAL_SPEED = 10
const EVERY_STEP = 30 // up to this speed no step is left out
const CALM = 500 // milliseconds between two pictures where motion is to be reduced
const AT_ONCE = 8 // milliseconds that an epoch's surfaces may take to be drawn with every move ...
const TILES_PAUSE = 250 // ... or to be drawn no more often than this while playing, ...
const TILES_SHARE = 10 // ... and than so many times what they take
const STILL = 150 // milliseconds without a move
const REDUCED_MOTION = matchMedia("(prefers-reduced-motion: reduce)")

const ICONS = {
  first: "M4 4h2.5v12H4zM16 4v12L7.5 10z",
  back: "M5 4h3v12H5zM15.5 4v12L9 10z",
  play: "M6 3.5v13L16.5 10z",
  pause: "M5.5 4h3v12h-3zM11.5 4h3v12h-3z",
  next: "M12 4h3v12h-3zM4.5 4v12L11 10z",
  last: "M13.5 4H16v12h-2.5zM4 4v12l8.5-6z",
}

export class Player {
  constructor(instance) {
    this.instance = instance
    this.speed = NORMAL_SPEED
    this.playing = null // the request for the next frame, while playing
    this.tiles = { shown: null, painted: null, at: 0, took: 0 }
    this.path = location.pathname
    // Streamlit, which knows the step of the first address only, brings that back with each setting.
    this.keepAddress = () => this.writeAddress()
    window.navigation?.addEventListener("currententrychange", this.keepAddress)
    this.build()
  }

  // A run to play: at the step of the address at first, then at the step that was shown before.
  load({ player, dark }) {
    const wasAtEnd = this.run !== undefined && this.atEnd
    const isDark = readTheme(this.instance.root).dark
    const colours = Object.entries(player.colours)
    this.run = {
      ...player,
      last: player.w.length - 1,
      everything: Int32Array.from(player.x, (_, i) => i),
      colours: Object.fromEntries(colours.map(([name, c]) => [name, isDark ? dark[c] : c])),
      orders: new Map(),
    }
    this.run.colours.casing = isDark ? "#111111" : "#ffffff"
    this.tiles.shown = null
    this.key.replaceChildren(...keyOf(this.run, this.instance.view.charts))
    this.scrubber.max = this.run.last
    this.epochBox.max = this.run.epochs
    this.notice.hidden = true
    this.step = this.step === undefined ? this.stepOfAddress() : this.stepToKeep(wasAtEnd)
    this.writeRow()
    this.settleSoon()
  }

  stepOfAddress() {
    const { last } = this.run
    const text = new URL(location).searchParams.get("step")
    if (text === null) return last
    const step = /^\d+$/.test(text) ? Number(text) : -1
    if (step >= 0 && step <= last) return step
    this.say(`The address asks for step ${text}, but this run goes from 0 to ${whole(last)}. This is its end.`)
    return last
  }

  stepToKeep(wasAtEnd) {
    const { last } = this.run
    if (wasAtEnd) return last
    if (this.step <= last) return this.step
    this.say(`Step ${whole(this.step)} is beyond this run, which goes from 0 to ${whole(last)}. This is its end.`)
    return last
  }

  say(sentence) {
    this.notice.textContent = sentence
    this.notice.hidden = false
  }

  // ---- the bar

  build() {
    const button = (name, label, press) => {
      const made = element("button", { type: "button", title: label, "aria-label": label })
      made.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`
      made.addEventListener("click", press)
      return made
    }
    const buttons = [
      button("first", "To the start (Home)", () => this.goTo(0)),
      button("back", "One step back (left arrow)", () => this.goTo(this.step - 1)),
      button("play", "Play (space)", () => this.toggle()),
      button("next", "One step forward (right arrow)", () => this.goTo(this.step + 1)),
      button("last", "To the end (End)", () => this.goTo(this.run.last)),
    ]
    this.playButton = buttons[2]
    this.scrubber = element("input", { type: "range", min: 0, step: 1, "aria-label": "Step" })
    this.scrubber.addEventListener("input", () => this.goTo(Number(this.scrubber.value)))
    this.epochBox = element("input", { type: "number", min: 1, step: 1 })
    this.epochBox.addEventListener("change", () => this.goToEpoch(this.epochBox.value))
    const speed = element("select", {}, ...SPEEDS.map((n) => element("option", { value: n }, whole(n))))
    speed.value = NORMAL_SPEED
    speed.addEventListener("change", () => { this.speed = Number(speed.value) })
    this.row = element("dl", { class: "live-chart-metrics player-row" })
    this.notice = element("p", { class: "player-notice", role: "status" })
    this.key = element("p", { class: "player-key" })
    this.announcement = element("p", { class: "player-announcement", "aria-live": "polite" })
    this.section = element(
      "section",
      { class: "player", role: "group", "aria-label": "Player" },
      element(
        "div",
        { class: "player-bar" },
        element("div", { class: "player-buttons" }, ...buttons),
        this.scrubber,
        element("label", {}, "Epoch", this.epochBox),
        element("label", {}, "Steps a second", speed),
      ),
      this.notice,
      this.row,
      this.key,
      this.announcement,
    )
    this.section.addEventListener("keydown", (event) => this.pressKey(event))
    this.section.addEventListener("keyup", (event) => {
      if (event.key === " " && event.target.matches("button")) event.preventDefault() // no click
    })
    this.instance.root.before(this.section)
  }

  pressKey(event) {
    const own = event.target.matches("select, input[type=number]")
    const { step, run } = this
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
    if (own || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key in moves) this.goTo(moves[event.key])
    else if (event.key === " ") this.toggle()
    else return
    event.preventDefault()
  }

  toggle() {
    if (this.playing !== null) this.pause()
    else this.play()
  }

  play() {
    if (this.step === this.run.last) this.step = 0
    this.showPlaying(true)
    let [before, owed] = [performance.now(), 0]
    const frame = (now) => {
      this.playing = requestAnimationFrame(frame)
      owed += ((now - before) / 1000) * this.speed
      before = now
      const pause = REDUCED_MOTION.matches ? (CALM / 1000) * this.speed : 1
      if (owed < Math.max(1, pause)) return
      // A slow frame makes a slow film: no step is left out up to EVERY_STEP.
      const steps = this.speed > EVERY_STEP || REDUCED_MOTION.matches ? Math.floor(owed) : 1
      owed = steps === 1 ? Math.min(owed - 1, 1) : owed - steps
      this.show(Math.min(this.step + steps, this.run.last))
      if (this.step === this.run.last) this.pause()
    }
    this.show(this.step)
    this.playing = requestAnimationFrame(frame)
  }

  pause() {
    cancelAnimationFrame(this.playing)
    this.playing = null
    this.showPlaying(false)
    this.settle()
  }

  showPlaying(playing) {
    const label = playing ? "Pause (space)" : "Play (space)"
    this.playButton.setAttribute("aria-label", label)
    this.playButton.title = label
    this.playButton.querySelector("path").setAttribute("d", playing ? ICONS.pause : ICONS.play)
  }

  goToEpoch(text) {
    const epoch = text === "" ? NaN : Number(text)
    if (Number.isInteger(epoch) && epoch >= 1 && epoch <= this.run.epochs) {
      this.goTo((epoch - 1) * this.run.per_epoch)
    } else {
      const { epochs } = this.run
      this.epochBox.value = this.state.epoch + 1
      this.say(`Epoch should be a whole number between 1 and ${whole(epochs)}, but got "${text}".`)
    }
  }

  // A jump ends the playing: who takes a step wants to look at it.
  goTo(step) {
    if (this.playing !== null) this.pause()
    this.notice.hidden = true
    this.show(Math.max(0, Math.min(step, this.run.last)))
    this.settleSoon()
  }

  settleSoon() {
    clearTimeout(this.settling)
    this.settling = setTimeout(() => this.settle(), STILL)
  }

  // Standing still: the address and the screen reader are told where.
  settle() {
    this.writeAddress()
    this.announcement.textContent = this.sentence()
    this.drawTiles(true)
  }

  writeAddress() {
    if (location.pathname !== this.path || this.playing !== null) return
    const address = new URL(location)
    if (this.atEnd) address.searchParams.delete("step")
    else address.searchParams.set("step", this.step)
    if (address.href !== location.href) history.replaceState(history.state, "", address)
  }

  // ---- a step

  show(step) {
    this.step = step
    this.writeRow()
    this.draw()
  }

  // What there is to know of the step shown, from the points, the path and the order alone.
  compute() {
    const { run, step } = this
    const taken = Math.min(step, run.epochs * run.per_epoch - 1) // at the end: the last one
    const [epoch, j] = [Math.floor(taken / run.per_epoch), taken % run.per_epoch]
    const points = minibatch(run, this.orderOf(epoch), j)
    const [w, b] = [run.w[step], run.b[step]]
    const state = { step, epoch, j, points, w, b }
    state.all = lossAndGradient(run, run.everything, w, b)
    const isFull = points.length === run.x.length && !run.replacement
    state.own = isFull ? state.all : lossAndGradient(run, points, w, b)
    if (step < run.last) {
      const [nextW, nextB] = [run.w[step + 1], run.b[step + 1]]
      state.move = { w: nextW - w, b: nextB - b }
      state.ownNext = lossAndGradient(run, points, nextW, nextB).loss
      state.allNext = lossAndGradient(run, run.everything, nextW, nextB).loss
    }
    return state
  }

  orderOf(epoch) {
    const { run } = this
    if (!run.orders.has(epoch)) {
      if (run.orders.size > 1) run.orders.clear()
      run.orders.set(epoch, orderOfEpoch(run, epoch))
    }
    return run.orders.get(epoch)
  }

  writeRow() {
    this.state = this.compute()
    const { run, state } = this
    const { own, all } = state
    const isFull = own === all
    const its = (value) => (this.atEnd ? "–" : value) // the end has no minibatch before it
    const divergesHere = run.diverged && this.atEnd
    const entries = [
      ["Step", whole(state.step), divergesHere ? " diverges" : ` of ${whole(run.last)}`],
      ["Epoch", whole(state.epoch + 1), ` of ${whole(run.epochs)}`],
      ["Minibatch", its(whole(state.j + 1)), its(` of ${whole(run.per_epoch)}`).replace("–", "")],
      ["Minibatch loss", its(decimals(own.loss, 4)), "", "minibatch"],
      ["Loss, all data", decimals(all.loss, 4), "", "full"],
      ["w", decimals(state.w, 4), "", "w"],
      ["b", decimals(state.b, 4), "", "b"],
      ["Minibatch ∂w, ∂b", its(pair(own)), "", "minibatch"],
      ["All data ∂w, ∂b", pair(all), "", "full"],
    ].filter(([label]) => !(isFull && label.startsWith("Minibatch")))
    entries.forEach(([label, value, more, colour], number) => {
      this.row.children[number] ?? this.row.append(element("div", {}, element("dt"), element("dd")))
      const [term, description] = this.row.children[number].children
      term.textContent = label
      description.replaceChildren(value, element("small", {}, more))
      description.style.color = colour ? run.colours[colour] : ""
    })
    while (this.row.children.length > entries.length) this.row.lastChild.remove()
    this.section.dataset.step = state.step
    this.scrubber.value = state.step
    this.scrubber.setAttribute("aria-valuetext", this.sentence())
    if (document.activeElement !== this.epochBox) this.epochBox.value = state.epoch + 1
  }

  get atEnd() {
    return this.step === this.run.last
  }

  sentence() {
    const { run, state } = this
    const its = `minibatch ${whole(state.j + 1)} of ${whole(run.per_epoch)}, its loss ${decimals(state.own.loss, 4)}`
    return (
      `Step ${whole(state.step)} of ${whole(run.last)}, ` +
      `${this.atEnd ? "the end" : `epoch ${whole(state.epoch + 1)}, ${its}`}: ` +
      `loss on all the data ${decimals(state.all.loss, 4)}, ` +
      `w ${decimals(state.w, 4)}, b ${decimals(state.b, 4)}.` +
      (this.atEnd && run.diverged ? " The next step diverges." : "")
    )
  }

  // ---- the charts

  draw() {
    const { plots } = this.instance
    for (const [name, paint] of Object.entries(MARKS)) {
      if (plots.has(name)) paint(this, plots.get(name))
    }
    this.drawTiles()
  }

  // The minibatches of the epoch. Where they take long to compute they stay behind while something
  // moves; their title says which epoch they are of.
  drawTiles(isStill = false) {
    const plot = this.instance.plots.get("epoch")
    if (!plot) return
    const { run, state, tiles } = this
    const isNew = tiles.shown === null || (!run.order && tiles.shown.epoch !== state.epoch)
    const now = performance.now()
    const pause = Math.max(TILES_PAUSE, TILES_SHARE * tiles.took)
    const isTheirTurn = this.playing !== null && now - tiles.at > pause
    if (isNew && (isStill || isTheirTurn || tiles.shown === null || tiles.took < AT_ONCE)) {
      tiles.shown = epochOfTiles(run, this.orderOf(state.epoch), state.epoch, state.j)
      tiles.at = performance.now()
      tiles.took = tiles.at - now
    }
    if (run.order) tiles.shown.epoch = state.epoch // the same minibatches come every epoch
    showTiles(this, plot)
  }

  // After a board was drawn: its charts may have new axes.
  attach() {
    const { plots } = this.instance
    for (const name of Object.keys(MARKS)) {
      plots.get(name)?.removeAllListeners?.("plotly_relayout")
      plots.get(name)?.on?.("plotly_relayout", () => this.draw())
    }
    for (const name of ["loss", "traces"]) {
      if (plots.has(name)) onSingleClick(plots.get(name), ({ x }) => this.goTo(Math.round(x)))
    }
    this.tiles.painted = null
    this.draw()
  }

  remove() {
    cancelAnimationFrame(this.playing)
    clearTimeout(this.settling)
    window.navigation?.removeEventListener("currententrychange", this.keepAddress)
    this.section.remove()
  }
}

