// What sections are made of.

import { html } from "../html.js";

// A part of a section under its own heading.
export function Block({ title, text, danger = false, children }) {
  return html`<section class="block ${danger ? "danger" : ""}">
    <header><h2>${title}</h2>${text && html`<p class="lead">${text}</p>`}</header>
    ${children}
  </section>`;
}
