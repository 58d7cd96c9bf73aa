// Where one is signed in.

import { html, useState } from "../../html.js";
import { confirm, useAsked } from "../../parts/dialog.js";
import { Skeleton } from "../../parts/empty.js";
import { Icon } from "../../parts/icon.js";
import { moment } from "../../parts/time.js";
import { attempt } from "../../parts/toasts.js";
import { api } from "../../state/client.js";
import { signOut } from "../../state/session.js";
import { t } from "../../texts/index.js";
import { Block } from "../block.js";
import { deviceOf } from "./device.js";

export function SessionSection() {
  const [asked, setAsked] = useState(0);
  const [sessions, error] = useAsked(() => api.get("/auth/sessions"), [asked]);
  if (error) return html`<p class="error" role="alert">${error.message}</p>`;
  if (!sessions) return html`<${Skeleton} lines=${5} />`;
  const end = (id) => attempt(async () => (await api.delete(`/auth/sessions/${id}`), setAsked(asked + 1)));
  const everywhere = async () => {
    await api.delete("/auth/sessions");
    await signOut();
  };
  const here = sessions.filter(({ isCurrent }) => isCurrent);
  const others = sessions.filter(({ isCurrent }) => !isCurrent);
  return html`<${Block} title=${t("thisDevice")}><ul class="rows">${here.map((one) => html`<${Session} key=${one.id} session=${one} />`)}</ul></${Block}>
    <${Block} title=${t("otherDevices")} text=${others.length ? t("otherDevicesText") : t("noOtherDevices")}>
      ${others.length > 0 && html`<ul class="rows">${others.map((one) => html`<${Session} key=${one.id} session=${one} end=${() => end(one.id)} />`)}</ul>`}
    </${Block}>
    <${Block} title=${t("signOutEverywhere")} text=${t("signOutEverywhereText")} danger>
      <div class="actions start"><button type="button" class="button danger" onClick=${() => confirm({ title: t("signOutEverywhere"), text: t("signOutEverywhereText"), label: t("signOutEverywhere"), act: everywhere })}>${t("signOutEverywhere")}</button></div>
    </${Block}>`;
}

function Session({ session, end }) {
  const { browser, system } = deviceOf(session.userAgent);
  const name = [browser, system].filter(Boolean).join(", ") || t("unknownDevice");
  return html`<li class="row">
    <span class="row-mark"><${Icon} name="devices" /></span>
    <div class="row-text"><strong>${name}</strong><small class="hint">${session.address ?? ""} · ${t("lastSeen", { when: moment(session.lastSeenAt) })}</small></div>
    ${end && html`<button type="button" class="button small" aria-label=${t("signOutDevice", { name })} onClick=${end}>${t("signOut")}</button>`}
  </li>`;
}
