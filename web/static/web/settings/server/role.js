// One role: what it is called, what it opens, who carries it.

import { html, useState } from "../../html.js";
import { Avatar } from "../../parts/avatar.js";
import { confirm } from "../../parts/dialog.js";
import { Field, Form, Toggle } from "../../parts/form.js";
import { Icon, IconButton } from "../../parts/icon.js";
import { Tabs } from "../../parts/tabs.js";
import { attempt, toast } from "../../parts/toasts.js";
import { go, link } from "../../router.js";
import { membersOf } from "../../state/members.js";
import { deleteRole, setRoles, updateRole } from "../../state/moderation.js";
import { presetsOf } from "../../state/roles.js";
import { t } from "../../texts/index.js";
import { PermissionChecks } from "./permissions.js";

const COLOURS = ["#99AAB5", "#1ABC9C", "#2ECC71", "#3498DB", "#9B59B6", "#E91E63", "#F1C40F", "#E67E22", "#E74C3C", "#607D8B"];

export function RoleEditor({ server, role, back }) {
  const [tab, setTab] = useState("look");
  const presets = presetsOf(server.roles);
  const everyone = role === presets[0];
  const byHand = !presets.includes(role);
  const tabs = [["look", t("roleLook")], ["permissions", t("permissions")], ...(byHand ? [["carriers", t("memberList")]] : [])];
  const Panel = { look: Look, permissions: Permissions, carriers: Carriers }[tab];
  return html`<p><a class="back-link" ...${link(back)}><${Icon} name="back" size="16px" />${t("allRoles")}</a></p>
    <h2 class="role-title"><i class="swatch" style=${{ background: role.color }} />${role.name}</h2>
    <${Tabs} id="role" label=${role.name} tabs=${tabs} chosen=${tab} choose=${setTab}><${Panel} server=${server} role=${role} everyone=${everyone} byHand=${byHand} back=${back} /></${Tabs}>`;
}

function Look({ server, role, everyone, byHand, back }) {
  const [color, setColor] = useState(role.color);
  const submit = async ({ name, isHoisted, isMentionable }) => {
    await updateRole({ ...role, serverId: server.id }, { ...(everyone ? {} : { name }), color, isHoisted, isMentionable });
    toast(t("saved"));
  };
  const remove = () => confirm({ title: t("deleteRole"), text: t("deleteRoleText", { name: role.name }), label: t("deleteRole"), act: async () => (await deleteRole({ ...role, serverId: server.id }), go(back, { replace: true })) });
  return html`<${Form} submit=${submit} label=${t("save")}>
      <${Field} label=${t("roleName")} name="name" required maxlength="100" defaultValue=${role.name} autocomplete="off" disabled=${everyone} />
      <fieldset class="field"><legend>${t("colour")}</legend>
        <div class="colours">
          ${COLOURS.map((one) => html`<label key=${one} class="colour" style=${{ "--colour": one }}><input type="radio" class="over" name="preset" aria-label=${one} checked=${one.toLowerCase() === color.toLowerCase()} onChange=${() => setColor(one)} /><${Icon} name="check" size="16px" /></label>`)}
          <label class="colour own" title=${t("ownColour")}><input type="color" aria-label=${t("ownColour")} value=${color} onInput=${({ target }) => setColor(target.value.toUpperCase())} /></label>
        </div>
      </fieldset>
      <${Toggle} label=${t("hoisted")} hint=${t("hoistedHint")} name="isHoisted" defaultChecked=${role.isHoisted} />
      <${Toggle} label=${t("mentionable")} name="isMentionable" defaultChecked=${role.isMentionable} />
    </${Form}>
    ${byHand && html`<section class="block danger"><div class="actions start"><button type="button" class="button danger" onClick=${remove}>${t("deleteRole")}</button></div></section>`}`;
}

function Permissions({ server, role }) {
  const [bits, setBits] = useState(() => BigInt(role.permissions));
  const changed = bits !== BigInt(role.permissions);
  const submit = async () => {
    await updateRole({ ...role, serverId: server.id }, { permissions: String(bits) });
    toast(t("saved"));
  };
  return html`<${Form} submit=${submit} label=${t("save")} class="form sticky-actions ${changed ? "changed" : ""}"><${PermissionChecks} value=${bits} onChange=${setBits} /></${Form}>`;
}

function Carriers({ server, role }) {
  const all = [...(membersOf(server.id)?.values() ?? [])];
  const carries = (member) => member.roles.some(({ id }) => id === role.id);
  const [inside, outside] = [all.filter(carries), all.filter((one) => !carries(one))];
  const ids = (member) => member.roles.map(({ id }) => id);
  const name = (member) => member.nickname || member.user.username;
  const add = async ({ member }) => {
    const chosen = outside.find(({ id }) => id === Number(member));
    if (chosen) await setRoles(chosen, [...ids(chosen), role.id]);
  };
  const strip = (member) => attempt(() => setRoles(member, ids(member).filter((id) => id !== role.id)));
  return html`${outside.length > 0 &&
    html`<${Form} submit=${add} label=${t("add")} class="form inline"><${Field} as="select" label=${t("giveRoleTo")} name="member">${outside.map((one) => html`<option key=${one.id} value=${one.id}>${name(one)}</option>`)}</${Field}></${Form}>`}
    ${inside.length === 0 && html`<p class="lead">${t("nobodyCarries")}</p>`}
    <ul class="rows">
      ${inside.map(
        (member) => html`<li key=${member.id} class="row">
          <${Avatar} id=${member.userId} name=${name(member)} picture=${member.user.profilePicture} size=${30} /><span class="row-text"><strong>${name(member)}</strong></span>
          <${IconButton} icon="close" label=${t("takeRole", { name: name(member) })} class="danger" onClick=${() => strip(member)} />
        </li>`,
      )}
    </ul>`;
}
