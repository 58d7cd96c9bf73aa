// "Why can't I connect?": what this browser sees, and for who runs the instance what the instance sees of itself.

import { html, useState } from "../html.js";
import { Dialog, useAsked } from "../parts/dialog.js";
import { Skeleton } from "../parts/empty.js";
import { Icon } from "../parts/icon.js";
import { nameOf } from "../state/members.js";
import { api } from "../state/client.js";
import { me } from "../state/session.js";
import { t } from "../texts/index.js";
import { observe } from "./checkup.js";
import { inWords, QualityMark } from "./quality.js";
import { callChannel, snapshot } from "./state.js";
import { verdicts } from "./verdicts.js";

const ICONS = { ok: "check", warning: "alert", error: "alert", skipped: "more" };

export function Doctor({ close }) {
  const [round, setRound] = useState(0);
  const isStaff = ["admin", "moderator"].includes(me.value?.role);
  return html`<${Dialog} title=${t("whyNot")} close=${close} class="doctor">
    <h3>${t("doctorHere")}</h3>
    <${Here} key=${`here-${round}`} />
    <${Lines} />
    ${isStaff && html`<h3>${t("doctorThere")}</h3><${There} key=${`there-${round}`} />`}
    <div class="actions"><button type="button" class="button" onClick=${() => setRound(round + 1)}>${t("lookAgain")}</button></div>
  </${Dialog}>`;
}

function Here() {
  const [observed, error] = useAsked(observe, []);
  if (error) return html`<p class="error" role="alert">${error.message}</p>`;
  if (!observed) return html`<div role="status"><p class="hint">${t("looking")}</p><${Skeleton} lines=${3} /></div>`;
  return html`<${Findings} list=${verdicts(observed).map(({ status, key, values }) => ({ status, text: t(key, values) }))} />`;
}

function There() {
  const [report, error] = useAsked(() => api.get("/voice/doctor"), []);
  if (error) return html`<p class="error" role="alert">${error.message}</p>`;
  if (!report) return html`<div role="status"><p class="hint">${t("looking")}</p><${Skeleton} lines=${4} /></div>`;
  return html`<${Findings} list=${report.checks.map(({ status, finding, setting, detail }) => ({ status, text: finding, hint: [setting, detail].filter(Boolean).join(" · ") }))} />`;
}

// The line to each, as the browser counts it.
function Lines() {
  const others = (snapshot.value?.people ?? []).filter(({ isMe }) => !isMe);
  if (!others.length) return null;
  return html`<ul class="findings">
    ${others.map(
      ({ socketId, userId, username, quality, state }) => html`<li key=${socketId}><${QualityMark} quality=${quality} /><span>${nameOf(callChannel.value?.serverId, { id: userId, username }) || username}<small class="hint">${quality ? inWords(quality) : t(state === "failed" ? "stateFailed" : "stateConnecting")}</small></span></li>`,
    )}
  </ul>`;
}

function Findings({ list }) {
  return html`<ul class="findings" role="status">
    ${list.map(({ status, text, hint }) => html`<li key=${text} class=${status}><${Icon} name=${ICONS[status]} size="18px" /><span><span class="sr-only">${t(`verdict-${status}`)}: </span>${text}${hint && html`<small class="hint">${hint}</small>`}</span></li>`)}
  </ul>`;
}
