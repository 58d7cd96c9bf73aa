// Forms: labelled fields, one submit at a time, the refusal in words.

import { html, useId, useState } from "../html.js";
import { t } from "../texts/index.js";

// submit(values, form): values by the fields' names, checkboxes as booleans. What it throws is shown, and read aloud.
export function Form({ submit, label, cancel, danger = false, wide = false, children, ...props }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const onSubmit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const form = event.currentTarget;
    setBusy(true);
    setError("");
    try {
      await submit(valuesOf(form), form);
    } catch (refusal) {
      setError(refusal.message);
    } finally {
      setBusy(false);
    }
  };
  return html`<form class="form" onSubmit=${onSubmit} ...${props}>
    ${children}
    ${error && html`<p class="error" role="alert">${error}</p>`}
    <div class="actions ${wide ? "wide" : ""}">
      ${cancel && html`<button type="button" class="button" onClick=${cancel}>${t("cancel")}</button>`}
      <button type="submit" class="button ${danger ? "danger" : "primary"}" aria-busy=${busy} disabled=${busy}>${label}</button>
    </div>
  </form>`;
}

function valuesOf(form) {
  const values = Object.fromEntries(new FormData(form));
  for (const { name, type, checked } of form.elements) if (type === "checkbox" && name) values[name] = checked;
  return values;
}

// as: "input", "textarea" or "select" (with options as children).
export function Field({ label, hint, as = "input", children, ...props }) {
  const id = useId();
  const described = hint ? { "aria-describedby": `${id}-hint` } : {};
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <${as} id=${id} class="input" ...${described} ...${props}>${children}</${as}>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}

// choices: [[value, label, hint?]]
export function Choice({ legend, name, value, choices, onChange }) {
  return html`<fieldset class="field">
    <legend>${legend}</legend>
    <div class="choices">
      ${choices.map(
        ([one, label, hint]) => html`<label key=${one} class="choice">
          <input type="radio" name=${name} value=${one} defaultChecked=${one === value} onChange=${() => onChange?.(one)} />
          <span>${label}${hint && html`<small class="hint">${hint}</small>`}</span>
        </label>`,
      )}
    </div>
  </fieldset>`;
}

export function Toggle({ label, hint, ...props }) {
  return html`<label class="toggle">
    <span>${label}${hint && html`<small class="hint">${hint}</small>`}</span>
    <input type="checkbox" role="switch" ...${props} />
  </label>`;
}
