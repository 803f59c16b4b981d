// Lines of text beside the mouse.

import { make } from "../drawing/dom.js";

const RIGHT = 14; // px from the mouse
const BELOW = 16;
const ABOVE = 12;

export class Tip {
  constructor() {
    this.element = make("div", { class: "tip", "aria-hidden": "true", hidden: true });
  }

  /**
   * @param {string[]} lines
   * @param {{x: number, y: number} | null | undefined} pointer on the page; without it nothing
   * @param {Element} root in which the tip has to stay
   */
  show(lines, pointer, root) {
    const { element } = this;
    element.hidden = !pointer || !lines.length;
    if (!pointer || element.hidden) return;
    element.replaceChildren(...lines.map((text) => make("div", {}, text)));
    const box = root.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = element;
    const left = pointer.x - box.left + RIGHT;
    const below = pointer.y - box.top + BELOW;
    const fits = below + height <= box.height;
    element.style.left = `${Math.max(0, Math.min(left, box.width - width))}px`;
    element.style.top = `${fits ? below : below - height - BELOW - ABOVE}px`;
  }
}
