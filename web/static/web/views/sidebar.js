// Beside the rail: the channels of the open server, or the conversations; at the foot the call, and oneself.

import { html } from "../html.js";
import { Avatar } from "../parts/avatar.js";
import { confirm, open } from "../parts/dialog.js";
import { Skeleton } from "../parts/empty.js";
import { Icon, IconButton } from "../parts/icon.js";
import { Menu } from "../parts/menu.js";
import { attempt } from "../parts/toasts.js";
import { go } from "../router.js";
import { connection, live } from "../state/connection.js";
import { prefer, preferences } from "../state/preferences.js";
import { myPresence, presence } from "../state/presence.js";
import { may, rankOf } from "../state/rights.js";
import { currentServer, deleteServer, leaveServer, serversLoaded } from "../state/servers.js";
import { me, signOut } from "../state/session.js";
import { markServerRead } from "../state/unread.js";
import { t } from "../texts/index.js";
import { CallPanel } from "../voice/index.js";
import { ChannelList } from "./channels.js";
import { CategoryDialog, ChannelDialog } from "./dialogs/channel.js";
import { InviteDialog } from "./dialogs/invite.js";
import { DirectList } from "./direct.js";

export function Sidebar() {
  const server = currentServer.value;
  return html`<aside class="sidebar" aria-label=${server?.name ?? t("people")}>
    ${server ? html`<${ServerHead} server=${server} />` : html`<header class="side-head"><h2>${t("people")}</h2></header>`}
    <div class="side-scroll">${!serversLoaded.value ? html`<${Skeleton} lines=${6} />` : server ? html`<${ChannelList} server=${server} />` : html`<${DirectList} />`}</div>
    <${CallPanel} />
    <${Self} />
  </aside>`;
}

function ServerHead({ server }) {
  const { id, name } = server;
  const mine = rankOf(id) === "owner";
  const part = () =>
    confirm({
      title: t(mine ? "deleteServer" : "leaveServer"),
      text: t(mine ? "deleteServerText" : "leaveServerText", { name }),
      label: t(mine ? "deleteServer" : "leaveServer"),
      act: async () => (await (mine ? deleteServer(id) : leaveServer(id)), go("/", { replace: true })),
    });
  const manages = ["MANAGE_GUILD", "MANAGE_ROLES", "MANAGE_CHANNELS", "BAN_MEMBERS", "KICK_MEMBERS", "MODERATE_MEMBERS", "MANAGE_NICKNAMES", "MANAGE_WEBHOOKS", "VIEW_AUDIT_LOG"].some((one) => may(one, id));
  const items = [
    may("MANAGE_CHANNELS", id) && { label: t("createChannel"), icon: "plus", act: () => open(ChannelDialog, { server }) },
    may("MANAGE_CHANNELS", id) && { label: t("createCategory"), icon: "folder", act: () => open(CategoryDialog, { server }) },
    { label: t("markRead"), icon: "check", act: () => attempt(() => markServerRead(server)) },
    manages && { label: t("serverSettings"), icon: "settings", act: () => go(`/settings/server/${id}`) },
    null,
    { label: t(mine ? "deleteServer" : "leaveServer"), icon: mine ? "trash" : "exit", danger: true, act: part },
  ];
  return html`<header class="side-head">
    <h2 title=${name}>${name}</h2>
    ${may("CREATE_INSTANT_INVITE", id) && html`<${IconButton} icon="invite" label=${t("invite")} onClick=${() => open(InviteDialog, { server })} />`}
    <${Menu} label=${t("serverMenu")} items=${items} />
  </header>`;
}

function Self() {
  const { id, username, profilePicture } = me.value;
  const statuses = ["online", "idle", "dnd", "invisible"].map((status) => ({ label: t(status), icon: `status-${status}`, act: () => presence(status) }));
  const dark = matchMedia("(prefers-color-scheme: dark)").matches ? preferences.value.theme !== "light" : preferences.value.theme === "dark";
  const items = [
    ...(live.value && connection.value === "online" ? [...statuses, null] : []),
    { label: t(dark ? "lightTheme" : "darkTheme"), icon: dark ? "sun" : "moon", act: () => prefer({ theme: dark ? "light" : "dark" }) },
    { label: t("settings"), icon: "settings", act: () => go("/settings") },
  ];
  const status = connection.value === "online" ? myPresence.value : undefined;
  return html`<footer class="self">
    <${Menu} label=${t("ownMenu")} class="self-button" items=${items}>
      <${Avatar} id=${id} name=${username} picture=${profilePicture} size=${34} status=${status} />
      <span class="self-name"><strong>${username}</strong><small>${status ? t(status) : t(connection.value === "online" ? "online" : "noLive")}</small></span>
    </${Menu}>
    <${IconButton} icon="settings" label=${t("settings")} onClick=${() => go("/settings")} />
    <${IconButton} icon="exit" label=${t("signOut")} onClick=${signOut} />
  </footer>`;
}
