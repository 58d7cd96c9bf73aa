// Why somebody may, or may not: the rules in the order in which they apply.

import { html, useState } from "../../html.js";
import { Field, Form } from "../../parts/form.js";
import { Icon } from "../../parts/icon.js";
import { membersOf } from "../../state/members.js";
import { explain } from "../../state/moderation.js";
import { may } from "../../state/rights.js";
import { myId } from "../../state/session.js";
import { t } from "../../texts/index.js";
import { permissionName, PERMISSIONS } from "./permissions.js";

export function ExplainSection({ server }) {
  const [answer, setAnswer] = useState(null);
  const all = [...(membersOf(server.id)?.values() ?? [])];
  const people = may("MANAGE_ROLES", server.id) ? all : all.filter(({ userId }) => userId === myId.value);
  const nameOf = (member) => member.nickname ?? member.user.username;
  const submit = async ({ member, permission, channel }) => {
    const found = await explain(server.id, { permission, memberId: member || undefined, channelId: channel || undefined });
    setAnswer({ ...found, name: nameOf(all.find(({ id }) => id === found.memberId) ?? { user: { username: "" } }) });
  };
  return html`<p class="lead">${t("whyText")}</p>
    <${Form} submit=${submit} label=${t("ask")}>
      <${Field} as="select" label=${t("person")} name="member">${people.map((one) => html`<option key=${one.id} value=${one.id} selected=${one.userId === myId.value}>${nameOf(one)}</option>`)}</${Field}>
      <${Field} as="select" label=${t("permission")} name="permission">${PERMISSIONS.map((name) => html`<option key=${name} value=${name}>${permissionName(name)}</option>`)}</${Field}>
      <${Field} as="select" label=${t("where")} name="channel"><option value="">${t("wholeServerPlace")}</option>${server.channels.map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}</${Field}>
    </${Form}>
    ${answer && html`<${Answer} answer=${answer} />`}`;
}

function Answer({ answer }) {
  const { granted, permission, name, chain } = answer;
  return html`<section class="answer ${granted ? "yes" : "no"}" role="status">
    <h2><${Icon} name=${granted ? "check" : "close"} />${t(granted ? "mayDo" : "mayNotDo", { name, permission: permissionName(permission) })}</h2>
    ${chain.length === 0
      ? html`<p class="lead">${t("neverGranted")}</p>`
      : html`<ol class="chain">${chain.map(({ rule, effect, role }, at) => html`<li key=${at} class=${effect}><${Icon} name=${effect === "allow" ? "check" : "close"} size="16px" /><span>${t(`rule-${rule}`, { role: role?.name })}</span><strong>${t(effect)}</strong>${at === chain.length - 1 && html`<span class="badge">${t("decides")}</span>`}</li>`)}</ol>`}
  </section>`;
}
