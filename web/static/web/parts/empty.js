import { html } from "../html.js";
import { Icon } from "./icon.js";

// What stands where nothing is yet: why, and what to do.
export function Empty({ icon, title, children }) {
  return html`<div class="empty">
    <span class="empty-mark"><${Icon} name=${icon} size="28px" /></span>
    <h2>${title}</h2>
    ${children}
  </div>`;
}

export function Skeleton({ lines = 3 }) {
  return html`<div class="skeleton" aria-hidden="true">${Array.from({ length: lines }, (_, at) => html`<i key=${at} />`)}</div>`;
}
