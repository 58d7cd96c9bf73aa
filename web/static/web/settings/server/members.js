// Who is there, and what one may do to each.

import { html, useState } from "../../html.js";
import { Avatar } from "../../parts/avatar.js";
import { Skeleton } from "../../parts/empty.js";
import { Field } from "../../parts/form.js";
import { Menu } from "../../parts/menu.js";
import { date } from "../../parts/time.js";
import { membersOf } from "../../state/members.js";
import { language, t } from "../../texts/index.js";
import { isTimedOut, memberActs } from "../../views/member-menu.js";

const SHOWN = 100;

export function MemberSection({ server }) {
  const [query, setQuery] = useState("");
  const [role, setRole] = useState("");
  const [shown, setShown] = useState(SHOWN);
  const list = membersOf(server.id);
  if (!list) return html`<${Skeleton} lines=${8} />`;
  const wanted = query.trim().toLowerCase();
  const collator = new Intl.Collator(language.value);
  const name = (member) => member.nickname || member.user.username;
  const found = [...list.values()]
    .filter((member) => `${member.nickname ?? ""} ${member.user.username}`.toLowerCase().includes(wanted))
    .filter((member) => !role || member.roles.some(({ id }) => id === Number(role)) || member.role === role)
    .sort((one, other) => collator.compare(name(one), name(other)));
  return html`<div class="pair filters">
      <${Field} label=${t("findMember")} type="search" value=${query} onInput=${({ target }) => setQuery(target.value)} autocomplete="off" />
      <${Field} as="select" label=${t("role")} value=${role} onChange=${({ target }) => setRole(target.value)}>
        <option value="">${t("anyRole")}</option>
        ${["owner", "admin", "moderator"].map((one) => html`<option key=${one} value=${one}>${t(`rank-${one}`)}</option>`)}
        ${server.roles.filter(({ id }) => [...list.values()].some((member) => member.roles.some((one) => one.id === id))).map(({ id, name: title }) => html`<option key=${id} value=${id}>${title}</option>`)}
      </${Field}>
    </div>
    <p class="hint" role="status">${t("members", { n: found.length })}</p>
    <ul class="rows">${found.slice(0, shown).map((member) => html`<${Row} key=${member.id} server=${server} member=${member} />`)}</ul>
    ${found.length > shown && html`<button type="button" class="link" onClick=${() => setShown(shown + SHOWN)}>${t("showMore")}</button>`}`;
}

function Row({ server, member }) {
  const { userId, user, nickname, role, createdAt } = member;
  const name = nickname || user.username;
  const roles = member.roles.map(({ id }) => server.roles.find((one) => one.id === id)).filter(Boolean);
  const acts = memberActs(server, member).slice(1);
  return html`<li class="row">
    <${Avatar} id=${userId} name=${name} picture=${user.profilePicture} size=${38} />
    <div class="row-text">
      <strong>${name}</strong>
      <small class="hint">${nickname ? `${user.username} · ` : ""}${t("memberSince", { day: date(createdAt) })}</small>
      <span class="badges">
        ${role !== "member" && html`<span class="badge">${t(`rank-${role}`)}</span>`}
        ${roles.map(({ id, name: title, color }) => html`<span key=${id} class="badge role"><i class="swatch" style=${{ background: color }} />${title}</span>`)}
        ${isTimedOut(member) && html`<span class="badge warn">${t("timedOut")}</span>`}
      </span>
    </div>
    ${acts.length > 0 && html`<${Menu} label=${t("moreAbout", { name })} items=${acts} />`}
  </li>`;
}
