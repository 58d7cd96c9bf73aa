// Everything under /settings: a list of sections beside the open one; on a phone first the list, then the section.

import { effect, html, useEffect, useRef } from "../html.js";
import { Icon, IconButton } from "../parts/icon.js";
import { Empty } from "../parts/empty.js";
import { attempt } from "../parts/toasts.js";
import { go, link, route } from "../router.js";
import { loadMembers, membersOf } from "../state/members.js";
import { servers } from "../state/servers.js";
import { signOut } from "../state/session.js";
import { t } from "../texts/index.js";
import { narrow } from "../views/layout.js";
import { serverSections } from "./server/index.js";
import { userSections } from "./user/index.js";

let before = "/"; // where one came from

effect(() => {
  if (route.value.name !== "settings") before = location.pathname;
});

const leave = () => go(before);

export function SettingsView() {
  const parts = (route.value.section ?? "").split("/").filter(Boolean);
  if (parts[0] !== "server") return html`<${Frame} title=${t("settings")} base="/settings" groups=${userSections()} path=${parts} foot=${SignOut} />`;
  const server = servers.value.get(Number(parts[1]));
  if (!server) return html`<main class="page"><${Empty} icon="search" title=${t("noSuchServer")}><button type="button" class="button" onClick=${leave}>${t("back")}</button></${Empty}></main>`;
  return html`<${Frame} key=${server.id} title=${server.name} base=${`/settings/server/${server.id}`} groups=${serverSections(server)} path=${parts.slice(2)} server=${server} />`;
}

const SignOut = () => html`<button type="button" class="channel-row" onClick=${signOut}><${Icon} name="exit" /><span class="channel-name">${t("signOut")}</span></button>`;

// groups: [[title, [{ name, label, icon, Section }]]]
function Frame({ title, base, groups, path, server, foot: Foot }) {
  const all = groups.flatMap(([, sections]) => sections);
  const [wanted, ...rest] = path;
  const listOnly = narrow.value && !wanted;
  const open = all.find(({ name }) => name === wanted) ?? all[0];
  const heading = useRef(null);
  useEffect(() => {
    const onKeyDown = (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open], .menu")) leave();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  useEffect(() => heading.current?.focus(), [open?.name, listOnly]);
  useEffect(() => {
    if (server && !membersOf(server.id)) attempt(() => loadMembers(server.id));
  }, [server?.id]);
  const { Section } = open;
  return html`<div class="settings ${narrow.value ? "narrow" : ""}">
    ${(!narrow.value || listOnly) &&
    html`<aside class="settings-side" aria-label=${title}>
      <header class="side-head"><h2>${title}</h2>${narrow.value && html`<${IconButton} icon="close" label=${t("closeSettings")} onClick=${leave} />`}</header>
      <nav class="side-scroll" aria-label=${t("settings")}>
        ${groups.map(
          ([name, sections]) => html`<section key=${name} class="group">
            <h3 class="group-title plain">${name}</h3>
            <ul>${sections.map((one) => html`<li key=${one.name}><a class="channel-row ${one.danger ? "danger" : ""}" aria-current=${!listOnly && one === open ? "page" : undefined} ...${link(`${base}/${one.name}`)}><${Icon} name=${one.icon} /><span class="channel-name">${one.label}</span></a></li>`)}</ul>
          </section>`,
        )}
        ${Foot && html`<section class="group"><${Foot} /></section>`}
      </nav>
    </aside>`}
    ${!listOnly &&
    html`<main class="settings-main">
      <header class="top-bar">
        ${narrow.value && html`<${IconButton} icon="back" label=${t("back")} onClick=${() => go(base)} />`}
        <h1 ref=${heading} tabindex="-1">${open.label}</h1>
        <div class="top-tools"><${IconButton} icon="close" label=${t("closeSettings")} onClick=${leave} /></div>
      </header>
      <div class="settings-page"><div class="settings-body"><${Section} key=${open.name} server=${server} path=${rest} /></div></div>
    </main>`}
  </div>`;
}
