// Documents for tests.

/** @import * as Messages from "#frontend/messages/types.d.ts" */

export const WORDS = "Steve Jobs was the co-founder of Apple Inc.".split(" ");

/**
 * The worked example's words with d = 32, and what a test changes of them.
 * @param {Partial<Messages.EditorState>} [changes]
 * @returns {Messages.EditorState}
 */
export const documentWith = (changes = {}) => ({
  generation: 1,
  words: WORDS,
  marker: [],
  beacon: [],
  reading: "product",
  unit: "word",
  scale: 1 / Math.sqrt(32),
  head_size: 32,
  can_undo: false,
  can_redo: false,
  notice: null,
  second: null,
  rows: null,
  columns: null,
  steps: false,
  causal: false,
  ...changes,
});
