// Labelled fields, and a form that shows what it waits for and what went wrong.

import { h } from "../dom.js";

let count = 0;

export function field(label, { hint, ...props }) {
  const id = `field-${++count}`;
  const input = h("input", { id, class: "input", "aria-describedby": hint ? `${id}-hint` : null, ...props });
  return h("div", { class: "field" }, h("label", { for: id }, label), input, hint && h("p", { id: `${id}-hint`, class: "hint" }, hint));
}

// `submit(values)` may throw; the error's text is shown and spoken.
export function form({ fields, label, submit, extra = [] }) {
  const onsubmit = async (event) => {
    event.preventDefault();
    // Looked up, for a redraw keeps the elements of the first drawing and throws away later ones.
    const [error, button] = [".error", "[type=submit]"].map((which) => event.target.querySelector(which));
    error.hidden = true;
    button.disabled = true;
    try {
      await submit(Object.fromEntries(new FormData(event.target)));
    } catch (problem) {
      error.textContent = problem.message;
      error.hidden = false;
    } finally {
      button.disabled = false;
    }
  };
  const error = h("p", { class: "error", role: "alert", hidden: true, "data-own": true });
  const button = h("button", { class: "button primary", type: "submit" }, label);
  return h("form", { class: "form", onsubmit }, fields, error, h("div", { class: "actions" }, extra, button));
}
