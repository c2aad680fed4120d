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

/** @param {Component} component */
export default function leadThePlayer({ data: [{ step }], parentElement, setTriggerValue }) {
  leadTo(step)
  const tell = () => setTriggerValue("played", true)
  addEventListener(PLAYED, tell)
  return () => {
    removeEventListener(PLAYED, tell)
    if (!parentElement.isConnected) leadTo(null)
  }
}
