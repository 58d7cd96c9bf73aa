// What one can do with somebody: a click on him, wherever he is shown.

import { html } from "../html.js";
import { confirm, open } from "../parts/dialog.js";
import { Menu } from "../parts/menu.js";
import { attempt, toast } from "../parts/toasts.js";
import { route } from "../router.js";
import { insertMention } from "../state/drafts.js";
import { befriend, blocked, friends, requests, unblock } from "../state/friends.js";
import { memberOf } from "../state/members.js";
import { kick, timeOut } from "../state/moderation.js";
import { may } from "../state/rights.js";
import { servers } from "../state/servers.js";
import { myId } from "../state/session.js";
import { t } from "../texts/index.js";
import { BanDialog, NicknameDialog, RolesDialog, TimeoutDialog } from "./dialogs/member.js";
import { ReportDialog } from "./dialogs/report.js";
import { confirmBlock, writeTo } from "./friends.js";

// `server`: { id }; none in a conversation.
export function MemberMenu({ server, member, class: more, children }) {
  const { userId, user } = member;
  const whole = server && servers.value.get(server.id);
  const present = whole && memberOf(server.id, userId); // who wrote may be gone by now
  const items = [
    route.value.channelId && { label: t("mention"), icon: "at", act: () => insertMention(route.peek().channelId, user.username) },
    ...(userId === myId.value ? [] : personActs({ ...user, id: userId })),
    ...(present ? memberActs(whole, present) : []),
  ];
  return html`<${Menu} label=${member.nickname || user.username} class=${more} items=${items}>${children}</${Menu}>`;
}

// `person`: { id, username, profilePicture }
function personActs(person) {
  const { id, username } = person;
  const asked = [...requests.value.values()].some(({ user }) => user.id === id);
  const ask = async () => {
    await befriend({ friendId: id });
    toast(t("requestSentTo", { name: username }));
  };
  const isBlocked = blocked.value.has(id);
  return [
    !isBlocked && { label: t("writeTo"), icon: "reply", act: () => writeTo(id) },
    !isBlocked && !asked && !friends.value.has(id) && { label: t("addFriend"), icon: "invite", act: () => attempt(ask) },
    isBlocked ? { label: t("unblock"), icon: "ban", act: () => attempt(() => unblock(id)) } : { label: t("blockPerson"), icon: "ban", danger: true, act: () => confirmBlock(person) },
    { label: t("report"), icon: "flag", danger: true, act: () => open(ReportDialog, { user: person }) },
  ];
}

// What who runs the server may do to him; the server refuses what goes above one's own roles.
export function memberActs(server, member) {
  const { id: serverId } = server;
  const mine = member.userId === myId.value;
  const owner = member.userId === server.ownerId;
  const name = member.nickname || member.user.username;
  const timedOut = isTimedOut(member);
  const acts = [
    may("MANAGE_ROLES", serverId) && { label: t("memberRoles"), icon: "badge", act: () => open(RolesDialog, { server, member }) },
    may(mine ? "CHANGE_NICKNAME" : "MANAGE_NICKNAMES", serverId) && { label: t("nickname"), icon: "edit", act: () => open(NicknameDialog, { member }) },
    ...(mine || owner
      ? []
      : [
          may("MODERATE_MEMBERS", serverId) && !timedOut && { label: t("timeout"), icon: "clock", danger: true, act: () => open(TimeoutDialog, { member }) },
          may("MODERATE_MEMBERS", serverId) && timedOut && { label: t("endTimeout"), icon: "clock", act: () => attempt(() => timeOut(member, 0)) },
          may("KICK_MEMBERS", serverId) && { label: t("kick"), icon: "exit", danger: true, act: () => confirm({ title: t("kickName", { name }), text: t("kickText", { name }), label: t("kick"), act: () => kick(member) }) },
          may("BAN_MEMBERS", serverId) && { label: t("ban"), icon: "ban", danger: true, act: () => open(BanDialog, { member }) },
        ]),
  ].filter(Boolean);
  return acts.length ? [null, ...acts] : [];
}

export const isTimedOut = ({ mutedUntil }) => mutedUntil !== null && new Date(mutedUntil) > new Date();
