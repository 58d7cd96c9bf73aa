// What one is inside of: servers on the left, what is open in the middle, people on the right. On a phone the sides are drawers.

import { html, useEffect } from "../html.js";
import { attempt } from "../parts/toasts.js";
import { route } from "../router.js";
import { SettingsView } from "../settings/index.js";
import { reachable } from "../state/client.js";
import { loadMembers, membersOf } from "../state/members.js";
import { currentChannel, currentServer } from "../state/servers.js";
import { t } from "../texts/index.js";
import { CallLayer, VoiceView } from "../voice/index.js";
import { ChatView } from "./chat/chat.js";
import { DirectView } from "./direct.js";
import { FriendsView } from "./friends.js";
import { HomeView } from "./home.js";
import { drawer, membersOpen, narrow } from "./layout.js";
import { MemberList } from "./members.js";
import { Rail } from "./rail.js";
import { ServerView } from "./server.js";
import { Sidebar } from "./sidebar.js";
import { onKeys } from "./switcher.js";

export function Shell() {
  useEffect(() => {
    addEventListener("keydown", onKeys);
    return () => removeEventListener("keydown", onKeys);
  }, []);
  const serverId = currentServer.value?.id;
  useEffect(() => {
    if (serverId && !membersOf(serverId)) attempt(() => loadMembers(serverId)); // messages need their names too
  }, [serverId]);
  if (route.value.name === "settings") return html`<${SettingsView} /><${CallLayer} />`;
  const menu = drawer.value === "menu";
  const members = membersOpen.value && currentChannel.value?.type === "text";
  const covered = drawer.value !== null;
  return html`<div class="shell ${menu ? "menu-open" : ""} ${members ? "with-members" : ""}">
    <a class="skip" href="#main">${t("skipToContent")}</a>
    <div class="left" inert=${narrow.value && !menu}>
      <${Rail} />
      <${Sidebar} />
    </div>
    <main id="main" class="middle" tabindex="-1" inert=${covered}>
      ${!reachable.value && html`<p class="banner" role="status">${t("offlineBanner")}</p>`}
      <${Middle} />
    </main>
    ${members && html`<${MemberList} server=${currentServer.value} channel=${currentChannel.value} />`}
    ${covered && html`<button type="button" class="backdrop" aria-label=${t("close")} tabindex="-1" onClick=${() => (drawer.value = null)} />`}
    <${CallLayer} />
  </div>`;
}

function Middle() {
  const { name, channelId, messageId } = route.value;
  if (name === "friends") return html`<${FriendsView} />`;
  if (name === "direct") return html`<${DirectView} key=${channelId} channelId=${channelId} messageId=${messageId} />`;
  if (name !== "server" || !currentServer.value) return html`<${HomeView} />`;
  const channel = currentChannel.value;
  if (!channel) return html`<${ServerView} server=${currentServer.value} />`;
  if (channel.type === "voice") return html`<${VoiceView} key=${channel.id} channel=${channel} />`;
  return html`<${ChatView} channel=${channel} messageId=${messageId} />`;
}
