// People: friends, requests, who is blocked; and how to find somebody.

import { html, useState } from "../html.js";
import { Avatar } from "../parts/avatar.js";
import { confirm, open } from "../parts/dialog.js";
import { Empty } from "../parts/empty.js";
import { Field, Form } from "../parts/form.js";
import { Icon, IconButton } from "../parts/icon.js";
import { Menu } from "../parts/menu.js";
import { Tabs } from "../parts/tabs.js";
import { attempt, toast } from "../parts/toasts.js";
import { go, paths } from "../router.js";
import { accept, befriend, block, blocked, friends, openDirect, requests, requestsTo, unblock, unfriend, withdraw } from "../state/friends.js";
import { presenceOf } from "../state/presence.js";
import { language, t } from "../texts/index.js";
import { ReportDialog } from "./dialogs/report.js";
import { TopBar } from "./topbar.js";

export function FriendsView() {
  const [tab, setTab] = useState("online");
  const waiting = requestsTo("incoming").length;
  const tabs = [
    ["online", t("online")],
    ["all", t("allFriends")],
    ["pending", t("pendingRequests"), waiting],
    ["blocked", t("blockedPeople")],
    ["add", t("addFriend")],
  ];
  const Panel = { online: Online, all: All, pending: Pending, blocked: Blocked, add: AddFriend }[tab];
  return html`<${TopBar} icon="people" title=${t("friends")} />
    <div class="people-page">
      <${Tabs} id="friends" label=${t("friends")} tabs=${tabs} chosen=${tab} choose=${setTab}><${Panel} toAdd=${() => setTab("add")} /></${Tabs}>
    </div>`;
}

const sorted = (people) => {
  const collator = new Intl.Collator(language.value);
  return [...people].sort((one, other) => collator.compare(one.username, other.username));
};

export async function writeTo(userId) {
  const conversation = await attempt(() => openDirect(userId));
  if (conversation) go(paths.direct(conversation.id));
}

function Row({ person, status, hint, children }) {
  return html`<li class="person-row">
    <${Avatar} id=${person.id} name=${person.username} picture=${person.profilePicture} size=${38} status=${status} />
    <span class="person-name"><strong>${person.username}</strong><small class="hint">${hint}</small></span>
    <span class="person-tools">${children}</span>
  </li>`;
}

function FriendRow({ friend }) {
  const { id, username } = friend;
  const status = presenceOf(id);
  const items = [
    { label: t("removeFriend"), icon: "close", danger: true, act: () => confirm({ title: t("removeFriend"), text: t("removeFriendText", { name: username }), label: t("removeFriend"), act: () => unfriend(id) }) },
    { label: t("blockPerson"), icon: "ban", danger: true, act: () => confirmBlock(friend) },
    { label: t("report"), icon: "flag", danger: true, act: () => open(ReportDialog, { user: friend }) },
  ];
  return html`<${Row} person=${friend} status=${status} hint=${t(status)}>
    <${IconButton} icon="bubble" label=${t("writeToName", { name: username })} onClick=${() => writeTo(id)} />
    <${Menu} label=${t("moreAbout", { name: username })} items=${items} />
  </${Row}>`;
}

// `person`: { id, username, profilePicture }
export function confirmBlock(person) {
  const { id, username, profilePicture = null, tag } = person;
  confirm({ title: t("blockPerson"), text: t("blockPersonText", { name: username }), label: t("blockPerson"), act: () => block({ id, username, profilePicture, tag }) });
}

function List({ people, title, text, icon = "people", toAdd, row }) {
  if (!people.length) {
    return html`<${Empty} icon=${icon} title=${title}>${text && html`<p class="lead">${text}</p>`}
      ${toAdd && html`<button type="button" class="button primary" onClick=${toAdd}>${t("addFriend")}</button>`}
    </${Empty}>`;
  }
  return html`<ul class="person-list">${people.map(row)}</ul>`;
}

const friendRow = (friend) => html`<${FriendRow} key=${friend.id} friend=${friend} />`;

function Online({ toAdd }) {
  const there = sorted([...friends.value.values()].filter(({ id }) => presenceOf(id) !== "offline"));
  const none = friends.value.size === 0;
  return html`<${List} people=${there} title=${t(none ? "noFriends" : "nobodyOnline")} text=${none && t("noFriendsText")} toAdd=${none && toAdd} row=${friendRow} />`;
}

function All({ toAdd }) {
  return html`<${List} people=${sorted(friends.value.values())} title=${t("noFriends")} text=${t("noFriendsText")} toAdd=${toAdd} row=${friendRow} />`;
}

function Pending() {
  if (!requests.value.size) return html`<${Empty} icon="invite" title=${t("noRequests")}><p class="lead">${t("noRequestsText")}</p></${Empty}>`;
  const part = (direction, title, row) => {
    const list = requestsTo(direction);
    return list.length > 0 && html`<section aria-label=${title}><h2 class="list-title">${title} <span class="group-count">${list.length}</span></h2><ul class="person-list">${list.map(row)}</ul></section>`;
  };
  const incoming = ({ id, user }) => html`<${Row} key=${id} person=${user} hint=${t("wantsToBeFriends")}>
    <${IconButton} icon="check" label=${t("acceptName", { name: user.username })} class="good" onClick=${() => attempt(() => accept(id))} />
    <${IconButton} icon="close" label=${t("declineName", { name: user.username })} class="danger" onClick=${() => attempt(() => withdraw(id))} />
  </${Row}>`;
  const outgoing = ({ id, user }) => html`<${Row} key=${id} person=${user} hint=${t("requestSent")}>
    <${IconButton} icon="close" label=${t("withdrawName", { name: user.username })} class="danger" onClick=${() => attempt(() => withdraw(id))} />
  </${Row}>`;
  return html`${part("incoming", t("incomingRequests"), incoming)}${part("outgoing", t("outgoingRequests"), outgoing)}`;
}

function Blocked() {
  const row = (person) => html`<${Row} key=${person.id} person=${person} hint=${t("isBlocked")}>
    <button type="button" class="button small" aria-label=${t("unblockName", { name: person.username })} onClick=${() => attempt(() => unblock(person.id))}>${t("unblock")}</button>
  </${Row}>`;
  return html`<${List} people=${sorted(blocked.value.values())} icon="ban" title=${t("nobodyBlocked")} text=${t("nobodyBlockedText")} row=${row} />`;
}

function AddFriend() {
  const submit = async ({ username }, form) => {
    await befriend({ username: username.trim() });
    form.reset();
    toast(t("requestSentTo", { name: username.trim() }));
  };
  return html`<section class="add-friend">
    <span class="empty-mark"><${Icon} name="invite" size="26px" /></span>
    <h2>${t("addFriend")}</h2>
    <p class="lead">${t("addFriendText")}</p>
    <${Form} submit=${submit} label=${t("sendRequest")}>
      <${Field} label=${t("username")} name="username" required maxlength="100" autocomplete="off" autocapitalize="off" spellcheck=${false} autofocus />
    </${Form}>
  </section>`;
}
