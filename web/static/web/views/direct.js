// A conversation without a server, and the list of them.

import { html } from "../html.js";
import { Avatar } from "../parts/avatar.js";
import { confirm, open } from "../parts/dialog.js";
import { Icon, IconButton } from "../parts/icon.js";
import { Menu } from "../parts/menu.js";
import { go, link, paths, route } from "../router.js";
import { blocked, conversations, inOrder, removeFromGroup, requestsTo, titleOf } from "../state/friends.js";
import { presenceOf } from "../state/presence.js";
import { myId } from "../state/session.js";
import { unreadIn } from "../state/unread.js";
import { t } from "../texts/index.js";
import { ChatView } from "./chat/chat.js";
import { AddToGroup, CreateGroup, RenameGroup } from "./dialogs/group.js";
import { ReportDialog } from "./dialogs/report.js";
import { confirmBlock, FriendsView } from "./friends.js";
import { Count } from "./rail.js";

export function DirectView({ channelId, messageId }) {
  const conversation = conversations.value.get(channelId);
  if (!conversation) return html`<${FriendsView} />`;
  const { type, participants } = conversation;
  const channel = { id: channelId, serverId: null, type: "text", name: titleOf(conversation), participants };
  if (type === "group") channel.description = t("members", { n: participants.length });
  return html`<${ChatView} channel=${channel} messageId=${messageId} tools=${html`<${ConversationMenu} conversation=${conversation} />`} />`;
}

const otherOf = ({ participants }) => participants.find(({ id }) => id !== myId.value);

function ConversationMenu({ conversation }) {
  const other = otherOf(conversation);
  if (conversation.type === "direct") {
    const items = [
      other && !blocked.value.has(other.id) && { label: t("blockPerson"), icon: "ban", danger: true, act: () => confirmBlock(other) },
      other && { label: t("report"), icon: "flag", danger: true, act: () => open(ReportDialog, { user: other }) },
    ];
    return other && html`<${Menu} label=${t("conversationMenu")} items=${items} />`;
  }
  const { id, ownerId, participants } = conversation;
  const owner = ownerId === myId.value;
  const leave = () => confirm({ title: t("leaveGroup"), text: t("leaveGroupText", { name: titleOf(conversation) }), label: t("leaveGroup"), act: async () => (await removeFromGroup(id, myId.peek()), go("/friends", { replace: true })) });
  const remove = (one) => confirm({ title: t("removeFromGroup", { name: one.username }), text: t("removeFromGroupText", { name: one.username }), label: t("removeFromGroupShort"), act: () => removeFromGroup(id, one.id) });
  const items = [
    { label: t("addToGroup"), icon: "invite", act: () => open(AddToGroup, { conversation }) },
    { label: t("renameGroup"), icon: "edit", act: () => open(RenameGroup, { conversation }) },
    null,
    ...(owner ? participants.filter((one) => one.id !== ownerId).map((one) => ({ label: t("removeFromGroup", { name: one.username }), icon: "close", danger: true, act: () => remove(one) })) : []),
    { label: t("leaveGroup"), icon: "exit", danger: true, act: leave },
  ];
  return html`<${Menu} label=${t("conversationMenu")} items=${items} />`;
}

export function DirectList() {
  const { name, channelId } = route.value;
  const waiting = requestsTo("incoming").length;
  return html`<nav class="channels" aria-label=${t("conversations")}>
    <a class="channel-row" aria-current=${name === "friends" ? "page" : undefined} ...${link("/friends")}>
      <${Icon} name="people" /><span class="channel-name">${t("friends")}</span>
      ${waiting > 0 && html`<span class="sr-only">${t("requestCount", { n: waiting })}</span><${Count} n=${waiting} strong />`}
    </a>
    <div class="group-head direct-head">
      <h3 class="group-title plain">${t("conversations")}</h3>
      <${IconButton} icon="plus" label=${t("createGroup")} class="small" onClick=${() => open(CreateGroup)} />
    </div>
    ${conversations.value.size === 0 && html`<p class="hint direct-hint">${t("noConversationText")}</p>`}
    <ul>${inOrder(conversations.value.values()).map((one) => html`<${Row} key=${one.id} conversation=${one} current=${channelId === one.id} />`)}</ul>
  </nav>`;
}

function Row({ conversation, current }) {
  const { id, type, participants } = conversation;
  const other = otherOf(conversation);
  const [title, count, direct] = [titleOf(conversation), current ? 0 : unreadIn(id), type === "direct"];
  return html`<li>
    <a class="channel-row direct-row ${count ? "unread" : ""}" aria-current=${current ? "page" : undefined} ...${link(paths.direct(id))}>
      <${Avatar} id=${direct && other ? other.id : id} name=${title} picture=${direct ? other?.profilePicture : null} size=${30} status=${direct && other ? presenceOf(other.id) : undefined} />
      <span class="channel-name">${title}${!direct && html`<small class="hint">${t("members", { n: participants.length })}</small>`}</span>
      ${count > 0 && html`<span class="sr-only">${t("unreadCount", { n: count })}</span><${Count} n=${count} strong />`}
    </a>
  </li>`;
}
