// Changing a message where it stands.

import { html, useEffect, useRef, useState } from "../../html.js";
import { edit, intend, remove } from "../../state/messages.js";
import { confirm } from "../../parts/dialog.js";
import { t } from "../../texts/index.js";
import { fit } from "./composer.js";

export function EditBox({ message }) {
  const area = useRef(null);
  const [error, setError] = useState("");
  const done = () => {
    intend(message.channelId, null);
    document.querySelector(".composer textarea")?.focus();
  };
  useEffect(() => {
    const { current } = area;
    fit(current);
    current.focus();
    current.setSelectionRange(current.value.length, current.value.length);
  }, []);
  const save = async () => {
    const content = area.current.value.trim();
    if (content === message.content) return done();
    if (!content && !message.attachments.length) {
      return confirm({ title: t("deleteMessage"), text: t("deleteMessageText"), label: t("remove"), act: () => remove(message) });
    }
    try {
      await edit(message, content);
      done();
    } catch (refusal) {
      setError(refusal.message);
    }
  };
  const onKeyDown = (event) => {
    if (event.key === "Escape") done();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class="edit-box">
    <textarea ref=${area} rows="1" aria-label=${t("editMessage")} defaultValue=${message.content} maxlength="4000" onInput=${() => fit(area.current)} onKeyDown=${onKeyDown} />
    ${error && html`<p class="error" role="alert">${error}</p>`}
    <div class="actions">
      <span class="hint">${t("editHint")}</span>
      <button type="button" class="button small" onClick=${done}>${t("cancel")}</button>
      <button type="button" class="button small primary" onClick=${save}>${t("save")}</button>
    </div>
  </div>`;
}
