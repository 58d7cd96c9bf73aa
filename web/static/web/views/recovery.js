// The pages that links in e-mails lead to. The key stands behind the #, so that no server's log ever holds it.

import { html, useEffect, useState } from "../html.js";
import { Form } from "../parts/form.js";
import { go } from "../router.js";
import { api } from "../state/client.js";
import { t } from "../texts/index.js";
import { Cover, NewPassword } from "./auth.js";

const key = () => decodeURIComponent(location.hash.slice(1));
const Onward = () => html`<div class="actions wide"><button type="button" class="button primary" onClick=${() => go("/", { replace: true })}>${t("toStart")}</button></div>`;

export function ResetView() {
  const [done, setDone] = useState(false);
  const submit = async ({ password }) => (await api.post("/auth/password/reset", { token: key(), newPassword: password }), setDone(true));
  return html`<${Cover}>
    <h2>${t("newPasswordTitle")}</h2>
    ${done
      ? html`<p class="lead" role="status">${t("passwordChanged")}</p><${Onward} />`
      : html`<${Form} submit=${submit} label=${t("save")} wide><${NewPassword} label=${t("newPassword")} /></${Form}>`}
  </${Cover}>`;
}

export function ConfirmView() {
  const [told, setTold] = useState({ text: t("loading") });
  useEffect(() => {
    api.post("/auth/email/confirm", { token: key() }).then(
      () => setTold({ text: t("emailConfirmed") }),
      ({ message }) => setTold({ text: message, failed: true }),
    );
  }, []);
  return html`<${Cover}>
    <h2>${t("confirmEmailTitle")}</h2>
    <p class=${told.failed ? "error" : "lead"} role=${told.failed ? "alert" : "status"}>${told.text}</p>
    <${Onward} />
  </${Cover}>`;
}
