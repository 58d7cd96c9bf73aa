// Short notices in a corner, and sentences for screen readers alone.

import { html, signal } from "../html.js";
import { t } from "../texts/index.js";
import { Icon, IconButton } from "./icon.js";

const SHOWN_MS = 7_000;
const toasts = signal([]);
let last = 0;

// toast("…", { kind: "error", action: [label, () => …] })
export function toast(text, { kind = "info", action } = {}) {
  const id = ++last;
  toasts.value = [...toasts.value.filter((one) => one.text !== text), { id, text, kind, action }].slice(-4);
  setTimeout(() => dismiss(id), SHOWN_MS);
}

const dismiss = (id) => (toasts.value = toasts.value.filter((one) => one.id !== id));

// For verbs whose failure has no place of its own to be told: attempt(() => pin(message)).
export async function attempt(act) {
  try {
    return await act();
  } catch (error) {
    if (error.name !== "AbortError") toast(error.message, { kind: "error" });
    return undefined;
  }
}

export function Toasts() {
  return html`<div class="toasts">
    ${toasts.value.map(
      ({ id, text, kind, action }) => html`<div key=${id} class="toast ${kind}" role=${kind === "error" ? "alert" : "status"}>
        <${Icon} name=${kind === "error" ? "alert" : "check"} />
        <p>${text}</p>
        ${action && html`<button type="button" class="link" onClick=${() => (dismiss(id), action[1]())}>${action[0]}</button>`}
        <${IconButton} icon="close" label=${t("dismiss")} class="small" onClick=${() => dismiss(id)} />
      </div>`,
    )}
  </div>`;
}

// The same sentence twice in a row must still be a change.
export function announce(text) {
  const news = document.getElementById("news");
  news.textContent = news.textContent === text ? `${text}\u00a0` : text;
}
