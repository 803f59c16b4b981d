// A colour bar with a title and a number at each end.

import { make, setText } from "../drawing/dom.js";

/** @import { Scale } from "../drawing/theme.js" */

export class ColorBar {
  /** @param {string} name a class for the style sheet */
  constructor(name) {
    this.low = make("span");
    this.high = make("span");
    this.title = make("span", { class: "title" });
    this.band = make("i");
    this.element = make(
      "div",
      { class: `bar ${name}` },
      this.low,
      this.band,
      this.high,
      this.title,
    );
  }

  /**
   * @param {Scale} scale
   * @param {string} low
   * @param {string} title
   * @param {string} high
   */
  show(scale, low, title, high) {
    setText(this.low, low);
    setText(this.high, high);
    setText(this.title, title);
    this.band.style.background = scale.gradient();
  }
}
