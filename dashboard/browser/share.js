// @ts-check
// Streamlit's component of what can be done with the address. Only the browser has it whole, and in a frame
// nobody sees it.

import { isConnectedNow } from "./connection.js"
import { element, find, loadStyles } from "./elements.js"
import { ENTERED } from "./entries.js"
import { addressToShare, frameOf } from "./shared_address.js"

/** @import { SentCode, SentShare } from "./wire.js" */

/**
 * What Streamlit hands to the component.
 *
 * @typedef {object} Component
 * @property {[SentShare]} data
 * @property {HTMLElement} parentElement
 * @property {(name: "asked", address: string) => void} setTriggerValue
 */

/** @type {WeakMap<HTMLElement, Sheet>} */
const sheets = new WeakMap()

await loadStyles("share.css")

/** @param {Component} component */
export default function share({ data: [{ code, hide }], parentElement, setTriggerValue }) {
  /** @param {string} address */
  const ask = (address) => setTriggerValue("asked", address)
  const sheet = sheets.get(parentElement) ?? new Sheet(parentElement, hide, ask)
  sheets.set(parentElement, sheet)
  sheet.ask = ask
  if (code) sheet.take(code)
  return () => { if (!parentElement.isConnected) sheet.remove() }
}

class Sheet {
  /**
   * @param {HTMLElement} parent
   * @param {Record<string, string>} hide names of controls by their keys, as an example
   * @param {(address: string) => void} ask has the server make the code of an address
   */
  constructor(parent, hide, ask) {
    this.ask = ask
    /** @type {string | null} */
    this.asked = null // the address of the code that is waited for
    this.stop = new AbortController()
    this.address = element("input", { type: "text", readonly: "", "aria-label": "Address of this page" })
    this.frame = element("textarea", { rows: 8, readonly: "", spellcheck: "false", "aria-label": "HTML for a course page" })
    this.says = element("p", { role: "status" })
    this.hide = hide
    this.root = element("div", { class: "share" },
      element("p", {}, "This address opens this page with your settings:"), this.address,
      element("div", { class: "share-buttons" },
        this.button("Copy the address", () => this.copy(this.address)), this.button("QR code", () => this.askForCode())),
      element("p", {}, "HTML that shows it in a course page:"), this.frame,
      element("div", { class: "share-buttons" }, this.button("Copy the HTML", () => this.copy(this.frame))),
      this.says, element("p", { class: "share-hide" }))
    parent.append(this.root)
    this.read()
    for (const event of [ENTERED, "popstate"]) addEventListener(event, () => this.read(), { signal: this.stop.signal })
  }

  /**
   * @param {string} name
   * @param {() => void} act
   */
  button(name, act) {
    const made = element("button", { type: "button" }, name)
    made.addEventListener("click", act)
    return made
  }

  read() {
    const shared = addressToShare(location.href)
    if (this.address.value === shared) return
    this.address.value = shared
    this.frame.value = frameOf(shared)
    const example = exampleOf(shared.includes("?") ? "&" : "?", this.hide)
    find(this.root, ".share-hide").replaceChildren(...example)
    this.say("")
  }

  /** @param {string} sentence */
  say(sentence) {
    this.says.textContent = sentence
  }

  // Without https a page may not write to the clipboard; what is selected can be copied all the same.
  /** @param {HTMLInputElement | HTMLTextAreaElement} field */
  async copy(field) {
    const before = document.activeElement
    try {
      await navigator.clipboard.writeText(field.value)
      this.say("Copied.")
    } catch {
      field.select()
      const isCopied = document.execCommand("copy")
      if (isCopied && before instanceof HTMLElement) before.focus()
      this.say(isCopied ? "Copied." : "This browser does not let the page copy. The text is selected: press Ctrl+C, or Command+C on a Mac.")
    }
  }

  askForCode() {
    if (!isConnectedNow()) {
      this.say("There is no connection to the server, which makes the code.")
      return
    }
    this.asked = this.address.value
    this.ask(this.asked)
  }

  /** @param {SentCode} code */
  take(code) {
    if (code.address !== this.asked) return
    this.asked = null
    if (code.picture) this.show(code)
    else this.say(code.says)
  }

  /** @param {SentCode} code */
  show({ address, picture }) {
    const close = element("button", { type: "button" }, "Close")
    const dialog = element("dialog", { class: "share-code", "aria-label": "QR code of this page" },
      element("img", { src: picture, alt: "QR code of the address below" }), element("p", {}, address), close)
    close.addEventListener("click", () => dialog.close())
    const isOver = new AbortController()
    dialog.addEventListener("close", () => {
      isOver.abort()
      dialog.remove()
    })
    addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return
      event.stopPropagation() // it closes this, and not what it was opened from
      event.preventDefault()
      dialog.close()
    }, { capture: true, signal: isOver.signal })
    this.root.append(dialog)
    dialog.showModal()
  }

  remove() {
    this.stop.abort()
  }
}

/**
 * How an address hides controls.
 *
 * @param {"&" | "?"} sign before one more part of the address
 * @param {Record<string, string>} names
 */
function exampleOf(sign, names) {
  const keys = Object.keys(names)
  if (keys.length === 0) return []
  const end = element("code", {}, `${sign}hide=${keys.join(",")}`)
  const [are, keep] = keys.length === 1 ? ["is", "keeps its value"] : ["are", "keep their values"]
  return ["With ", end, ` at the end of the address ${Object.values(names).join(" and ")} ${are} hidden, and ${keep}.`]
}
