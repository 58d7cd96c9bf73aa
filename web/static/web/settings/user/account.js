// How one signs in: the address, the password, and the end of it all.

import { html, useState } from "../../html.js";
import { Dialog, open } from "../../parts/dialog.js";
import { Field, Form } from "../../parts/form.js";
import { Icon } from "../../parts/icon.js";
import { attempt, toast } from "../../parts/toasts.js";
import { api, keepToken } from "../../state/client.js";
import { me, signOut } from "../../state/session.js";
import { t } from "../../texts/index.js";
import { NewPassword } from "../../views/auth.js";
import { Block } from "../block.js";

export function AccountSection() {
  return html`<${Email} /><${Password} />
    <${Block} title=${t("deleteAccount")} text=${t("deleteAccountText")} danger>
      <div class="actions start"><button type="button" class="button danger" onClick=${() => open(DeleteAccount)}>${t("deleteAccount")}</button></div>
    </${Block}>`;
}

export function Email() {
  const { id, email, emailConfirmed } = me.value;
  const [sending, setSending] = useState(false);
  const submit = async (values) => {
    me.value = { ...me.value, ...(await api.put(`/auth/users/${id}`, { email: values.email })) };
    toast(t("saved"));
  };
  const send = async () => {
    setSending(true);
    const answer = await attempt(() => api.post("/auth/email/send"));
    if (answer) toast(answer.message);
    setSending(false);
  };
  return html`<${Block} title=${t("email")}>
    <p class="state ${emailConfirmed ? "good" : "waiting"}">
      <${Icon} name=${emailConfirmed ? "check" : "alert"} /><span>${t(emailConfirmed ? "emailIsConfirmed" : "emailIsNot", { email })}</span>
      ${!emailConfirmed && html`<button type="button" class="link" disabled=${sending} onClick=${send}>${t("sendAgainLink")}</button>`}
    </p>
    <${Form} submit=${submit} label=${t("changeEmail")}>
      <${Field} key=${email} label=${t("email")} name="email" type="email" required maxlength="254" defaultValue=${email} autocomplete="email" spellcheck=${false} />
    </${Form}>
  </${Block}>`;
}

function Password() {
  const submit = async ({ old, fresh }, form) => {
    const { message, token } = await api.put(`/auth/users/${me.value.id}/password`, { oldPassword: old, newPassword: fresh });
    keepToken(token);
    form.reset();
    toast(message);
  };
  return html`<${Block} title=${t("password")} text=${t("passwordText")}>
    <${Form} submit=${submit} label=${t("changePassword")}>
      <input type="hidden" autocomplete="username" value=${me.value.email} />
      <${Field} label=${t("oldPassword")} name="old" type="password" autocomplete="current-password" required />
      <${NewPassword} label=${t("newPassword")} name="fresh" />
    </${Form}>
  </${Block}>`;
}

function DeleteAccount({ close }) {
  const { username } = me.value;
  const submit = async ({ name }) => {
    if (name !== username) throw new Error(t("nameDiffers"));
    await api.delete("/users");
    close();
    await signOut();
  };
  return html`<${Dialog} title=${t("deleteAccount")} close=${close}>
    <${Form} submit=${submit} label=${t("deleteAccount")} danger cancel=${close}>
      <p class="lead">${t("deleteAccountSure")}</p>
      <${Field} label=${t("typeToConfirm", { name: username })} name="name" required autocomplete="off" spellcheck=${false} autofocus />
    </${Form}>
  </${Dialog}>`;
}
