// @ts-check
// Streamlit's component of a lesson that leads the player, or waits until the run is played.

import { leadTo, PLAYED } from "./led.js"

/** @import { SentLed } from "./wire.js" */

/**
 * @typedef {object} Component
 * @property {[SentLed]} data
 * @property {HTMLElement} parentElement
 * @property {(name: "played", value: true) => void} setTriggerValue
 */

/** @type {Component["setTriggerValue"] | null} */
let tell = null // Streamlit's latest, while a step waits

addEventListener(PLAYED, () => tell?.("played", true))

/** @param {Component} component */
export default function leadThePlayer({ data: [{ step, waits }], parentElement, setTriggerValue }) {
  leadTo(step)
  tell = waits ? setTriggerValue : null
  return () => {
    if (parentElement.isConnected) return
    leadTo(null)
    if (tell === setTriggerValue) tell = null
  }
}
