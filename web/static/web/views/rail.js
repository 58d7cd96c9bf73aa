// The servers, one below the other; the first place is for friends and direct messages.

import { html } from "../html.js";
import { Avatar } from "../parts/avatar.js";
import { open } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { link, paths, route } from "../router.js";
import { conversations } from "../state/friends.js";
import { servers } from "../state/servers.js";
import { unreadByServer, unreadIn } from "../state/unread.js";
import { t } from "../texts/index.js";
import { CreateServer } from "./dialogs/server.js";

export function Rail() {
  const { name, serverId } = route.value;
  const direct = [...conversations.value.keys()].reduce((sum, id) => sum + unreadIn(id), 0);
  return html`<nav class="rail" aria-label=${t("servers")}>
    <a class="rail-item" title=${t("people")} aria-current=${name === "friends" || name === "direct" ? "page" : undefined} ...${link("/friends")}>
      <span class="sr-only">${t("people")}</span><span class="rail-face"><${Icon} name="people" size="22px" /></span>
      ${direct > 0 && html`<${Count} n=${direct} strong />`}
    </a>
    <hr />
    <ul>
      ${[...servers.value.values()].map((server) => {
        const { unread = 0, mentions = 0 } = unreadByServer.value.get(server.id) ?? {};
        const told = unread ? `${server.name}, ${t("unreadCount", { n: unread })}` : server.name;
        return html`<li key=${server.id}>
          <a class="rail-item ${unread ? "unread" : ""}" title=${server.name} aria-current=${serverId === server.id ? "page" : undefined} ...${link(paths.server(server.id))}>
            <span class="sr-only">${told}</span>
            <${Avatar} id=${server.id} name=${server.name} picture=${server.icon} size=${44} square />
            ${mentions > 0 && html`<${Count} n=${mentions} strong />`}
          </a>
        </li>`;
      })}
    </ul>
    <button type="button" class="rail-item" aria-label=${t("createServer")} title=${t("createServer")} onClick=${() => open(CreateServer)}>
      <span class="rail-face add"><${Icon} name="plus" size="20px" /></span>
    </button>
  </nav>`;
}

export function Count({ n, strong = false }) {
  return html`<span class="count ${strong ? "strong" : ""}" aria-hidden="true">${n > 99 ? "99+" : n}</span>`;
}
