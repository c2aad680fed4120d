// @ts-check
// Sentences of notes.js with their numbers, put together.

import { filled } from "./words.js"

/** @import { Note } from "./notes.js" */
/** @import { PlacedTerm, Words } from "./wire.js" */

/**
 * A sentence with its numbers.
 *
 * @param {Note} note
 * @param {Record<string, string>} [numbers]
 * @returns {Note}
 */
export function said({ text, terms }, numbers = {}) {
  return { text: filled(text, numbers), terms }
}

/**
 * Sentences as one text; of their terms those that are not `explained` yet.
 *
 * @param {Note[]} sentences
 * @param {Set<string>} explained
 * @returns {Words}
 */
export function written(sentences, explained) {
  /** @type {PlacedTerm[]} */
  const placed = []
  let whole = ""
  for (const { text, terms } of sentences) {
    if (whole) whole += " "
    for (const { name, says, words } of terms) {
      if (explained.has(name)) continue
      explained.add(name)
      const start = whole.length + text.indexOf(words)
      placed.push({ name, says, start, end: start + words.length })
    }
    whole += text
  }
  return { text: whole, terms: placed }
}
