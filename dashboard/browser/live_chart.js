// @ts-check
// Streamlit's component: draws the charts that live_chart.py sends, and the texts of live_words.py.

import "./connection.js"
import "./decimal_comma.js"
import { loadStyles } from "./elements.js"
import { begin, remove } from "./live_board.js"
import { HandOnControls } from "./hand_on_controls.js"
import { presentAsAsked } from "./presenting.js"
import { StepInQuery } from "./step_in_query.js"
import { readTheme } from "./theme.js"
import { decode } from "./wire.js"
import { isWritten, removePlace, writeIn } from "./written_anew.js"

/** @import { Live } from "./live_board.js" */
/** @import { Click, View, Words } from "./wire.js" */

/**
 * What Streamlit hands to a component.
 *
 * @typedef {object} Component
 * @property {Uint8Array | [Words]} data a board, or a text
 * @property {HTMLElement} parentElement
 * @property {(name: "clicked", value: Click) => void} setTriggerValue
 */

// What removes the charts from an element: by whatever version of this module they were drawn.
const REMOVE = Symbol.for("minibatch.remove")

/** @typedef {HTMLElement & { [REMOVE]?: () => void }} Parent */

/** @type {Map<HTMLElement, Live>} */
const lives = new Map() // of the page that is shown

/** @type {WeakMap<HTMLElement, Component["setTriggerValue"]>} */
const triggers = new WeakMap() // Streamlit's latest

/** @type {WeakMap<HTMLElement, Uint8Array>} */
const latest = new WeakMap() // what was sent last, by where it is to be shown

// Before anything is shown, so that nothing is shown without its styles, unless they do not come.
await Promise.all([...["live_chart.css", "player.css", "terms.css"].map(loadStyles), presentAsAsked()])

/** @param {Component} component */
export default function liveChart({ data, parentElement, setTriggerValue }) {
  triggers.set(parentElement, setTriggerValue)
  if (data instanceof Uint8Array) showBoard(parentElement, data)
  else if (!isWritten(parentElement) || !isAnyRunShown()) writeIn(parentElement, data[0])
  // Streamlit also calls this for a drawing that the next has overtaken, where the element stays.
  return () => {
    if (parentElement.isConnected) return
    removeFrom(parentElement)
    removePlace(parentElement)
  }
}

/**
 * @param {HTMLElement} parent
 * @param {Uint8Array} data
 */
async function showBoard(parent, data) {
  const before = lives.get(parent)
  if (before) delete before.board.root.dataset.revision
  latest.set(parent, data)
  const { revision, view } = await decode(data)
  if (latest.get(parent) !== data || !parent.isConnected) return
  const live = lives.get(parent) ?? beginIn(parent, view)
  live.board.theme = readTheme(live.board.root, view.palette)
  live.hand.arrive(view, revision)
}

/**
 * @param {Parent} parent
 * @param {View} view
 */
function beginIn(parent, view) {
  parent[REMOVE]?.() // a server that was started anew may bring another version
  /** @type {HandOnControls | null} */
  let hand = null
  const live = begin(parent, view, {
    handFor: (acts) => hand = new HandOnControls(acts),
    keepStep: () => new StepInQuery(),
    tellClick: (click) => {
      hand?.choosePoint(click)
      triggers.get(parent)?.("clicked", click)
    },
  })
  lives.set(parent, live)
  parent[REMOVE] = () => removeFrom(parent)
  return live
}

// Then it writes what the run is, and where it diverged, which the server does not know.
function isAnyRunShown() {
  return [...lives.values()].some(({ board }) => board.view.player)
}

/** @param {HTMLElement} parent */
function removeFrom(parent) {
  const live = lives.get(parent)
  if (!live) return
  lives.delete(parent)
  remove(live)
}
