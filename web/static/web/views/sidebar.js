// Left: the rail of servers, the channels of the one chosen, the call one is in, and the account.

import { avatar, h, icon, iconButton } from "../dom.js";
import { t } from "../texts.js";
import { can } from "../rights.js";
import { confirmDeleteChannel, openServerDialog, createChannelDialog, createServerDialog, inviteDialog } from "./servers.js";

export function sidebar(app) {
  const { server } = app;
  return [
    rail(app),
    h(
      "div",
      { class: "panel" },
      server ? serverHead(app, server) : h("header", { class: "panel-head" }, h("p", { class: "panel-title" }, "ProjectVoice")),
      server ? channels(app, server) : h("div", { class: "channels" }),
      app.call.state !== "idle" && callBar(app),
      account(app),
    ),
  ];
}

function rail(app) {
  const items = app.state.servers.map((server) => {
    const current = server.id === app.state.serverId;
    const props = { class: "rail-item", type: "button", "aria-current": current ? "true" : null, title: server.name, "aria-label": server.name };
    const face = avatar({ id: server.id, name: server.name, picture: server.icon }, "square");
    return h("li", { "data-key": `server-${server.id}` }, h("button", { ...props, onclick: () => app.openServer(server.id) }, face));
  });
  const add = iconButton("plus", t("createServer"), () => createServerDialog(app), { class: "rail-item rail-add" });
  return h("nav", { class: "rail", "aria-label": t("servers") }, h("ul", {}, items, h("li", { "data-key": "add" }, add)));
}

function serverHead(app, server) {
  return h(
    "header",
    { class: "panel-head" },
    h("p", { class: "panel-title" }, server.name),
    can.invite(server, app.state.user) && iconButton("invite", t("invite"), () => inviteDialog(server), { "data-key": "invite" }),
    iconButton("more", t("about"), () => openServerDialog(app, server), { "data-key": "about" }),
  );
}

function channels(app, server) {
  const manages = can.manageChannels(server, app.state.user);
  const add = manages && iconButton("plus", t("createChannel"), () => createChannelDialog(app, server), { class: "icon-button small" });
  const voice = app.channelsOf(server, "voice");
  const text = app.channelsOf(server, "text");
  return h(
    "div",
    { class: "channels" },
    h("div", { class: "group-head" }, h("h2", {}, t("voiceChannels")), add),
    h("ul", {}, voice.map((channel) => voiceRow(app, server, channel, manages))),
    voice.length === 0 && h("p", { class: "hint" }, t("noChannels")),
    text.length > 0 && h("div", { class: "group-head", "data-key": "text-head" }, h("h2", {}, t("textChannels"))),
    text.length > 0 && h("ul", { "data-key": "text" }, text.map((channel) => textRow(app, server, channel, manages))),
    text.length > 0 && h("p", { class: "hint", "data-key": "text-hint" }, t("textLater")),
  );
}

function voiceRow(app, server, channel, manages) {
  const inside = app.call.channel?.id === channel.id;
  const onclick = () => app.join(channel, server);
  return h(
    "li",
    { "data-key": `channel-${channel.id}` },
    h(
      "div",
      { class: "channel-row" },
      h("button", { class: "channel", type: "button", "aria-current": inside ? "true" : null, onclick }, icon("voice"), h("span", {}, channel.name)),
      manages && removeButton(app, server, channel),
    ),
    inside && h("ul", { class: "inside" }, [...app.call.people.values()].map(insider)),
  );
}

function textRow(app, server, channel, manages) {
  const name = h("span", { class: "channel quiet" }, icon("text"), h("span", {}, channel.name));
  return h("li", { "data-key": `channel-${channel.id}` }, h("div", { class: "channel-row" }, name, manages && removeButton(app, server, channel)));
}

function removeButton(app, server, channel) {
  const label = t("deleteChannel", { name: channel.name });
  return iconButton("trash", label, () => confirmDeleteChannel(app, server, channel), { class: "icon-button small reveal" });
}

function insider(person) {
  return h(
    "li",
    { "data-key": person.socketId, "data-voice": person.socketId },
    avatar({ id: person.id, name: person.username, picture: person.profilePicture }, "tiny"),
    h("span", {}, person.username),
    !person.micOn && icon("mic-off"),
    !person.micOn && h("span", { class: "sr-only" }, t("muted")),
  );
}

function callBar(app) {
  const { call } = app;
  const text = call.state === "joining" ? t("joining") : call.state === "reconnecting" ? t("reconnecting") : t("voiceConnected");
  return h(
    "section",
    { class: "call-bar", "aria-label": text, "data-key": "call-bar" },
    h(
      "button",
      { class: "call-bar-text", type: "button", "data-state": call.state, onclick: () => app.showCall(), title: t("backToCall", { name: call.channel.name }) },
      h("strong", {}, text),
      h("span", {}, call.channel.name),
    ),
    iconButton("leave", t("leave"), () => call.leave(), { class: "icon-button danger" }),
  );
}

function account(app) {
  const { user } = app.state;
  return h(
    "footer",
    { class: "account" },
    avatar({ id: user.id, name: user.username, picture: user.profilePicture }, "small"),
    h("span", { class: "account-name" }, user.username),
    iconButton("exit", t("signOut"), () => app.signOut()),
  );
}
