import { html } from "../html.js";

const SPRITE = new URL("../icons.svg", import.meta.url).pathname;

// A symbol of icons.svg. It says nothing to screen readers: what it stands on has a label.
export function Icon({ name, size }) {
  return html`<svg class="icon" aria-hidden="true" style=${size && { width: size, height: size }}><use href=${`${SPRITE}#${name}`} /></svg>`;
}

export function IconButton({ icon, label, class: more = "", ...props }) {
  return html`<button type="button" class="icon-button ${more}" aria-label=${label} title=${label} ...${props}><${Icon} name=${icon} /></button>`;
}
