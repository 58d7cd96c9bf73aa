// Ctrl+K: go anywhere by typing a part of its name. And the keys that work everywhere.

import { html, useRef, useState } from "../html.js";
import { Avatar } from "../parts/avatar.js";
import { Dialog, open } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { go, paths, route } from "../router.js";
import { conversations, titleOf } from "../state/friends.js";
import { currentServer, servers } from "../state/servers.js";
import { unreadIn } from "../state/unread.js";
import { t } from "../texts/index.js";

const MOST = 12;

function places() {
  const all = [];
  for (const server of servers.value.values()) {
    all.push({ key: `s${server.id}`, name: server.name, where: t("servers"), server, to: paths.server(server.id) });
    for (const { id, name, type } of server.channels) all.push({ key: `c${id}`, name, where: server.name, icon: type, unread: unreadIn(id), to: paths.server(server.id, id) });
  }
  for (const one of conversations.value.values()) all.push({ key: `d${one.id}`, name: titleOf(one), where: t("conversations"), icon: "person", unread: unreadIn(one.id), to: paths.direct(one.id) });
  return all;
}

// What begins with it first, then what holds it; without a word what is unread.
function matching(query) {
  const wanted = query.trim().toLowerCase();
  const rank = ({ name, where, unread }) => {
    if (!wanted) return unread ? 0 : 3;
    const own = name.toLowerCase();
    if (own.startsWith(wanted)) return 0;
    if (own.includes(wanted)) return 1;
    return `${where} ${name}`.toLowerCase().includes(wanted) ? 2 : 9;
  };
  return places().map((one) => [rank(one), one]).filter(([place]) => place < 9).sort(([one], [other]) => one - other).slice(0, MOST).map(([, one]) => one);
}

function Switcher({ close }) {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useRef(null);
  const found = matching(query);
  const choose = (one) => {
    close();
    go(one.to);
  };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) setChosen((chosen + step + found.length) % found.length);
    else if (event.key === "Enter" && found[chosen]) choose(found[chosen]);
    else return;
    event.preventDefault();
  };
  return html`<${Dialog} title=${t("switcher")} close=${close} class="switcher">
    <input class="input" type="text" role="combobox" aria-expanded="true" aria-controls="places" aria-activedescendant=${found[chosen] && `place-${chosen}`} aria-label=${t("switcherHint")} placeholder=${t("switcherHint")} autocomplete="off" autofocus onInput=${({ target }) => (setQuery(target.value), setChosen(0))} onKeyDown=${onKeyDown} />
    <ul ref=${list} id="places" class="places" role="listbox" aria-label=${t("switcher")}>
      ${found.map(
        (one, at) => html`<li key=${one.key} id=${`place-${at}`} role="option" aria-selected=${at === chosen} onMouseMove=${() => at !== chosen && setChosen(at)} onClick=${() => choose(one)}>
          ${one.server ? html`<${Avatar} id=${one.server.id} name=${one.server.name} picture=${one.server.icon} size=${22} square />` : html`<${Icon} name=${one.icon} />`}
          <strong>${one.name}</strong><span class="hint">${one.where}</span>
        </li>`,
      )}
    </ul>
    ${!found.length && html`<p class="hint" role="status">${t("nothingFound")}</p>`}
  </${Dialog}>`;
}

// The channel before or after the open one, in the order in which they are shown.
function step(by, unreadOnly) {
  const server = currentServer.peek();
  if (!server) return;
  const order = [null, ...server.categories.map(({ id }) => id)].flatMap((category) => server.channels.filter(({ categoryId }) => categoryId === category));
  const list = order.filter(({ id }) => id === route.peek().channelId || !unreadOnly || unreadIn(id));
  if (!list.length) return;
  const at = list.findIndex(({ id }) => id === route.peek().channelId);
  go(paths.server(server.id, list.at((at + by) % list.length).id));
}

export function onKeys(event) {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.code === "KeyK" && !event.altKey && !event.shiftKey) {
    if (!document.querySelector("dialog[open]")) open(Switcher);
  } else if (event.altKey && !command && (event.key === "ArrowUp" || event.key === "ArrowDown")) step(event.key === "ArrowUp" ? -1 : 1, event.shiftKey);
  else return;
  event.preventDefault();
}
