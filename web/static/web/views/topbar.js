import { html } from "../html.js";
import { Icon, IconButton } from "../parts/icon.js";
import { t } from "../texts/index.js";
import { drawer, narrow } from "./layout.js";

// The line above whatever is open; `children` are its buttons.
export function TopBar({ icon, title, text, children }) {
  return html`<header class="top-bar">
    ${narrow.value && html`<${IconButton} icon="menu" label=${t("openMenu")} aria-expanded=${drawer.value === "menu"} onClick=${() => (drawer.value = "menu")} />`}
    ${icon && html`<${Icon} name=${icon} />`}
    <h1>${title}</h1>
    ${text && html`<p class="top-text">${text}</p>`}
    <div class="top-tools">${children}</div>
  </header>`;
}
