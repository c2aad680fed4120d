// @ts-check
// Sentences of notes.js with their numbers, put together.

import { filled } from "./words.js"

/** @import { Note } from "./notes.js" */
/** @import { PlacedTerm, Words } from "./wire.js" */

const BETWEEN = 4 // letters that are at least between two terms, as minibatch_core/terms.py has it

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
      const start = whole.length + text.indexOf(words)
      const end = start + words.length
      if (placed.some((other) => end + BETWEEN > other.start && other.end + BETWEEN > start)) continue
      explained.add(name)
      placed.push({ name, says, start, end })
    }
    whole += text
  }
  return { text: whole, terms: placed.toSorted((one, other) => one.start - other.start) }
}
