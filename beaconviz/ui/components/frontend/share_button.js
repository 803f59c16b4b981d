// A button that copies the page's address, which follows the screen. The workbench says in an event
// what the address is.

/** @import { Address } from "./messages/types.d.ts" */

const PAUSE = 200; // ms between two changes of the address: browsers limit their number
const COPIED = 1500; // ms for which the button says so

let changedAt = 0; // ms of the page
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {{parentElement: Element}} component */
export default function ({ parentElement }) {
  const button = parentElement.querySelector("button");
  if (!button) return;
  /** @param {Address} address */
  const follow = (address) => {
    button.disabled = Boolean(address.problem);
    button.title = address.problem || "Copy a link to exactly this screen";
    setAddress(address);
  };
  /** @param {Event} event */
  const listen = (event) => {
    if (event instanceof CustomEvent) follow(event.detail);
  };
  button.textContent = "Share";
  button.onclick = () => copy(button);
  const early = /** @type {{beaconvizAddress?: Address}} */ (window).beaconvizAddress;
  if (early) follow(early); // the workbench was there first
  window.addEventListener("beaconviz:address", listen);
  return () => window.removeEventListener("beaconviz:address", listen);
}

/**
 * Changes the address in place: a step of the browser's history for each edit would bury the page
 * that a person came from.
 * @param {Address} address
 */
function setAddress({ name, link }) {
  clearTimeout(timer);
  const set = () => {
    changedAt = performance.now();
    const address = new URL(location.href);
    address.searchParams.set(name, link);
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  };
  timer = setTimeout(set, Math.max(0, changedAt + PAUSE - performance.now()));
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    prompt("Copy this link", location.href);
    return;
  }
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = "Share";
  }, COPIED);
}
