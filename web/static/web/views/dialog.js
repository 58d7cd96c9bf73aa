// Native <dialog>: Escape, focus and the backdrop come from the browser.

import { h, iconButton } from "../dom.js";
import { t } from "../texts.js";
import { form } from "./form.js";

export function openDialog(title, content) {
  const close = () => dialog.close();
  const heading = h("h2", { id: "dialog-title" }, title);
  const body = typeof content === "function" ? content(close) : content;
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "dialog-title" },
    h("header", {}, heading, iconButton("close", t("close"), close)),
    body,
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("[autofocus], input, form button[type=button]")?.focus();
  return close;
}

export function cancelButton(close) {
  return h("button", { class: "button", type: "button", onclick: close }, t("cancel"));
}

export function confirmDialog(title, text, action, submit) {
  openDialog(title, (close) => {
    const body = form({
      fields: [h("p", {}, text)],
      label: action,
      extra: [cancelButton(close)],
      submit: async () => {
        await submit();
        close();
      },
    });
    body.querySelector("[type=submit]").classList.replace("primary", "danger");
    return body;
  });
}
