// What is shown once: a token, an address that is a key.

import { html } from "../html.js";
import { copyText } from "../parts/copy.js";
import { Dialog } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { t } from "../texts/index.js";

export function SecretDialog({ title, text, secret, close }) {
  return html`<${Dialog} title=${title} close=${close}>
    <div class="form">
      <p class="lead">${text}</p>
      <div class="copy-row">
        <input class="input mono" readonly aria-label=${title} value=${secret} onClick=${({ target }) => target.select()} />
        <button type="button" class="button primary" autofocus onClick=${() => copyText(secret)}><${Icon} name="copy" />${t("copy")}</button>
      </div>
      <div class="actions"><button type="button" class="button" onClick=${close}>${t("done")}</button></div>
    </div>
  </${Dialog}>`;
}
