// Channels, and what each gives and takes: by role and by member.

import { html, useState } from "../../html.js";
import { confirm, open, useAsked } from "../../parts/dialog.js";
import { Skeleton } from "../../parts/empty.js";
import { Field, Form } from "../../parts/form.js";
import { Icon, IconButton } from "../../parts/icon.js";
import { duration } from "../../parts/time.js";
import { toast } from "../../parts/toasts.js";
import { link } from "../../router.js";
import { memberOf, membersOf } from "../../state/members.js";
import { dropOverwrite, overwritesOf, putOverwrite } from "../../state/moderation.js";
import { may } from "../../state/rights.js";
import { t } from "../../texts/index.js";
import { ChannelDialog } from "../../views/dialogs/channel.js";
import { Block } from "../block.js";
import { OverwriteChecks } from "./permissions.js";

export function ChannelSection({ server, path: [id] }) {
  const base = `/settings/server/${server.id}/channels`;
  const channel = server.channels.find((one) => one.id === Number(id));
  if (channel) return html`<${ChannelEditor} key=${channel.id} server=${server} channel=${channel} base=${base} />`;
  return html`<p class="lead">${t("channelsText")}</p>
    ${may("MANAGE_CHANNELS", server.id) && html`<div class="actions start"><button type="button" class="button primary" onClick=${() => open(ChannelDialog, { server })}><${Icon} name="plus" />${t("createChannel")}</button></div>`}
    <ul class="rows">
      ${server.channels.map(
        (one) => html`<li key=${one.id} class="row"><span class="row-mark"><${Icon} name=${one.type} /></span><a class="row-text" ...${link(`${base}/${one.id}`)}><strong>${one.name}</strong><small class="hint">${about(one)}</small></a></li>`,
      )}
    </ul>`;
}

function about({ type, slowmode, userLimit, description }) {
  const said = [description];
  if (type === "text" && slowmode) said.push(`${t("slowmode")}: ${duration(slowmode)}`);
  if (type === "voice" && userLimit) said.push(`${t("userLimit")}: ${userLimit}`);
  return said.filter(Boolean).join(" · ");
}

function ChannelEditor({ server, channel, base }) {
  return html`<p><a class="back-link" ...${link(base)}><${Icon} name="back" size="16px" />${t("allChannels")}</a></p>
    <h2 class="role-title"><${Icon} name=${channel.type} />${channel.name}</h2>
    ${may("MANAGE_CHANNELS", server.id, channel.id) &&
    html`<${Block} title=${t("general")} text=${about(channel) || t("channelPlain")}><div class="actions start"><button type="button" class="button" onClick=${() => open(ChannelDialog, { server, channel })}><${Icon} name="edit" />${t("editChannel")}</button></div></${Block}>`}
    ${may("MANAGE_ROLES", server.id) && html`<${Overwrites} server=${server} channel=${channel} />`}`;
}

const keyOf = ({ roleId, memberId }) => (roleId ? `role-${roleId}` : `member-${memberId}`);

function Overwrites({ server, channel }) {
  const [asked, setAsked] = useState(0);
  const [chosen, setChosen] = useState(null);
  const [list, error] = useAsked(() => overwritesOf(channel), [channel.id, asked]);
  if (error) return html`<p class="error" role="alert">${error.message}</p>`;
  if (!list) return html`<${Skeleton} lines=${4} />`;
  const byMemberId = new Map([...(membersOf(server.id)?.values() ?? [])].map((one) => [one.id, one]));
  const nameOf = ({ roleId, memberId }) => {
    const member = byMemberId.get(memberId);
    return roleId ? (server.roles.find(({ id }) => id === roleId)?.name ?? "?") : (member?.nickname ?? member?.user.username ?? "?");
  };
  const whoFrom = (key) => ({ [key.startsWith("role-") ? "roleId" : "memberId"]: Number(key.split("-")[1]) });
  const taken = new Set(list.map(keyOf));
  const open_ = chosen === null ? null : (list.find((one) => keyOf(one) === chosen) ?? { ...whoFrom(chosen), allow: "0", deny: "0" });
  const done = () => {
    setAsked(asked + 1);
    setChosen(null);
  };
  const remove = (one) => confirm({ title: t("dropOverwrite"), text: t("dropOverwriteText", { name: nameOf(one) }), label: t("dropOverwrite"), act: async () => (await dropOverwrite(channel, one), done()) });
  const options = [
    ...server.roles.filter(({ id }) => !taken.has(`role-${id}`)).map(({ id, name }) => [`role-${id}`, name]),
    ...[...byMemberId.values()].filter(({ id }) => !taken.has(`member-${id}`)).map((one) => [`member-${one.id}`, `@${one.nickname ?? one.user.username}`]),
  ];
  return html`<${Block} title=${t("overwrites")} text=${t("overwritesText")}>
    <ul class="rows">
      ${list.map((one) => {
        const current = chosen === keyOf(one);
        return html`<li key=${keyOf(one)} class="row ${current ? "current" : ""}">
          <span class="row-mark"><${Icon} name=${one.roleId ? "badge" : "person"} /></span>
          <button type="button" class="row-text plain" aria-expanded=${current} onClick=${() => setChosen(current ? null : keyOf(one))}><strong>${nameOf(one)}</strong><small class="hint">${t("givesAndTakes", { allow: countOf(one.allow), deny: countOf(one.deny) })}</small></button>
          <${IconButton} icon="trash" label=${t("dropOverwriteOf", { name: nameOf(one) })} class="danger" onClick=${() => remove(one)} />
        </li>`;
      })}
    </ul>
    <${Field} as="select" label=${t("addOverwrite")} value="" onChange=${({ target }) => target.value && setChosen(target.value)}><option value="">${t("chooseWho")}</option>${options.map(([key, name]) => html`<option key=${key} value=${key}>${name}</option>`)}</${Field}>
    ${open_ && html`<${OverwriteEditor} key=${chosen} channel=${channel} overwrite=${open_} name=${nameOf(open_)} done=${done} />`}
  </${Block}>`;
}

const countOf = (bits) => BigInt(bits).toString(2).replaceAll("0", "").length;

function OverwriteEditor({ channel, overwrite, name, done }) {
  const [value, setValue] = useState(() => ({ allow: BigInt(overwrite.allow), deny: BigInt(overwrite.deny) }));
  const submit = async () => {
    await putOverwrite(channel, overwrite, value.allow, value.deny);
    toast(t("saved"));
    done();
  };
  return html`<section class="overwrite" aria-label=${name}><h3>${name}</h3><${Form} submit=${submit} label=${t("save")} cancel=${done} class="form sticky-actions changed"><${OverwriteChecks} value=${value} onChange=${setValue} /></${Form}></section>`;
}
