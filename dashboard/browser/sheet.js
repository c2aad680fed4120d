// @ts-check
// On a phone the settings are a sheet beside the charts (phone.css): a press on the page is for the page, and
// leaves the sheet open. Streamlit, which takes it for a sidebar over the page, would close it instead.

const PHONE = matchMedia("(max-width: 640px)")
const SHEET = '[data-testid="stSidebar"][data-collapsed="false"]'

const SHARED = Symbol.for("minibatch.sheet")
const realm = /** @type {{ [SHARED]?: (event: Event) => void }} */ (globalThis) // each component loads its own modules

/** Once a page. Streamlit listens at the document, so what stands below it hears the press as ever. */
export function keepSheetOpen() {
  const { body } = document
  if (realm[SHARED]) body.removeEventListener("mousedown", realm[SHARED])
  realm[SHARED] = keepFromDocument
  body.addEventListener("mousedown", keepFromDocument)
}

/** @param {Event} event */
function keepFromDocument(event) {
  if (PHONE.matches && document.querySelector(SHEET)) event.stopPropagation()
}
