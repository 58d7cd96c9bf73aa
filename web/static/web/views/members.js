// The people of a server: by the highest role that is shown apart, then who is there and who is not.

import { html, useMemo, useState } from "../html.js";
import { Avatar } from "../parts/avatar.js";
import { Skeleton } from "../parts/empty.js";
import { IconButton } from "../parts/icon.js";
import { connection } from "../state/connection.js";
import { colourOf, membersOf } from "../state/members.js";
import { presences } from "../state/presence.js";
import { language, t } from "../texts/index.js";
import { MemberMenu } from "./member-menu.js";
import { grouped } from "./grouping.js";
import { drawer, medium } from "./layout.js";

const SHOWN = 100; // rows of a group before one asks for more

export function MemberList({ server }) {
  const list = membersOf(server.id);
  const known = connection.value === "online" ? presences.value : null;
  const groups = useMemo(() => list && grouped([...list.values()], server.roles, known, language.value), [list, server.roles, known, language.value]);
  return html`<aside class="members" aria-label=${t("memberList")}>
    <header class="side-head"><h2>${t("members", { n: list?.size ?? server.memberCount })}</h2>
      ${medium.value && html`<${IconButton} icon="close" label=${t("close")} onClick=${() => (drawer.value = null)} />`}
    </header>
    <div class="side-scroll">${groups ? groups.map((group) => html`<${Group} key=${group.key} group=${group} server=${server} />`) : html`<${Skeleton} lines=${8} />`}</div>
  </aside>`;
}

function Group({ group, server }) {
  const [shown, setShown] = useState(SHOWN);
  return html`<section class="group">
    <h3 class="group-title plain">${group.name ?? t(group.key)} <span class="group-count">${group.members.length}</span></h3>
    <ul>
      ${group.members.slice(0, shown).map(
        (member) => html`<li key=${member.id}>
          <${MemberMenu} server=${server} member=${member} class="member-row ${group.key === "offline" ? "away" : ""}">
            <${Avatar} id=${member.userId} name=${member.nickname || member.user.username} picture=${member.user.profilePicture} size=${30} status=${group.known ? presences.value.get(member.userId) : undefined} />
            <span class="member-name" style=${{ "--role": colourOf(server.id, member.userId) ?? undefined }}>${member.nickname || member.user.username}</span>
          </${MemberMenu}>
        </li>`,
      )}
    </ul>
    ${group.members.length > shown && html`<button type="button" class="link" onClick=${() => setShown(shown + SHOWN)}>${t("showMore")}</button>`}
  </section>`;
}
