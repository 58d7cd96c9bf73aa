// What one reported, and what was reported of oneself and found to be so.

import { html, useState } from "../../html.js";
import { Dialog, open, useAsked } from "../../parts/dialog.js";
import { Empty, Skeleton } from "../../parts/empty.js";
import { Field, Form } from "../../parts/form.js";
import { moment } from "../../parts/time.js";
import { toast } from "../../parts/toasts.js";
import { api } from "../../state/client.js";
import { t } from "../../texts/index.js";
import { Block } from "../block.js";

export function ReportSection() {
  const [asked, setAsked] = useState(0);
  const ask = () => Promise.all([api.get("/reports", { limit: 50 }), api.get("/reports/against-me", { limit: 50 })]);
  const [lists, error] = useAsked(ask, [asked]);
  if (error) return html`<p class="error" role="alert">${error.message}</p>`;
  if (!lists) return html`<${Skeleton} lines=${5} />`;
  const [mine, against] = lists.map(({ reports }) => reports);
  if (!mine.length && !against.length) return html`<${Empty} icon="flag" title=${t("noReports")}><p class="lead">${t("noReportsText")}</p></${Empty}>`;
  return html`${mine.length > 0 && html`<${Block} title=${t("reportsByMe")}><ul class="rows">${mine.map((one) => html`<${Report} key=${one.id} report=${one} />`)}</ul></${Block}>`}
    ${against.length > 0 &&
    html`<${Block} title=${t("reportsAgainstMe")} text=${t("reportsAgainstMeText")}>
      <ul class="rows">${against.map((one) => html`<${Report} key=${one.id} report=${one} appeal=${() => open(Appeal, { report: one, done: () => setAsked(asked + 1) })} />`)}</ul>
    </${Block}>`}`;
}

function Report({ report, appeal }) {
  const { targetType, category, status, decision, decisionReason, reason, createdAt, decidedAt, message } = report;
  return html`<li class="row tall">
    <div class="row-text">
      <strong>${t(`report-of-${targetType}`)} · ${t(`report-${category}`)}</strong>
      ${message && html`<p class="quoted">${message.content}</p>`}
      ${reason && html`<p>${reason}</p>`}
      ${decision && html`<p>${t(`decision-${decision}`)}${decisionReason ? `: ${decisionReason}` : ""}</p>`}
      <small class="hint">${moment(createdAt ?? decidedAt)}</small>
    </div>
    <span class="badge">${t(`report-is-${status}`)}</span>
    ${appeal && status !== "appealed" && !report.appeal && html`<button type="button" class="button small" onClick=${appeal}>${t("appeal")}</button>`}
  </li>`;
}

function Appeal({ report, done, close }) {
  const submit = async ({ text }) => {
    await api.post(`/reports/${report.id}/appeal`, { text });
    close();
    done();
    toast(t("appealSent"));
  };
  return html`<${Dialog} title=${t("appeal")} close=${close}>
    <${Form} submit=${submit} label=${t("sendAppeal")} cancel=${close}><p class="lead">${t("appealText")}</p><${Field} as="textarea" label=${t("appealWhy")} name="text" rows="4" required minlength="3" maxlength="1000" autofocus /></${Form}>
  </${Dialog}>`;
}
