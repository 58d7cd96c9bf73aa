// Menus: a button that opens a list of acts. Arrow keys move, Escape closes, focus comes back.

import { html, useEffect, useId, useLayoutEffect, useRef, useState } from "../html.js";
import { Icon } from "./icon.js";

// items: [{ label, icon, act, danger }] or null for a line; falsy ones are left out by the caller's `&&`.
export function Menu({ label, icon = "more", items, class: more = "icon-button", children }) {
  const [open, setOpen] = useState(false);
  const button = useRef(null);
  const id = useId();
  const close = (back = true) => {
    setOpen(false);
    if (back) button.current?.focus();
  };
  return html`<span class="menu-holder">
    <button ref=${button} type="button" class=${more} aria-haspopup="menu" aria-expanded=${open} aria-controls=${open ? id : undefined} aria-label=${children ? undefined : label} title=${label} onClick=${() => setOpen(!open)}>
      ${children ?? html`<${Icon} name=${icon} />`}
    </button>
    ${open && html`<${Items} id=${id} label=${label} items=${items} anchor=${button.current} close=${close} />`}
  </span>`;
}

function Items({ id, label, items, anchor, close }) {
  const list = useRef(null);
  useLayoutEffect(() => {
    place(list.current, anchor);
    list.current.querySelector("button")?.focus();
  }, []);
  useEffect(() => {
    const outside = ({ target }) => !list.current.contains(target) && !anchor.contains(target) && close(false);
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);
  const onKeyDown = (event) => {
    const buttons = [...list.current.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) buttons.at(to % buttons.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div ref=${list} id=${id} class="menu" role="menu" aria-label=${label} onKeyDown=${onKeyDown}>
    ${items
      .filter((item) => item !== false && item !== undefined)
      .map((item) =>
        item === null
          ? html`<hr role="separator" />`
          : html`<button type="button" role="menuitem" class=${item.danger ? "danger" : ""} onClick=${() => (close(), item.act())}>
              ${item.icon && html`<${Icon} name=${item.icon} />`}${item.label}
            </button>`,
      )}
  </div>`;
}

// Beside its button, and inside the window.
export function place(element, anchor) {
  const at = anchor.getBoundingClientRect();
  const { width, height } = element.getBoundingClientRect();
  const below = at.bottom + 4 + height <= innerHeight;
  element.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  element.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - height - 4)}px`;
}
