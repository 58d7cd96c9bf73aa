// The channels of a server, by category. Who may arranges them: by dragging, or from a channel's menu.

import { html, useState } from "../html.js";
import { confirm, open } from "../parts/dialog.js";
import { Icon, IconButton } from "../parts/icon.js";
import { Menu } from "../parts/menu.js";
import { attempt } from "../parts/toasts.js";
import { go, link, paths, route } from "../router.js";
import { prefer, preferences } from "../state/preferences.js";
import { may } from "../state/rights.js";
import { arrangeChannels, deleteCategory, deleteChannel } from "../state/servers.js";
import { mentionsIn, unreadIn } from "../state/unread.js";
import { t } from "../texts/index.js";
import { VoiceChannelSeats } from "../voice/index.js";
import { CategoryDialog, ChannelDialog, MoveChannel } from "./dialogs/channel.js";
import { moved } from "./moving.js";
import { Count } from "./rail.js";

export function ChannelList({ server }) {
  const [dragged, setDragged] = useState(null);
  const manages = may("MANAGE_CHANNELS", server.id);
  const groups = [{ id: null, name: t("channels") }, ...server.categories];
  const drop = (categoryId, beforeId) => {
    if (dragged && dragged !== beforeId) attempt(() => arrangeChannels(server.id, moved(server.channels, dragged, categoryId, beforeId)));
    setDragged(null);
  };
  return html`<nav class="channels" aria-label=${t("channels")}>
    ${groups.map((group) => {
      const list = server.channels.filter(({ categoryId }) => categoryId === group.id);
      if (!list.length && group.id === null) return null;
      return html`<${Group} key=${group.id} server=${server} group=${group} list=${list} manages=${manages} dragged=${dragged} setDragged=${setDragged} drop=${drop} />`;
    })}
    ${manages && html`<button type="button" class="channel-row add" onClick=${() => open(ChannelDialog, { server })}><${Icon} name="plus" /><span class="channel-name">${t("createChannel")}</span></button>`}
  </nav>`;
}

function Group({ server, group, list, manages, dragged, setDragged, drop }) {
  const key = `${server.id}/${group.id}`;
  const shut = preferences.value.collapsed.includes(key);
  const toggle = () => prefer({ collapsed: shut ? preferences.value.collapsed.filter((one) => one !== key) : [...preferences.value.collapsed, key].slice(-200) });
  // What is open or unread stays in sight.
  const shown = shut ? list.filter(({ id }) => id === route.value.channelId || unreadIn(id)) : list;
  const over = (event) => dragged && event.preventDefault();
  const items = [
    { label: t("createChannel"), icon: "plus", act: () => open(ChannelDialog, { server, categoryId: group.id }) },
    { label: t("editCategory"), icon: "edit", act: () => open(CategoryDialog, { server, category: group }) },
    null,
    { label: t("deleteCategory"), icon: "trash", danger: true, act: () => confirmCategory(server, group) },
  ];
  return html`<section class="group" onDragOver=${over} onDrop=${() => drop(group.id, null)}>
    <div class="group-head">
      <button type="button" class="group-title" aria-expanded=${!shut} onClick=${toggle}><${Icon} name="chevron" size="12px" />${group.name}</button>
      ${manages && group.id !== null && html`<${Menu} label=${t("categoryMenu", { name: group.name })} class="icon-button small quiet" items=${items} />`}
    </div>
    <ul>${shown.map((channel) => html`<${Row} key=${channel.id} server=${server} channel=${channel} manages=${manages} setDragged=${setDragged} over=${over} drop=${drop} />`)}</ul>
  </section>`;
}

function Row({ server, channel, manages, setDragged, over, drop }) {
  const { id, name, type } = channel;
  const here = route.value.channelId === id; // what arrives there is read in a moment
  const [unread, mentions] = here ? [0, 0] : [unreadIn(id), mentionsIn(id)];
  const items = [
    { label: t("editChannel"), icon: "edit", act: () => open(ChannelDialog, { server, channel }) },
    { label: t("moveChannel"), icon: "move", act: () => open(MoveChannel, { server, channel }) },
    may("MANAGE_ROLES", server.id) && { label: t("permissions"), icon: "shield", act: () => go(`/settings/server/${server.id}/channels/${id}`) },
    null,
    { label: t("deleteChannel", { name }), icon: "trash", danger: true, act: () => confirmChannel(server, channel) },
  ];
  const onDrop = (event) => {
    event.stopPropagation();
    drop(channel.categoryId, id);
  };
  return html`<li class="channel" draggable=${manages} onDragStart=${() => setDragged(id)} onDragEnd=${() => setDragged(null)} onDragOver=${over} onDrop=${onDrop}>
    <div class="channel-line">
      <a class="channel-row ${unread ? "unread" : ""}" aria-current=${here ? "page" : undefined} draggable="false" ...${link(paths.server(server.id, id))}>
        <${Icon} name=${type} /><span class="channel-name">${name}</span>
        ${unread > 0 && html`<span class="sr-only">${t("unreadCount", { n: unread })}</span><${Count} n=${mentions || unread} strong=${mentions > 0} />`}
      </a>
      ${manages && html`<${Menu} label=${t("channelMenu", { name })} class="icon-button small quiet" items=${items} />`}
    </div>
    ${type === "voice" && html`<${VoiceChannelSeats} channel=${channel} />`}
  </li>`;
}

function confirmChannel(server, channel) {
  const act = async () => {
    await deleteChannel(channel);
    if (route.peek().channelId === channel.id) go(paths.server(server.id), { replace: true });
  };
  confirm({ title: t("deleteChannel", { name: channel.name }), text: t("deleteChannelText", { name: channel.name }), label: t("remove"), act });
}

function confirmCategory(server, category) {
  confirm({ title: t("deleteCategory"), text: t("deleteCategoryText", { name: category.name }), label: t("remove"), act: () => deleteCategory({ ...category, serverId: server.id }) });
}
