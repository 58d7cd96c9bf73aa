// What those who run a server do to one of its members.

import { html, useState } from "../../html.js";
import { Dialog } from "../../parts/dialog.js";
import { Choice, Field, Form } from "../../parts/form.js";
import { duration } from "../../parts/time.js";
import { ban, setNickname, setRank, setRoles, timeOut } from "../../state/moderation.js";
import { may, rankOf } from "../../state/rights.js";
import { customOf } from "../../state/roles.js";
import { t } from "../../texts/index.js";

const TIMEOUTS = [5, 15, 60, 60 * 12, 60 * 24, 60 * 24 * 7, 60 * 24 * 28]; // minutes; the last is the longest there is
const BANS = [0, 1, 7, 30]; // days
const RANKS = ["member", "moderator", "admin"];

const nameOf = (member) => member.nickname || member.user.username;
const Reason = () => html`<${Field} label=${t("reason")} hint=${t("reasonHint")} name="reason" maxlength="500" autocomplete="off" />`;

export function RolesDialog({ server, member, close }) {
  const [chosen, setChosen] = useState(() => member.roles.map(({ id }) => id));
  const ranks = ["owner", "admin"].includes(rankOf(server.id)) || may("ADMINISTRATOR", server.id);
  const custom = customOf(server.roles);
  const toggle = (id) => setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const submit = async ({ rank }) => {
    if (rank && rank !== member.role) await setRank(member, rank);
    const before = member.roles.map(({ id }) => id);
    if (chosen.length !== before.length || chosen.some((id) => !before.includes(id))) await setRoles(member, chosen);
    close();
  };
  return html`<${Dialog} title=${t("rolesOf", { name: nameOf(member) })} close=${close}>
    <${Form} submit=${submit} label=${t("save")} cancel=${close}>
      ${ranks && member.role !== "owner" && html`<${Choice} legend=${t("rank")} name="rank" value=${member.role} choices=${RANKS.map((one) => [one, t(`rank-${one}`)])} />`}
      <fieldset class="field"><legend>${t("roles")}</legend>
        ${custom.length === 0 && html`<p class="hint">${t("noCustomRoles")}</p>`}
        <div class="pick-list">
          ${custom.map(
            ({ id, name, color }) => html`<label key=${id} class="pick"><i class="swatch" style=${{ background: color }} /><span>${name}</span><input type="checkbox" checked=${chosen.includes(id)} onChange=${() => toggle(id)} /></label>`,
          )}
        </div>
      </fieldset>
    </${Form}>
  </${Dialog}>`;
}

export function NicknameDialog({ member, close }) {
  const submit = async ({ nickname }) => (await setNickname(member, nickname.trim()), close());
  return html`<${Dialog} title=${t("nickname")} close=${close}>
    <${Form} submit=${submit} label=${t("save")} cancel=${close}>
      <${Field} label=${t("nickname")} hint=${t("nicknameHint", { name: member.user.username })} name="nickname" maxlength="32" autocomplete="off" defaultValue=${member.nickname ?? ""} autofocus />
    </${Form}>
  </${Dialog}>`;
}

export function TimeoutDialog({ member, close }) {
  const submit = async ({ minutes, reason }) => (await timeOut(member, Number(minutes), reason), close());
  return html`<${Dialog} title=${t("timeoutName", { name: nameOf(member) })} close=${close}>
    <${Form} submit=${submit} label=${t("timeout")} cancel=${close} danger>
      <p class="lead">${t("timeoutText", { name: nameOf(member) })}</p>
      <${Field} as="select" label=${t("howLong")} name="minutes">${TIMEOUTS.map((n) => html`<option key=${n} value=${n}>${duration(n * 60)}</option>`)}</${Field}>
      <${Reason} />
    </${Form}>
  </${Dialog}>`;
}

export function BanDialog({ member, close }) {
  const submit = async ({ days, reason }) => (await ban(member, Number(days), reason), close());
  return html`<${Dialog} title=${t("banName", { name: nameOf(member) })} close=${close}>
    <${Form} submit=${submit} label=${t("ban")} cancel=${close} danger>
      <p class="lead">${t("banText", { name: nameOf(member) })}</p>
      <${Field} as="select" label=${t("howLong")} name="days">${BANS.map((n) => html`<option key=${n} value=${n}>${n ? t("days", { n }) : t("forEver")}</option>`)}</${Field}>
      <${Reason} />
    </${Form}>
  </${Dialog}>`;
}
