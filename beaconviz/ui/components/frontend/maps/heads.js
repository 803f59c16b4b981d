// How much each head changed: a layer × head map of Jensen–Shannon divergence, in nats.
// A click, or Enter, shows that head in the maps; a label shows the mean over its row or column.

import { context2d, make, setText } from "../drawing/dom.js";
import { number } from "../wording/numbers.js";

/** @import * as Messages from "../messages/types.d.ts" */
/** @import { Theme } from "../drawing/theme.js" */
/** @import { Bus } from "../workbench/bus.d.ts" */

const LABEL_W = 26;
const LABEL_H = 14;
const ARROWS = new Map([
  ["ArrowUp", [-1, 0]],
  ["ArrowDown", [1, 0]],
  ["ArrowLeft", [0, -1]],
  ["ArrowRight", [0, 1]],
]);

/** @typedef {{layer: number, head: number}} Head */
/** @typedef {{layer: number | null, head: number | null}} HeadChoice null is the mean over all */

export class Heads {
  /** @param {Pick<Bus, "look" | "say">} bus */
  constructor(bus) {
    this.bus = bus;
    /** @type {Float32Array} layer by layer, in nats */
    this.divergence = new Float32Array();
    this.layers = this.heads = 0;
    /** @type {HeadChoice} what the maps show */
    this.chosen = { layer: null, head: null };
    /** @type {Head} */
    this.cursor = { layer: 0, head: 0 };
    /** @type {HeadChoice | null} */
    this.pointed = null;
    /** @type {Theme | null} */
    this.theme = null;
    this.largest = 0;
    this.cellW = this.cellH = 0;
    this.canvas = make("canvas", {
      tabindex: 0,
      role: "application",
      "aria-roledescription": "layer × head map",
      /** @param {PointerEvent} event */
      onpointermove: (event) => this.hover(this.hit(event)),
      onpointerleave: () => this.hover(null),
      /** @param {MouseEvent} event */
      onclick: (event) => this.pick(this.hit(event)),
      /** @param {KeyboardEvent} event */
      onkeydown: (event) => this.press(event),
      onfocus: () => this.draw(),
      onblur: () => this.draw(),
    });
    this.host = make("div", { class: "heads-map" }, this.canvas);
    /** @param {string} name */
    const select = (name) =>
      make("select", { "aria-label": name, onchange: () => this.readSelects() });
    this.selects = { layer: select("Layer"), head: select("Head") };
    this.band = make("i");
    this.scaleEnd = make("span");
    this.panel = this.build();
  }

  build() {
    const { layer, head } = this.selects;
    const zero = make("span", {}, "0");
    const side = make(
      "div",
      { class: "heads-side" },
      make("b", {}, "Change of each head"),
      make("div", { class: "bar divergence" }, zero, this.band, this.scaleEnd),
      make(
        "div",
        { class: "selects" },
        make("label", {}, "Layer ", layer),
        make("label", {}, "Head ", head),
      ),
    );
    const label = "Change of each head";
    return make("section", { class: "heads", "aria-label": label }, this.host, side);
  }

  /** @param {Messages.SizedMaps} maps */
  load({ divergence, layers, heads, layer, head }) {
    this.divergence = divergence;
    this.layers = layers;
    this.heads = heads;
    this.chosen = { layer, head };
    this.largest = divergence.reduce((high, value) => Math.max(high, value), 0);
    fillSelect(this.selects.layer, layers, layer);
    fillSelect(this.selects.head, heads, head);
    this.cursor = {
      layer: layer ?? Math.min(this.cursor.layer, layers - 1),
      head: head ?? Math.min(this.cursor.head, heads - 1),
    };
  }

  /** @param {Theme} theme */
  show(theme) {
    this.theme = theme;
    this.band.style.background = theme.divergence.gradient();
    setText(this.scaleEnd, `${number(this.largest, 2)} nats`);
    this.draw();
  }

  draw() {
    const { theme, canvas, host } = this;
    if (!theme || !host.clientWidth) return;
    const context = this.sizeCanvas(host.clientWidth, host.clientHeight);
    this.drawCells(context, theme);
    this.drawLabels(context, theme);
    this.outline(context, this.chosen, theme.background, 5);
    this.outline(context, this.chosen, theme.text, 2);
    if (this.pointed) this.outline(context, this.pointed, theme.text, 1.25);
    else if (canvas.matches(":focus-visible")) {
      this.outline(context, this.cursor, theme.text, 1.25);
    }
    canvas.setAttribute("aria-label", `Change of each head. ${this.sentence(this.cursor)}`);
  }

  /**
   * @param {number} width px
   * @param {number} height px
   */
  sizeCanvas(width, height) {
    const { canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    this.cellW = Math.min((width - LABEL_W - 2) / this.heads, 30);
    this.cellH = Math.min((height - LABEL_H - 2) / this.layers, 22);
    const context = context2d(canvas);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Theme} theme
   */
  drawCells(context, theme) {
    const { cellW, cellH, largest } = this;
    const gap = Math.min(cellW, cellH) >= 5 ? 1 : 0;
    for (let layer = 0; layer < this.layers; layer++) {
      for (let head = 0; head < this.heads; head++) {
        context.fillStyle = theme.divergence.css(
          largest ? this.value({ layer, head }) / largest : 0,
        );
        const [x, y] = [LABEL_W + head * cellW, LABEL_H + layer * cellH];
        context.fillRect(x, y, cellW - gap, cellH - gap);
      }
    }
  }

  /** @param {Head} head */
  value({ layer, head }) {
    return this.divergence[layer * this.heads + head];
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Theme} theme
   */
  drawLabels(context, theme) {
    context.font = `9.5px ${theme.font}`;
    context.textBaseline = "middle";
    context.fillStyle = theme.muted;
    /** @type {(room: number, cell: number) => number} */
    const every = (room, cell) => Math.max(1, Math.ceil(room / cell));
    context.textAlign = "right";
    for (let layer = 0; layer < this.layers; layer += every(10, this.cellH)) {
      context.fillText(`L${layer}`, LABEL_W - 5, LABEL_H + (layer + 0.5) * this.cellH);
    }
    context.textAlign = "center";
    for (let head = 0; head < this.heads; head += every(20, this.cellW)) {
      context.fillText(`H${head}`, LABEL_W + (head + 0.5) * this.cellW, LABEL_H / 2);
    }
  }

  /**
   * A frame around a head, a row, a column, or everything.
   * @param {CanvasRenderingContext2D} context
   * @param {HeadChoice} choice
   * @param {string} color
   * @param {number} lineWidth px
   */
  outline(context, { layer, head }, color, lineWidth) {
    const x = LABEL_W + (head ?? 0) * this.cellW;
    const y = LABEL_H + (layer ?? 0) * this.cellH;
    const width = this.cellW * (head === null ? this.heads : 1);
    const height = this.cellH * (layer === null ? this.layers : 1);
    context.strokeStyle = color;
    context.lineWidth = lineWidth;
    context.strokeRect(x - 0.5, y - 0.5, width, height);
  }

  /** @param {HeadChoice} choice */
  sentence({ layer, head }) {
    if (layer === null || head === null) return `Show the mean of ${meanOver(layer, head)}`;
    const isShown = layer === this.chosen.layer && head === this.chosen.head;
    const click = isShown ? "Shown in the maps; click again for the mean" : "Click to show it";
    const nats = number(this.value({ layer, head }));
    return `Layer ${layer}, head ${head}: changed by ${nats} nats (Jensen–Shannon). ${click}`;
  }

  /**
   * The head at a pointer event; null in a label means all of them.
   * @param {MouseEvent} event
   * @returns {HeadChoice | null}
   */
  hit(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = event.clientX - box.left - LABEL_W;
    const y = event.clientY - box.top - LABEL_H;
    const layer = y < 0 ? null : Math.floor(y / this.cellH);
    const head = x < 0 ? null : Math.floor(x / this.cellW);
    const outside = (layer ?? 0) >= this.layers || (head ?? 0) >= this.heads;
    return outside ? null : { layer, head };
  }

  /** @param {HeadChoice | null} place */
  hover(place) {
    this.pointed = place;
    this.draw();
    this.bus.say(place ? this.sentence(place) : "");
  }

  /** @param {HeadChoice | null} place */
  pick(place) {
    if (!place) return;
    const again = place.layer === this.chosen.layer && place.head === this.chosen.head;
    this.choose(again ? { layer: null, head: null } : place);
    this.bus.say(this.sentence(place));
  }

  readSelects() {
    /** @param {HTMLSelectElement} select */
    const value = (select) => (select.value === "" ? null : Number(select.value));
    this.choose({ layer: value(this.selects.layer), head: value(this.selects.head) });
  }

  /** @param {HeadChoice} chosen */
  choose({ layer, head }) {
    this.chosen = { layer, head };
    this.bus.look(layer, head);
    this.draw();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const move = ARROWS.get(event.key);
    if (event.key === "Enter" || event.key === " ") this.pick(this.cursor);
    else if (move) this.moveCursor(move[0], move[1]);
    else return;
    event.preventDefault();
  }

  /**
   * @param {number} layers
   * @param {number} heads
   */
  moveCursor(layers, heads) {
    const { layer, head } = this.cursor;
    this.cursor = {
      layer: Math.max(0, Math.min(this.layers - 1, layer + layers)),
      head: Math.max(0, Math.min(this.heads - 1, head + heads)),
    };
    this.pointed = null;
    this.draw();
    this.bus.say(this.sentence(this.cursor));
  }
}

/**
 * @param {number | null} layer
 * @param {number | null} head
 */
function meanOver(layer, head) {
  if (layer !== null) return `all heads of layer ${layer}`;
  return head === null ? "all layers and heads" : `all layers, head ${head}`;
}

/**
 * Fills a list with the numbers below `count`, and with the mean.
 * @param {HTMLSelectElement} select
 * @param {number} count
 * @param {number | null} chosen
 */
function fillSelect(select, count, chosen) {
  if (select.options.length !== count + 1) {
    const options = Array.from({ length: count }, (_, k) =>
      make("option", { value: k }, String(k)),
    );
    select.replaceChildren(make("option", { value: "" }, "mean"), ...options);
  }
  select.value = chosen === null ? "" : String(chosen);
}
