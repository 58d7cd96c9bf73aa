// The middle when no call is shown: a welcome, a server with its channels to join, or an invitation.

import { api } from "../api.js";
import { avatar, h, icon } from "../dom.js";
import { can } from "../rights.js";
import { t } from "../texts.js";
import { field, form } from "./form.js";
import { createChannelDialog, createServerDialog, inviteDialog } from "./servers.js";

export function welcomeView(app) {
  const create = h("button", { class: "button primary", type: "button", onclick: () => createServerDialog(app) }, icon("plus"), t("createServer"));
  const open = form({
    fields: [field(t("inviteLink"), { name: "link", required: true, autocomplete: "off", placeholder: `${location.origin}/invite/…` })],
    label: t("open"),
    submit: async ({ link }) => {
      const token = link.trim().match(/([\w-]+)\/?$/)?.[1];
      if (!token) throw new Error(t("notAnInvite"));
      await app.openInvite(token);
    },
  });
  return h(
    "section",
    { class: "page welcome", "data-key": "welcome" },
    h("h1", {}, t("welcome", { name: app.state.user.username })),
    h("p", { class: "lead" }, t("welcomeText")),
    h("div", { class: "cards" }, h("div", { class: "card" }, h("h2", {}, t("createServer")), h("p", { class: "hint" }, t("serverHint")), create), h("div", { class: "card" }, h("h2", {}, t("openInvite")), open)),
  );
}

export function serverView(app, server) {
  const voice = app.channelsOf(server, "voice");
  const manages = can.manageChannels(server, app.state.user);
  const invite = can.invite(server, app.state.user);
  return h(
    "section",
    { class: "page", "data-key": `home-${server.id}` },
    h(
      "header",
      { class: "page-head" },
      avatar({ id: server.id, name: server.name, picture: server.icon }, "square large"),
      h("div", {}, h("h1", {}, server.name), h("p", { class: "lead" }, server.description || t("members", { n: server.memberCount }))),
      invite && h("button", { class: "button", type: "button", onclick: () => inviteDialog(server) }, icon("invite"), t("invite")),
    ),
    voice.length > 0 && h("ul", { class: "rooms", "data-key": "rooms" }, voice.map((channel) => roomCard(app, server, channel))),
    voice.length === 0 && noChannels(app, server, manages),
  );
}

function roomCard(app, server, channel) {
  const inside = app.call.channel?.id === channel.id;
  const label = inside ? t("backToCall", { name: channel.name }) : t("joinChannel", { name: channel.name });
  return h(
    "li",
    { class: "room", "data-key": `room-${channel.id}` },
    icon("voice"),
    h("div", {}, h("h2", {}, channel.name), h("p", { class: "hint" }, inside ? t("inCall") : channel.description || t("voice"))),
    h("button", { class: `button ${inside ? "" : "primary"}`, type: "button", "aria-label": label, onclick: () => app.join(channel, server) }, t(inside ? "open" : "join")),
  );
}

function noChannels(app, server, manages) {
  const create = h("button", { class: "button primary", type: "button", onclick: () => createChannelDialog(app, server) }, icon("plus"), t("createChannel"));
  return h(
    "div",
    { class: "empty", "data-key": "empty" },
    icon("voice"),
    h("h2", {}, t("noChannels")),
    h("p", { class: "hint" }, t("noChannelsText"), !manages && ` ${t("askForChannel")}`),
    manages && create,
  );
}

export function inviteView(app) {
  const { invite, servers } = app.state;
  const start = h("button", { class: "button", type: "button", onclick: () => app.dropInvite() }, t("toStart"));
  if (!invite.server) {
    const text = invite.error ?? `${t("loading")} …`;
    return h("section", { class: "page centre", "data-key": "invite" }, h("div", { class: "card ticket" }, h("h1", {}, t("inviteTitle")), h("p", { class: invite.error ? "error" : "hint", role: "alert" }, text), invite.error && start));
  }
  const { server } = invite;
  const isMember = servers.some(({ id }) => id === server.id);
  const accept = async () => {
    if (!isMember) await api.acceptInvite(invite.token);
    await app.refresh();
    app.dropInvite(server, !isMember);
  };
  return h(
    "section",
    { class: "page centre", "data-key": "invite-ready" },
    h(
      "div",
      { class: "card ticket" },
      avatar({ id: server.id, name: server.name, picture: server.icon }, "square large"),
      h("p", { class: "hint" }, t("invitedTo")),
      h("h1", {}, server.name),
      h("p", { class: "hint" }, isMember ? t("alreadyIn") : server.description),
      form({ fields: [], label: t(isMember ? "openServer" : "joinServer", { server: server.name }), submit: accept, extra: [start] }),
    ),
  );
}
