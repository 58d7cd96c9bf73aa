// Texts that leave the page: into the clipboard, or as a file.

import { t } from "../texts/index.js";
import { toast } from "./toasts.js";

// navigator.clipboard exists only on https and localhost; elsewhere a field is selected for a moment.
export async function copyText(text, told = t("copiedText")) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  toast(told);
}

export function downloadText(filename, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: filename });
  link.click();
  URL.revokeObjectURL(url);
}
