// The brush of an editor: values to choose from, a box for any other, and what the value does.

import { choice, make, setText } from "../drawing/dom.js";
import { brushes, explainBrush, firstBrush } from "../wording/brushes.js";
import { number } from "../wording/numbers.js";
import { parse } from "../wording/parse.js";

/** @import * as Messages from "../messages/types.d.ts" */
/** @import { MatrixKind } from "./sides.js" */

export class BrushBox {
  /**
   * @param {MatrixKind} kind
   * @param {string} title of the editor
   * @param {(text: string) => void} complain
   */
  constructor(kind, title, complain) {
    this.kind = kind;
    this.complain = complain;
    this.value = 0;
    /** @type {Messages.EditorState | null} */
    this.document = null;
    this.note = make("span", { class: "note" });
    this.exact = make("input", {
      type: "text",
      class: "exact",
      inputmode: "decimal",
      autocomplete: "off",
      "aria-label": `Brush of ${title}, exact value`,
      title: kind === "beacon" ? "Brush value: a number, or odds such as ×3 or ÷5" : "Brush value",
      onchange: () => this.pickTyped(),
    });
    /** @type {ReturnType<typeof choice<number>>} */
    this.presets = choice("Brush", [], () => {});
    this.element = make("div", { class: "brushes" }, this.presets.group, this.exact);
  }

  /** @param {Messages.EditorState} document */
  load(document) {
    const before = this.document;
    this.document = document;
    const sameUnits = before?.reading === document.reading && before.scale === document.scale;
    if (sameUnits) this.explain(document);
    else this.offer(document);
  }

  /**
   * Replaces the values to choose from.
   * @param {Messages.EditorState} document
   */
  offer(document) {
    const presets = choice("Brush", brushes(this.kind, document), (value) => this.pick(value));
    this.presets.group.replaceWith(presets.group);
    this.presets = presets;
    this.pick(firstBrush(this.kind, document));
  }

  /** @param {number} value */
  pick(value) {
    this.value = value;
    this.presets.show(value);
    this.exact.value = number(value, 4);
    if (this.document) this.explain(this.document);
  }

  /** @param {Messages.EditorState} document */
  explain(document) {
    const text = explainBrush(this.kind, this.value, document);
    setText(this.note, text);
    this.note.title = text; // the whole of it, where the line is cut
  }

  pickTyped() {
    if (!this.document) return;
    try {
      this.pick(parse(this.exact.value, this.kind, this.document));
    } catch (error) {
      this.complain(error instanceof Error ? error.message : String(error));
      this.exact.value = number(this.value, 4);
    }
  }
}
