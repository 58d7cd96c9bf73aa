// A conversation without a server, and the list of them.

import { html } from "../html.js";
import { Avatar } from "../parts/avatar.js";
import { link, paths, route } from "../router.js";
import { conversations, titleOf } from "../state/friends.js";
import { myId } from "../state/session.js";
import { unreadIn } from "../state/unread.js";
import { t } from "../texts/index.js";
import { ChatView } from "./chat/chat.js";
import { Count } from "./rail.js";
import { FriendsView } from "./friends.js";

export function DirectView({ channelId, messageId }) {
  const conversation = conversations.value.get(channelId);
  if (!conversation) return html`<${FriendsView} />`;
  const channel = { id: channelId, serverId: null, type: "text", name: titleOf(conversation), participants: conversation.participants };
  return html`<${ChatView} channel=${channel} messageId=${messageId} />`;
}

export function DirectList() {
  const { channelId } = route.value;
  return html`<nav class="channels" aria-label=${t("conversations")}>
    <a class="channel-row" aria-current=${route.value.name === "friends" ? "page" : undefined} ...${link("/friends")}><span class="channel-name">${t("people")}</span></a>
    <h3 class="group-title">${t("conversations")}</h3>
    <ul>
      ${[...conversations.value.values()].map((one) => {
        const other = one.participants.find(({ id }) => id !== myId.value) ?? one;
        const count = unreadIn(one.id);
        return html`<li key=${one.id}>
          <a class="channel-row ${count ? "unread" : ""}" aria-current=${channelId === one.id ? "page" : undefined} ...${link(paths.direct(one.id))}>
            <${Avatar} id=${other.id} name=${titleOf(one)} picture=${one.type === "direct" ? other.profilePicture : null} size=${26} />
            <span class="channel-name">${titleOf(one)}</span>
            ${count > 0 && html`<${Count} n=${count} strong />`}
          </a>
        </li>`;
      })}
    </ul>
  </nav>`;
}
