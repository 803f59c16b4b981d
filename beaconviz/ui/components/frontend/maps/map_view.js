// One attention map on the page: a grid with a title, the value under the pointer and a button that
// enlarges it.

import { button, icon, make } from "../drawing/dom.js";
import { Grid } from "../drawing/grid.js";

/** @import { Place } from "../drawing/grid.js" */
/** @import { MapName } from "../workbench/bus.d.ts" */

export const TITLES = { baseline: "Baseline", edited: "Edited", change: "Change" };

/**
 * @typedef {object} Listeners
 * @property {(at: Place | null, event: PointerEvent) => void} hover
 * @property {() => void} leave
 * @property {(at: Place | null) => void} click
 * @property {() => void} enlarge
 * @property {(grid: Grid) => void} scrolled
 */

export class MapView {
  /**
   * @param {MapName} name
   * @param {boolean} rowLabels whether they are shown
   * @param {Listeners} listeners
   */
  constructor(name, rowLabels, listeners) {
    this.name = name;
    const corner = ["row attends", "to column"];
    this.grid = new Grid({ rowLabels, corner, onscroll: listeners.scrolled });
    this.value = make("output", { class: "value" });
    const title = `Enlarge ${TITLES[name].toLowerCase()}`;
    this.toggle = button("enlarge", title, listeners.enlarge);
    const heading = make("b", {}, TITLES[name]);
    const caption = make("figcaption", {}, heading, this.value, this.toggle);
    this.panel = make("figure", { class: `map ${name}` }, caption, this.grid.scroller);
    this.listen(listeners);
  }

  /** @param {Listeners} listeners */
  listen({ hover, leave, click, enlarge }) {
    const { grid } = this;
    const { canvas, scroller } = grid;
    canvas.addEventListener("pointermove", (event) => hover(grid.hit(event), event));
    canvas.addEventListener("pointerleave", leave);
    canvas.addEventListener("click", (event) => click(grid.hit(event)));
    canvas.addEventListener("dblclick", enlarge);
    scroller.addEventListener("wheel", (event) => grid.zoomAt(event), { passive: false });
  }

  /**
   * Shows on the button which map, if any, is enlarged.
   * @param {MapName | null} enlarged
   */
  showEnlarged(enlarged) {
    const pressed = String(enlarged === this.name);
    if (this.toggle.getAttribute("aria-pressed") === pressed) return;
    this.toggle.replaceChildren(icon(enlarged ? "shrink" : "enlarge"));
    this.toggle.setAttribute("aria-pressed", pressed);
  }
}
