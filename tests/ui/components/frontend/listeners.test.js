// The components that wait for a pause, and the share button.
// @vitest-environment jsdom

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import asTyped from "#frontend/as_typed.js";
import greeting from "#frontend/greeting.js";
import idle from "#frontend/idle.js";
import shareButton from "#frontend/share_button.js";

beforeEach(() => {
  vi.useFakeTimers();
  document.body.replaceChildren();
});
afterEach(() => {
  vi.useRealTimers();
});

/** @param {string} html */
function place(html) {
  const parent = document.createElement("div");
  parent.innerHTML = html;
  document.body.append(parent);
  return parent;
}

describe("a text area", () => {
  /** @type {(() => void)[]} */
  let stops = [];
  afterEach(() => {
    for (const stop of stops) stop();
    stops = [];
  });

  function open() {
    const parentElement = place("");
    const page = place('<div class="st-key-own"><textarea></textarea></div><textarea></textarea>');
    const [area, other] = page.querySelectorAll("textarea");
    const pressed = vi.fn();
    page.addEventListener("keydown", (event) => {
      if (event.ctrlKey && event.key === "Enter") pressed(event.target);
    });
    const start = () => {
      stops.push(asTyped({ data: "own", parentElement }));
    };
    start();
    return { area, other, pressed, start };
  }

  /**
   * @param {Element} area
   * @param {boolean} [isComposing]
   */
  const type = (area, isComposing = false) =>
    area.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing }));

  it("is sent once, when the typing pauses", () => {
    const { area, pressed } = open();
    type(area);
    vi.advanceTimersByTime(399);
    type(area);
    vi.advanceTimersByTime(399);
    expect(pressed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(pressed).toHaveBeenCalledExactlyOnceWith(area);
  });

  it("waits while a character is composed", () => {
    const { area, pressed } = open();
    type(area, true);
    vi.advanceTimersByTime(1000);
    expect(pressed).not.toHaveBeenCalled();
    area.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
    vi.advanceTimersByTime(400);
    expect(pressed).toHaveBeenCalledOnce();
  });

  it("is the one with the key, and no other", () => {
    const { other, pressed } = open();
    type(other);
    vi.advanceTimersByTime(1000);
    expect(pressed).not.toHaveBeenCalled();
  });

  it("is sent once however often Python ran, and not after the component has gone", () => {
    const { area, pressed, start } = open();
    start();
    type(area);
    vi.advanceTimersByTime(400);
    expect(pressed).toHaveBeenCalledOnce();
    for (const stop of stops) stop();
    type(area);
    vi.advanceTimersByTime(400);
    expect(pressed).toHaveBeenCalledOnce();
  });
});

describe("the end of the strokes", () => {
  function open() {
    const parentElement = place("");
    const setTriggerValue = vi.fn();
    const start = () => idle({ parentElement, setTriggerValue });
    return { setTriggerValue, start, stop: start() };
  }
  const drawn = () => window.dispatchEvent(new Event("beaconviz:drawn"));

  it("is told once, after the last answer was drawn", () => {
    const { setTriggerValue, stop } = open();
    drawn();
    vi.advanceTimersByTime(249);
    drawn();
    vi.advanceTimersByTime(249);
    expect(setTriggerValue).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(setTriggerValue).toHaveBeenCalledOnce();
    expect(setTriggerValue.mock.calls[0][0]).toBe("still");
    stop();
  });

  it("is not told to a page that is left by a link", () => {
    const { setTriggerValue, stop } = open();
    const page = place("<a href='#'><span>Heads</span></a><button>no link</button>");
    drawn();
    page.querySelector("span")?.click();
    vi.advanceTimersByTime(1000);
    expect(setTriggerValue).not.toHaveBeenCalled();
    drawn();
    page.querySelector("button")?.click();
    vi.advanceTimersByTime(250);
    expect(setTriggerValue).toHaveBeenCalledOnce();
    stop();
  });

  it("is told once however often Python ran, and not after the component has gone", () => {
    const { setTriggerValue, start } = open();
    const stop = start();
    drawn();
    vi.advanceTimersByTime(250);
    expect(setTriggerValue).toHaveBeenCalledOnce();
    stop();
    drawn();
    vi.advanceTimersByTime(250);
    expect(setTriggerValue).toHaveBeenCalledOnce();
  });
});

describe("the share button", () => {
  /** @type {(() => void) | undefined} */
  let stop;

  function open() {
    const parentElement = place("<button></button>");
    const button = /** @type {HTMLButtonElement} */ (parentElement.querySelector("button"));
    stop = shareButton({ parentElement });
    return button;
  }
  /** @param {import("#frontend/messages/types.d.ts").Address} detail */
  const announce = (detail) =>
    window.dispatchEvent(new CustomEvent("beaconviz:address", { detail }));
  const link = () => new URL(location.href).searchParams.get("s");

  beforeEach(() => {
    history.replaceState(null, "", "/?page=1");
  });
  afterEach(() => {
    stop?.();
    Reflect.deleteProperty(window, "beaconvizAddress");
  });

  it("keeps the address up to date, without a step of history", () => {
    open();
    const steps = history.length;
    for (const name of ["a", "b", "c"]) announce({ name: "s", link: name, problem: null });
    vi.runAllTimers();
    expect(location.search).toBe("?page=1&s=c");
    expect(history.length).toBe(steps);
  });

  it("changes the address five times a second at most", () => {
    open();
    announce({ name: "s", link: "first", problem: null });
    vi.runAllTimers();
    announce({ name: "s", link: "second", problem: null });
    vi.advanceTimersByTime(199);
    expect(link()).toBe("first");
    vi.advanceTimersByTime(1);
    expect(link()).toBe("second");
  });

  it("knows an address that came before it", () => {
    Object.assign(window, { beaconvizAddress: { name: "s", link: "early", problem: null } });
    open();
    vi.runAllTimers();
    expect(link()).toBe("early");
  });

  it("does not share what is only good for a reload", () => {
    const button = open();
    announce({ name: "s", link: "a", problem: "A file is private." });
    expect([button.disabled, button.title]).toEqual([true, "A file is private."]);
    announce({ name: "s", link: "a", problem: null });
    expect([button.disabled, button.title]).toEqual([false, "Copy a link to exactly this screen"]);
  });

  it("copies the address and says so for a moment", async () => {
    const writeText = vi.fn().mockResolvedValue(undefined);
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    const button = open();
    button.click();
    await vi.advanceTimersByTimeAsync(0);
    expect(writeText).toHaveBeenCalledExactlyOnceWith(location.href);
    expect(button.textContent).toBe("Copied");
    await vi.advanceTimersByTimeAsync(1500);
    expect(button.textContent).toBe("Share");
    vi.unstubAllGlobals();
  });

  it("shows the address where it may not copy", async () => {
    const writeText = vi.fn().mockRejectedValue(new Error("denied"));
    const prompt = vi.fn();
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    vi.stubGlobal("prompt", prompt);
    const button = open();
    button.click();
    await vi.advanceTimersByTimeAsync(0);
    expect(prompt).toHaveBeenCalledExactlyOnceWith("Copy this link", location.href);
    expect(button.textContent).toBe("Share");
    vi.unstubAllGlobals();
  });
});

describe("the first steps", () => {
  const HTML = "<aside><ol></ol><button>Got it</button></aside><button class='help'>?</button>";
  /** @param {boolean} shown */
  function open(shown) {
    const parentElement = place(HTML);
    const setTriggerValue = vi.fn();
    greeting({ parentElement, data: { steps: ["<b>one</b>", "two"], shown }, setTriggerValue });
    const [steps, help] = ["aside", ".help"].map((name) => parentElement.querySelector(name));
    const state = () => [steps, help].map((part) => part instanceof HTMLElement && !part.hidden);
    /** @param {string} name */
    const click = (name) =>
      parentElement.querySelector(`${name}`)?.dispatchEvent(new Event("click"));
    return { parentElement, setTriggerValue, state, click };
  }
  beforeEach(() => localStorage.clear());

  it("stand beside the example, as text, until they are closed for good", () => {
    const first = open(true);
    expect(first.state()).toEqual([true, false]);
    expect(first.parentElement.querySelectorAll("li")[0].textContent).toBe("<b>one</b>");
    first.click("aside button");
    expect(first.state()).toEqual([false, true]);
    expect(open(true).state()).toEqual([false, true]);
  });

  it("come back, with the example where another text is on screen", () => {
    open(true).click("aside button");
    const here = open(true);
    here.click(".help");
    expect(here.state()).toEqual([true, false]);
    expect(here.setTriggerValue).not.toHaveBeenCalled();
    const elsewhere = open(false);
    expect(elsewhere.state()).toEqual([false, true]);
    elsewhere.click(".help");
    expect(elsewhere.setTriggerValue).toHaveBeenCalledWith("example", expect.any(Number));
    expect(elsewhere.state()).toEqual([false, true]);
  });
});
