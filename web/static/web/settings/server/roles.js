// Roles in their order. A higher role's carriers stand above a lower one's.

import { html, useState } from "../../html.js";
import { Icon, IconButton } from "../../parts/icon.js";
import { announce, attempt } from "../../parts/toasts.js";
import { go, link } from "../../router.js";
import { membersOf } from "../../state/members.js";
import { createRole, placeRoles } from "../../state/moderation.js";
import { placed, presetsOf } from "../../state/roles.js";
import { t } from "../../texts/index.js";
import { RoleEditor } from "./role.js";

export function RoleSection({ server, path: [id] }) {
  const base = `/settings/server/${server.id}/roles`;
  const role = server.roles.find((one) => one.id === Number(id));
  if (role) return html`<${RoleEditor} key=${role.id} server=${server} role=${role} back=${base} />`;
  const make = async () => {
    const made = await attempt(() => createRole(server.id, { name: t("newRole"), permissions: "0" }));
    if (made) go(`${base}/${made.id}`);
  };
  return html`<p class="lead">${t("rolesText")}</p>
    <div class="actions start"><button type="button" class="button primary" onClick=${make}><${Icon} name="plus" />${t("createRole")}</button></div>
    <${RoleList} server=${server} base=${base} />`;
}

function RoleList({ server, base }) {
  const [dragged, setDragged] = useState(null);
  const { roles } = server;
  const last = roles.length - 1; // @everyone stays at the bottom
  const everyone = roles[last];
  const presets = new Set(presetsOf(roles));
  const counts = new Map();
  for (const member of membersOf(server.id)?.values() ?? []) for (const { id } of member.roles) counts.set(id, (counts.get(id) ?? 0) + 1);
  const move = async (role, to) => {
    setDragged(null);
    if (to < 0 || to >= last || roles[to] === role) return;
    await attempt(() => placeRoles(server.id, placed(roles, role.id, to)));
    announce(t("roleMoved", { name: role.name, place: to + 1 }));
  };
  return html`<ol class="rows role-list" aria-label=${t("roles")}>
    ${roles.map((role, at) => {
      const fixed = role === everyone;
      return html`<li key=${role.id} class="row ${dragged === role ? "dragged" : ""}" draggable=${!fixed} onDragStart=${() => setDragged(role)} onDragEnd=${() => setDragged(null)} onDragOver=${(event) => dragged && !fixed && event.preventDefault()} onDrop=${() => dragged && move(dragged, at)}>
        <span class="grip">${!fixed && html`<${Icon} name="grip" />`}</span>
        <i class="swatch" style=${{ background: role.color }} />
        <a class="row-text" draggable="false" ...${link(`${base}/${role.id}`)}><strong>${role.name}</strong><small class="hint">${fixed ? t("everyoneHint") : presets.has(role) ? t("rankHint") : t("members", { n: counts.get(role.id) ?? 0 })}</small></a>
        ${!fixed &&
        html`<${IconButton} icon="up" label=${t("roleUp", { name: role.name })} disabled=${at === 0} onClick=${() => move(role, at - 1)} />
          <${IconButton} icon="down" label=${t("roleDown", { name: role.name })} disabled=${at >= last - 1} onClick=${() => move(role, at + 1)} />`}
      </li>`;
    })}
  </ol>`;
}
