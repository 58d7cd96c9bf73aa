// Who of the server's people changed what, the newest first.

import { html, useEffect, useState } from "../../html.js";
import { Empty, Skeleton } from "../../parts/empty.js";
import { Field } from "../../parts/form.js";
import { moment } from "../../parts/time.js";
import { attempt } from "../../parts/toasts.js";
import { membersOf } from "../../state/members.js";
import { auditOf } from "../../state/moderation.js";
import { t } from "../../texts/index.js";
import { permissionName, PERMISSIONS } from "./permissions.js";
import { BITS } from "../../state/rights.js";

const ACTIONS = (
  "member.add member.kick member.ban ban.lift member.timeout member.roles member.role member.nickname member.voice member.move " +
  "role.create role.update role.delete channel.create channel.update channel.delete channel.arrange overwrite.put overwrite.delete " +
  "category.create category.update category.delete message.edit message.delete message.bulk_delete message.pin message.unpin reaction.remove invite.delete bot.add webhook.create webhook.update webhook.rotate webhook.delete event-hook.create event-hook.update event-hook.delete server.update server.owner server.delete"
).split(" ");
const BITFIELDS = new Set(["permissions", "allow", "deny"]);

export function AuditSection({ server }) {
  const [filter, setFilter] = useState({ actorId: "", action: "" });
  const [{ entries, more, page }, setFound] = useState({ entries: null, more: false, page: 0 });
  const load = async (number) => {
    const found = await attempt(() => auditOf(server.id, { page: number, actorId: filter.actorId || undefined, action: filter.action || undefined }));
    if (!found) return;
    setFound((old) => ({ entries: number === 1 ? found.entries : [...old.entries, ...found.entries], more: number < found.totalPages, page: number }));
  };
  useEffect(() => void load(1), [server.id, filter]);
  const choose = (name) => ({ target }) => setFilter({ ...filter, [name]: target.value });
  const people = [...(membersOf(server.id)?.values() ?? [])];
  return html`<div class="pair filters">
      <${Field} as="select" label=${t("who")} value=${filter.actorId} onChange=${choose("actorId")}><option value="">${t("anybody")}</option>${people.map(({ userId, user }) => html`<option key=${userId} value=${userId}>${user.username}</option>`)}</${Field}>
      <${Field} as="select" label=${t("didWhat")} value=${filter.action} onChange=${choose("action")}><option value="">${t("anything")}</option>${ACTIONS.map((one) => html`<option key=${one} value=${one}>${t(`audit-${one}`)}</option>`)}</${Field}>
    </div>
    ${!entries && html`<${Skeleton} lines=${6} />`}
    ${entries?.length === 0 && html`<${Empty} icon="book" title=${t("nothingFound")} />`}
    ${entries?.length > 0 && html`<ol class="rows">${entries.map((one) => html`<${Entry} key=${one.id} entry=${one} />`)}</ol>`}
    ${more && html`<button type="button" class="button" onClick=${() => load(page + 1)}>${t("showMore")}</button>`}`;
}

function Entry({ entry }) {
  const { at, actorName, action, targetName, before, after, reason } = entry;
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return html`<li class="row tall">
    <div class="row-text">
      <span><strong>${actorName}</strong> · ${named(`audit-${action}`, action)}${targetName && html` · <strong>${targetName}</strong>`}</span>
      ${reason && html`<span>${t("because", { reason })}</span>`}
      <small class="hint">${moment(at)}</small>
      ${fields.length > 0 &&
      html`<details><summary>${t("whatChanged")}</summary>
        <dl class="changes">${fields.map((name) => html`<div key=${name}><dt>${named(`field-${name}`, name)}</dt><dd>${name in (before ?? {}) && html`<del>${said(name, before[name])}</del>`} ${name in (after ?? {}) && html`<ins>${said(name, after[name])}</ins>`}</dd></div>`)}</dl>
      </details>`}
    </div>
  </li>`;
}

// What has no words of its own yet is called as the log calls it.
function named(key, plain) {
  const text = t(key);
  return text === key ? plain : text;
}

function said(field, value) {
  if (value === null || value === "") return "–";
  if (BITFIELDS.has(field) && /^\d+$/.test(String(value))) {
    const bits = BigInt(value);
    return PERMISSIONS.filter((name) => bits & BITS[name]).map(permissionName).join(", ") || "–";
  }
  return value === true ? "✓" : value === false ? "✗" : String(value);
}
