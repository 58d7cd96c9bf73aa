// Where one writes.

import { html, useEffect, useLayoutEffect, useRef, useState } from "../../html.js";
import { pickEmoji } from "../../parts/emoji-picker.js";
import { Icon, IconButton } from "../../parts/icon.js";
import { bytes } from "../../parts/time.js";
import { draftOf, keepDraft } from "../../state/drafts.js";
import { nameOf } from "../../state/members.js";
import { intend, intents, send, windowOf } from "../../state/messages.js";
import { tellTyping } from "../../state/presence.js";
import { may } from "../../state/rights.js";
import { myId } from "../../state/session.js";
import { t } from "../../texts/index.js";
import { Suggestions, useSuggestions } from "./suggestions.js";

const LONGEST = 4000;
const HIGHEST = 220; // pixels, then it scrolls
const TOUCH = matchMedia("(pointer: coarse)");

// As high as its text.
export function fit(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, HIGHEST)}px`;
}

export function Composer({ channel, uploads }) {
  const { id, serverId } = channel;
  const area = useRef(null);
  const files = useRef(null);
  const text = draftOf(id);
  const replyTo = intents.value.get(id)?.replyTo;
  const suggestions = useSuggestions(area, channel, (fresh) => keepDraft(id, fresh));
  useLayoutEffect(() => fit(area.current ?? document.createElement("textarea")), [text]);
  useEffect(() => {
    if (!TOUCH.matches) area.current?.focus();
  }, [id]);

  if (!may("SEND_MESSAGES", serverId, id)) return html`<p class="composer-shut">${t("mayNotWrite")}</p>`;

  const ready = !uploads.busy && text.length <= LONGEST && (text.trim() || uploads.list.some(({ attachment }) => attachment));
  const submit = () => {
    if (!ready) return;
    const content = text.trim();
    keepDraft(id, "");
    intend(id, null);
    send(id, { content, replyTo, attachments: uploads.take() }).catch(() => {}); // it is told beside the message
    area.current.focus();
  };
  const onKeyDown = (event) => {
    if (suggestions.onKeyDown(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !TOUCH.matches) submit();
    else if (event.key === "ArrowUp" && !text) editLast(id);
    else if (event.key === "Escape" && replyTo) intend(id, null);
    else return;
    event.preventDefault();
  };
  const onInput = ({ target }) => {
    keepDraft(id, target.value);
    if (target.value.trim()) tellTyping(id);
    suggestions.look();
  };
  const attaches = may("ATTACH_FILES", serverId, id);
  const onPaste = (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (!pasted.length || !attaches) return;
    event.preventDefault();
    uploads.add(pasted);
  };
  const insert = (emoji) => {
    const { selectionStart: at } = area.current;
    keepDraft(id, text.slice(0, at) + emoji + text.slice(at));
    area.current.focus();
  };
  return html`<form class="composer" onSubmit=${(event) => (event.preventDefault(), submit())}>
    <${Suggestions} ...${suggestions} />
    ${replyTo &&
    html`<p class="replying"><${Icon} name="reply" size="15px" /><span>${t("replyingTo", { name: nameOf(serverId, replyTo.user) || t("deletedUser") })}</span>
      <${IconButton} icon="close" label=${t("cancelReply")} class="small" onClick=${() => intend(id, null)} />
    </p>`}
    ${uploads.list.length > 0 && html`<ul class="uploads">${uploads.list.map((one) => html`<${Upload} key=${one.key} one=${one} drop=${uploads.drop} />`)}</ul>`}
    <div class="composer-line">
      ${attaches &&
      html`<${IconButton} icon="attach" label=${t("attachFile")} onClick=${() => files.current.click()} />
        <input ref=${files} type="file" multiple hidden aria-label=${t("attachFile")} onChange=${({ target }) => (uploads.add([...target.files]), (target.value = ""))} />`}
      <textarea ref=${area} rows="1" aria-label=${t("messageTo", { name: channel.name })} placeholder=${t("messageTo", { name: channel.name })} value=${text} onInput=${onInput} onKeyDown=${onKeyDown} onPaste=${onPaste} onClick=${suggestions.look} onBlur=${suggestions.close} ...${suggestions.aria} />
      ${text.length > LONGEST - 200 && html`<span class="letters ${text.length > LONGEST ? "over" : ""}">${LONGEST - text.length}</span>`}
      <${IconButton} icon="smile" label=${t("emoji")} onClick=${({ currentTarget }) => pickEmoji(currentTarget, insert)} />
      <button type="submit" class="icon-button send" aria-label=${t("send")} title=${t("send")} disabled=${!ready}><${Icon} name="send" /></button>
    </div>
  </form>`;
}

function Upload({ one, drop }) {
  const { key, file, preview, share, attachment, error } = one;
  return html`<li class="upload ${error ? "failed" : ""}">
    ${preview ? html`<img src=${preview} alt="" />` : html`<span class="upload-mark"><${Icon} name="file" size="22px" /></span>`}
    <div class="upload-text">
      <strong>${file.name}</strong>
      ${error ? html`<small role="alert">${error}</small>` : attachment ? html`<small>${bytes(file.size)}</small>` : html`<progress max="1" value=${share} aria-label=${t("uploading", { name: file.name })} />`}
    </div>
    <${IconButton} icon="close" label=${t("removeFile", { name: file.name })} class="small" onClick=${() => drop(key)} />
  </li>`;
}

function editLast(channelId) {
  const mine = windowOf(channelId).messages.findLast(({ userId }) => userId === myId.peek());
  if (mine) intend(channelId, { editing: mine.id });
}
