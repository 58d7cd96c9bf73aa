// Tabs: arrow keys move between them, Tab goes into the panel.

import { html } from "../html.js";

// tabs: [[name, label, count?]]; `children` stand in the chosen one's panel.
export function Tabs({ id, label, tabs, chosen, choose, children }) {
  const onKeyDown = (event) => {
    const at = tabs.findIndex(([name]) => name === chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const [name] = tabs.at(to % tabs.length);
    choose(name);
    document.getElementById(`${id}-${name}`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} onKeyDown=${onKeyDown}>
      ${tabs.map(
        ([name, text, count]) => html`<button key=${name} id=${`${id}-${name}`} type="button" role="tab" class="tab" aria-selected=${name === chosen} aria-controls=${`${id}-panel`} tabindex=${name === chosen ? 0 : -1} onClick=${() => choose(name)}>
          ${text}${count > 0 && html`<span class="count strong">${count}</span>`}
        </button>`,
      )}
    </div>
    <div id=${`${id}-panel`} class="tab-panel" role="tabpanel" aria-labelledby=${`${id}-${chosen}`}>${children}</div>`;
}
