// What one can do with somebody: a click on him, wherever he is shown.

import { html } from "../html.js";
import { Menu } from "../parts/menu.js";
import { attempt } from "../parts/toasts.js";
import { go, paths, route } from "../router.js";
import { api } from "../state/client.js";
import { conversations } from "../state/friends.js";
import { put } from "../state/store.js";
import { insertMention } from "../state/drafts.js";
import { myId } from "../state/session.js";
import { t } from "../texts/index.js";

export function MemberMenu({ server, member, class: more, children }) {
  const { userId, user } = member;
  const write = async () => {
    const conversation = await api.post("/dms", { userId });
    put(conversations, conversation.id, conversation);
    go(paths.direct(conversation.id));
  };
  const items = [
    route.value.channelId && { label: t("mention"), icon: "at", act: () => insertMention(route.peek().channelId, user.username) },
    userId !== myId.value && { label: t("writeTo"), icon: "reply", act: () => attempt(write) },
  ];
  return html`<${Menu} label=${member.nickname || user.username} class=${more} items=${items}>${children}</${Menu}>`;
}
