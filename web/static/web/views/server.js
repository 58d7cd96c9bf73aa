// A server of which no channel is open: the one where one was, else the first; else what to do.

import { html, useEffect } from "../html.js";
import { open } from "../parts/dialog.js";
import { Empty } from "../parts/empty.js";
import { go, paths, route } from "../router.js";
import { may } from "../state/rights.js";
import { t } from "../texts/index.js";
import { ChannelDialog } from "./dialogs/channel.js";
import { InviteDialog } from "./dialogs/invite.js";
import { lastChannel } from "./last.js";
import { TopBar } from "./topbar.js";

export function ServerView({ server }) {
  const target = lastChannel(server.id) ?? server.channels.find(({ type }) => type === "text")?.id;
  useEffect(() => {
    if (target && !route.value.channelId) go(paths.server(server.id, target), { replace: true });
  }, [server.id, target, route.value.channelId]);
  const unknown = route.value.channelId !== undefined;
  return html`<${TopBar} title=${server.name} />
    <div class="page">
      <${Empty} icon=${unknown ? "search" : "text"} title=${t(unknown ? "noSuchChannel" : "noChannels")}>
        <p class="lead">${t(unknown ? "noSuchChannelText" : may("MANAGE_CHANNELS", server.id) ? "noChannelsText" : "askForChannel")}</p>
        <div class="actions">
          ${unknown && target && html`<button type="button" class="button" onClick=${() => go(paths.server(server.id, target))}>${t("openServer", { server: server.name })}</button>`}
          ${may("MANAGE_CHANNELS", server.id) && html`<button type="button" class="button primary" onClick=${() => open(ChannelDialog, { server })}>${t("createChannel")}</button>`}
          ${may("CREATE_INSTANT_INVITE", server.id) && html`<button type="button" class="button" onClick=${() => open(InviteDialog, { server })}>${t("invite")}</button>`}
        </div>
      </${Empty}>
    </div>`;
}
