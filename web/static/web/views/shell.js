// What one is inside of: servers on the left, what is open in the middle, people on the right. On a phone the sides are drawers.

import { computed, effect, html, signal } from "../html.js";
import { route } from "../router.js";
import { SettingsView } from "../settings/index.js";
import { preferences } from "../state/preferences.js";
import { reachable } from "../state/client.js";
import { currentChannel, currentServer } from "../state/servers.js";
import { t } from "../texts/index.js";
import { CallLayer, VoiceView } from "../voice/index.js";
import { ChatView } from "./chat/chat.js";
import { DirectView } from "./direct.js";
import { FriendsView } from "./friends.js";
import { HomeView } from "./home.js";
import { MemberList } from "./members.js";
import { Rail } from "./rail.js";
import { ServerView } from "./server.js";
import { Sidebar } from "./sidebar.js";

const NARROW = matchMedia("(max-width: 760px)");
const MEDIUM = matchMedia("(max-width: 1080px)");
export const narrow = signal(NARROW.matches);
export const medium = signal(MEDIUM.matches); // members lie over the chat
NARROW.addEventListener("change", ({ matches }) => (narrow.value = matches));
MEDIUM.addEventListener("change", ({ matches }) => (medium.value = matches));

export const drawer = signal(null); // "menu", "members" or null: what lies over the middle
export const membersOpen = computed(() => (medium.value ? drawer.value === "members" : preferences.value.membersShown));

effect(() => {
  void route.value;
  drawer.value = null;
});

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drawer.value && !event.defaultPrevented) drawer.value = null;
});

export function Shell() {
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
  return html`<${ChatView} key=${channel.id} channel=${channel} messageId=${messageId} />`;
}
