// Telling those who run the instance of a message or a person.

import { html } from "../../html.js";
import { Dialog } from "../../parts/dialog.js";
import { Choice, Field, Form } from "../../parts/form.js";
import { toast } from "../../parts/toasts.js";
import { api } from "../../state/client.js";
import { t } from "../../texts/index.js";

const CATEGORIES = ["spam", "harassment", "illegal", "other"];

// With `message`, or with `user`: { id, username }.
export function ReportDialog({ message, user, close }) {
  const submit = async ({ category, reason }) => {
    await api.post("/reports", { targetType: message ? "message" : "user", targetId: (message ?? user).id, category, reason });
    close();
    toast(t("reported"));
  };
  return html`<${Dialog} title=${message ? t("reportMessage") : t("reportName", { name: user.username })} close=${close}>
    <${Form} submit=${submit} label=${t("sendReport")} cancel=${close} danger>
      <p class="lead">${t("reportText")}</p>
      ${message && html`<blockquote class="quoted">${message.content || t("attachment")}</blockquote>`}
      <${Choice} legend=${t("reportCategory")} name="category" value="spam" choices=${CATEGORIES.map((one) => [one, t(`report-${one}`)])} />
      <${Field} as="textarea" label=${t("reportReason")} name="reason" rows="3" required minlength="3" maxlength="500" />
    </${Form}>
  </${Dialog}>`;
}
