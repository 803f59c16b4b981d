// How much each head changed: a layer × head map of Jensen–Shannon divergence, in nats.
// A click, or Enter, shows that head in the maps; a label shows the mean over its line.

import { make, tell } from "./dom.js";
import { number } from "./meaning.js";

const LABEL_W = 26;
const LABEL_H = 14;

export class Heads {
  // bus: {look(layer, head), say(text)}
  constructor(bus) {
    this.bus = bus;
    this.cursor = { layer: 0, head: 0 };
    this.canvas = make("canvas", {
      tabindex: 0, role: "application", "aria-roledescription": "layer × head map",
      onpointermove: (event) => this.hover(this.hit(event)),
      onpointerleave: () => this.hover(null),
      onclick: (event) => this.pick(this.hit(event)),
      onkeydown: (event) => this.key(event),
      onfocus: () => this.draw(),
      onblur: () => this.draw(),
    });
    this.host = make("div", { class: "heads-map" }, this.canvas);
    const select = (name) => make("select", { "aria-label": name, onchange: () => this.choose() });
    this.selects = { layer: select("Layer"), head: select("Head") };
    this.band = make("i");
    this.top = make("span");
    this.panel = make("section", { class: "heads", "aria-label": "Change of each head" },
      this.host,
      make("div", { class: "heads-side" },
        make("b", {}, "Change of each head"),
        make("div", { class: "bar divergence" }, make("span", {}, "0"), this.band, this.top),
        make("div", { class: "selects" }, make("label", {}, "Layer ", this.selects.layer),
          make("label", {}, "Head ", this.selects.head))));
  }

  load({ divergence, layers, heads, layer, head }) {
    Object.assign(this, { divergence, layers, heads, layer, head });
    this.most = divergence.reduce((high, value) => Math.max(high, value), 0);
    fillSelect(this.selects.layer, layers, layer);
    fillSelect(this.selects.head, heads, head);
    this.cursor = { layer: layer ?? Math.min(this.cursor.layer, layers - 1), head: head ?? Math.min(this.cursor.head, heads - 1) };
  }

  show(theme) {
    this.theme = theme;
    this.band.style.background = theme.divergence.gradient();
    tell(this.top, `${number(this.most, 2)} nats`);
    this.draw();
  }

  draw() {
    const { theme, canvas, host } = this;
    if (!theme || !host.clientWidth) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [host.clientWidth, host.clientHeight];
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.cellW = Math.min((width - LABEL_W - 2) / this.heads, 30);
    this.cellH = Math.min((height - LABEL_H - 2) / this.layers, 22);
    this.drawCells(context, theme);
    this.drawLabels(context, theme);
    this.outline(context, this.layer, this.head, theme.background, 5);
    this.outline(context, this.layer, this.head, theme.text, 2);
    if (this.pointed) this.outline(context, this.pointed.layer, this.pointed.head, theme.text, 1.25);
    else if (canvas.matches(":focus-visible")) {
      this.outline(context, this.cursor.layer, this.cursor.head, theme.text, 1.25);
    }
    this.announce();
  }

  drawCells(context, theme) {
    const gap = Math.min(this.cellW, this.cellH) >= 5 ? 1 : 0;
    for (let layer = 0; layer < this.layers; layer++) {
      for (let head = 0; head < this.heads; head++) {
        const value = this.divergence[layer * this.heads + head];
        context.fillStyle = theme.divergence.css(this.most ? value / this.most : 0);
        context.fillRect(LABEL_W + head * this.cellW, LABEL_H + layer * this.cellH, this.cellW - gap, this.cellH - gap);
      }
    }
  }

  drawLabels(context, theme) {
    context.font = `9.5px ${theme.font}`;
    context.textBaseline = "middle";
    context.fillStyle = theme.muted;
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

  // A frame around a head, a line, or everything.
  outline(context, layer, head, color, width) {
    const x = LABEL_W + (head ?? 0) * this.cellW;
    const y = LABEL_H + (layer ?? 0) * this.cellH;
    const w = this.cellW * (head === null ? this.heads : 1);
    const h = this.cellH * (layer === null ? this.layers : 1);
    context.strokeStyle = color;
    context.lineWidth = width;
    context.strokeRect(x - 0.5, y - 0.5, w, h);
  }

  announce() {
    this.canvas.setAttribute("aria-label", `Change of each head. ${this.sentence(this.cursor)}`);
  }

  sentence({ layer, head }) {
    if (layer === null || head === null) {
      const over = layer === null && head === null ? "all layers and heads"
        : layer === null ? `all layers, head ${head}` : `all heads of layer ${layer}`;
      return `Show the mean of ${over}`;
    }
    const value = this.divergence[layer * this.heads + head];
    const shown = layer === this.layer && head === this.head;
    const click = shown ? "Shown in the maps; click again for the mean" : "Click to show it";
    return `Layer ${layer}, head ${head}: changed by ${number(value)} nats (Jensen–Shannon). ${click}`;
  }

  // The head at a pointer event; null in a label means all of them.
  hit(event) {
    const box = this.canvas.getBoundingClientRect();
    const x = event.clientX - box.left - LABEL_W;
    const y = event.clientY - box.top - LABEL_H;
    const layer = y < 0 ? null : Math.floor(y / this.cellH);
    const head = x < 0 ? null : Math.floor(x / this.cellW);
    return layer >= this.layers || head >= this.heads ? undefined : { layer, head };
  }

  hover(place) {
    this.pointed = place;
    this.draw();
    this.bus.say(place ? this.sentence(place) : "");
  }

  pick(place) {
    if (!place) return;
    const again = place.layer === this.layer && place.head === this.head;
    Object.assign(this, again ? { layer: null, head: null } : place);
    this.bus.look(this.layer, this.head);
    this.bus.say(this.sentence(place));
    this.draw();
  }

  choose() {
    const value = ({ value: text }) => (text === "" ? null : Number(text));
    this.layer = value(this.selects.layer);
    this.head = value(this.selects.head);
    this.bus.look(this.layer, this.head);
    this.draw();
  }

  key(event) {
    const { layer, head } = this.cursor;
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.key === "Enter" || event.key === " ") this.pick(this.cursor);
    else if (move) {
      this.cursor = {
        layer: Math.max(0, Math.min(this.layers - 1, layer + move[0])),
        head: Math.max(0, Math.min(this.heads - 1, head + move[1])),
      };
      this.pointed = null;
      this.draw();
      this.bus.say(this.sentence(this.cursor));
    } else return;
    event.preventDefault();
  }
}

function fillSelect(select, count, chosen) {
  if (select.options.length !== count + 1) {
    const options = Array.from({ length: count }, (_, k) => make("option", { value: k }, String(k)));
    select.replaceChildren(make("option", { value: "" }, "mean"), ...options);
  }
  select.value = chosen === null ? "" : String(chosen);
}
