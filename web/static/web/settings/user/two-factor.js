// The second step of signing in: an authenticator app, and recovery codes for the day it is lost.

import { html, useState } from "../../html.js";
import { Dialog, open, useAsked } from "../../parts/dialog.js";
import { Skeleton } from "../../parts/empty.js";
import { Field, Form } from "../../parts/form.js";
import { Icon } from "../../parts/icon.js";
import { copyText, downloadText } from "../../parts/copy.js";
import { toast } from "../../parts/toasts.js";
import { api } from "../../state/client.js";
import { t } from "../../texts/index.js";
import { Block } from "../block.js";

export function TwoFactorSection() {
  const [asked, setAsked] = useState(0);
  const [status, error] = useAsked(() => api.get("/auth/two-factor"), [asked]);
  const again = () => setAsked(asked + 1);
  if (error) return html`<p class="error" role="alert">${error.message}</p>`;
  if (!status) return html`<${Skeleton} lines=${4} />`;
  return status.enabled ? html`<${On} status=${status} again=${again} />` : html`<${Off} status=${status} again=${again} />`;
}

function Off({ status, again }) {
  return html`<${Block} title=${t("twoFactorOff")} text=${t("twoFactorWhy")}>
    ${status.required && html`<p class="state waiting"><${Icon} name="alert" />${t("twoFactorRequired")}</p>`}
    <div class="actions start"><button type="button" class="button primary" onClick=${() => open(Setup, { done: again })}>${t("twoFactorSetUp")}</button></div>
  </${Block}>`;
}

function On({ status, again }) {
  const { recoveryCodesLeft: n } = status;
  const renew = async (fields, close) => {
    const { recoveryCodes } = await api.post("/auth/two-factor/recovery-codes", fields);
    close();
    again();
    open(RecoveryCodes, { codes: recoveryCodes });
  };
  const disable = async (fields, close) => {
    await api.post("/auth/two-factor/disable", fields);
    close();
    again();
    toast(t("twoFactorDisabled"));
  };
  return html`<${Block} title=${t("twoFactorOn")} text=${t("twoFactorOnText")}>
      <p class="state ${n > 2 ? "good" : "waiting"}"><${Icon} name=${n > 2 ? "check" : "alert"} />${t("recoveryLeft", { n })}</p>
      <div class="actions start"><button type="button" class="button" onClick=${() => open(Sure, { title: t("newCodes"), text: t("newCodesText"), act: renew })}>${t("newCodes")}</button></div>
    </${Block}>
    <${Block} title=${t("twoFactorDisable")} text=${t("twoFactorDisableText")} danger>
      <div class="actions start"><button type="button" class="button danger" onClick=${() => open(Sure, { title: t("twoFactorDisable"), text: t("twoFactorDisableText"), act: disable, danger: true })}>${t("twoFactorDisable")}</button></div>
    </${Block}>`;
}

const Code = (props) => html`<${Field} label=${t("code")} name="code" autocomplete="one-time-code" required spellcheck=${false} maxlength="40" ...${props} />`;
const Password = (props) => html`<${Field} label=${t("password")} name="password" type="password" autocomplete="current-password" required ...${props} />`;

// Password, then the picture for the app and its first code, then the recovery codes.
function Setup({ done, close }) {
  const [offer, setOffer] = useState(null);
  const ask = async ({ password }) => setOffer(await api.post("/auth/two-factor/setup", { password }));
  const enable = async ({ code }) => {
    const { recoveryCodes } = await api.post("/auth/two-factor/enable", { code: code.trim() });
    close();
    done();
    open(RecoveryCodes, { codes: recoveryCodes });
  };
  return html`<${Dialog} title=${t("twoFactorSetUp")} close=${close}>
    ${offer === null
      ? html`<${Form} key="password" submit=${ask} label=${t("next")} cancel=${close}><p class="lead">${t("twoFactorPassword")}</p><${Password} autofocus /></${Form}>`
      : html`<${Form} key="code" submit=${enable} label=${t("turnOn")} cancel=${close}>
          <p class="lead">${t("scanText")}</p>
          <img class="qr" alt=${t("qrCode")} src=${pictureOf(offer.qr)} width="200" height="200" />
          <div class="copy-row"><input class="input mono" readonly aria-label=${t("secret")} value=${offer.secret} /><button type="button" class="button" onClick=${() => copyText(offer.secret)}><${Icon} name="copy" />${t("copy")}</button></div>
          <${Code} hint=${t("codeHint")} inputmode="numeric" autofocus />
        </${Form}>`}
  </${Dialog}>`;
}

// An <svg> for within a page says nothing of its namespace; a picture must.
const pictureOf = (svg) => `data:image/svg+xml,${encodeURIComponent(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))}`;

function RecoveryCodes({ codes, close }) {
  const text = `${codes.join("\n")}\n`;
  return html`<${Dialog} title=${t("recoveryCodes")} close=${close}>
    <div class="form">
      <p class="lead">${t("recoveryText")}</p>
      <ol class="codes" aria-label=${t("recoveryCodes")}>${codes.map((code) => html`<li key=${code}><code>${code}</code></li>`)}</ol>
      <div class="actions">
        <button type="button" class="button" onClick=${() => copyText(text)}><${Icon} name="copy" />${t("copy")}</button>
        <button type="button" class="button" onClick=${() => downloadText("projectvoice-recovery-codes.txt", text)}><${Icon} name="download" />${t("download")}</button>
        <button type="button" class="button primary" onClick=${close}>${t("keptThem")}</button>
      </div>
    </div>
  </${Dialog}>`;
}

function Sure({ title, text, act, danger, close }) {
  const submit = ({ password, code }) => act({ password, code: code.trim() }, close);
  return html`<${Dialog} title=${title} close=${close}>
    <${Form} submit=${submit} label=${title} danger=${danger} cancel=${close}><p class="lead">${text}</p><${Password} autofocus /><${Code} hint=${t("codeOrRecovery")} /></${Form}>
  </${Dialog}>`;
}
