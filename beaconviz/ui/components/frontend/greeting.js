// The first steps, for who comes for the first time: closed for good by one click, and back by "?".

const KEY = "beaconviz-first-steps"; // in the browser's storage
const CLOSED = "closed";

/** @typedef {{steps: string[], shown: boolean}} Greeting shown: whether the example is on screen */
/** @typedef {(name: string, value: number) => void} Trigger */

/**
 * @param {{parentElement: Element, data: Greeting, setTriggerValue: Trigger}} component
 */
export default function ({ parentElement, data, setTriggerValue }) {
  const steps = parentElement.querySelector("aside");
  const list = parentElement.querySelector("ol");
  const close = parentElement.querySelector("aside button");
  const help = parentElement.querySelector("button.help");
  if (!(steps && list && close instanceof HTMLElement && help instanceof HTMLElement)) return;
  const draw = () => {
    const open = data.shown && stored() !== CLOSED;
    steps.hidden = !open;
    help.hidden = open;
  };
  list.replaceChildren(
    ...data.steps.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }),
  );
  close.onclick = () => {
    store(CLOSED);
    draw();
    help.focus();
  };
  help.onclick = () => {
    store("");
    if (!data.shown) setTriggerValue("example", Date.now());
    draw();
  };
  draw();
}

/** The browser may forbid its storage: then the steps come back with the page. */
function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** @param {string} value */
function store(value) {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // nothing is kept
  }
}
