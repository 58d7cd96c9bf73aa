// Files of a message: pictures, sounds and films are shown, all else is there to be downloaded.

import { html, useRef } from "../../html.js";
import { Dialog, open } from "../../parts/dialog.js";
import { Icon } from "../../parts/icon.js";
import { bytes } from "../../parts/time.js";
import { refresh } from "../../state/messages.js";
import { t } from "../../texts/index.js";

const WIDE = 420;
const HIGH = 320;

export function Attachments({ message }) {
  const asked = useRef(false);
  // Links hold for a day: a page that is open for longer asks for fresh ones.
  const onError = () => {
    if (asked.current) return;
    asked.current = true;
    refresh(message).catch(() => {});
  };
  return html`<ul class="attachments">${message.attachments.map((file) => html`<li key=${file.id}><${Attachment} file=${file} onError=${onError} /></li>`)}</ul>`;
}

function Attachment({ file, onError }) {
  const { contentType, url, filename, width, height } = file;
  const kind = contentType.split("/")[0];
  if (kind === "image" && width && height) {
    const shrink = Math.min(1, WIDE / width, HIGH / height);
    return html`<button type="button" class="picture" aria-label=${t("showPicture", { name: filename })} onClick=${() => open(Picture, { file })}>
      <img src=${url} alt=${filename} width=${Math.max(24, Math.round(width * shrink))} height=${Math.max(24, Math.round(height * shrink))} loading="lazy" onError=${onError} />
    </button>`;
  }
  if (kind === "audio") return html`<figure class="sound"><figcaption>${filename}</figcaption><audio controls preload="metadata" src=${url} onError=${onError} /></figure>`;
  if (kind === "video") return html`<video class="film" controls preload="metadata" src=${url} aria-label=${filename} onError=${onError} />`;
  return html`<a class="file" href=${url} download=${filename}>
    <span class="upload-mark"><${Icon} name="file" size="22px" /></span>
    <span class="upload-text"><strong>${filename}</strong><small>${bytes(file.size)}</small></span>
    <${Icon} name="download" />
  </a>`;
}

function Picture({ file, close }) {
  return html`<${Dialog} title=${file.filename} close=${close} class="picture-dialog">
    <img src=${file.url} alt=${file.filename} />
    <div class="actions"><span class="hint">${file.width} × ${file.height}, ${bytes(file.size)}</span><a class="button" href=${file.url} download=${file.filename}><${Icon} name="download" />${t("download")}</a></div>
  </${Dialog}>`;
}
