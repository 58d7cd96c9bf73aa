// Dialogs about servers, channels and invites.

import { api } from "../api.js";
import { announce, avatar, h, icon } from "../dom.js";
import { can } from "../rights.js";
import { t } from "../texts.js";
import { cancelButton, confirmDialog, openDialog } from "./dialog.js";
import { field, form } from "./form.js";

export function createServerDialog(app) {
  openDialog(t("createServer"), (close) =>
    form({
      fields: [h("p", { class: "hint" }, t("serverHint")), field(t("serverName"), { name: "name", required: true, maxlength: 100, autocomplete: "off" })],
      label: t("create"),
      extra: [cancelButton(close)],
      submit: async ({ name }) => {
        const server = await api.createServer(name);
        await app.refresh();
        close();
        app.openServer(server.id);
      },
    }),
  );
}

export function createChannelDialog(app, server) {
  const kind = (type, checked) =>
    h("label", { class: "choice" }, h("input", { type: "radio", name: "type", value: type, checked }), icon(type), h("span", {}, t(type)));
  const kinds = h("fieldset", { class: "field" }, h("legend", {}, t("channelType")), h("div", { class: "choices" }, kind("voice", true), kind("text", false)));
  openDialog(t("createChannel"), (close) =>
    form({
      fields: [field(t("channelName"), { name: "name", required: true, maxlength: 100, autocomplete: "off" }), kinds],
      label: t("create"),
      extra: [cancelButton(close)],
      submit: async ({ name, type }) => {
        await api.createChannel(server.id, name, type);
        await app.refresh();
        close();
      },
    }),
  );
}

export function confirmDeleteChannel(app, server, { id, name }) {
  confirmDialog(t("deleteChannel", { name }), t("deleteChannelText", { name }), t("remove"), async () => {
    await api.deleteChannel(server.id, id);
    await app.refresh();
  });
}

export async function inviteDialog(server) {
  openDialog(t("invite"), (close) => {
    const link = h("input", { class: "input", type: "text", readonly: true, "aria-label": t("inviteLink"), onclick: () => link.select() });
    const told = h("p", { class: "hint told", role: "status" });
    const error = h("p", { class: "error", role: "alert", hidden: true });
    const copy = h("button", { class: "button primary", type: "button", disabled: true, autofocus: true }, icon("copy"), t("copy"));
    copy.onclick = async () => {
      link.select();
      const done = await copyText(link.value);
      told.replaceChildren(...(done ? [icon("check"), t("copied")] : [t("copyByHand")]));
    };
    api.createInvite(server.id).then(
      ({ invite }) => {
        link.value = `${location.origin}/invite/${invite.token}`;
        copy.disabled = false;
        copy.focus();
      },
      (problem) => {
        error.textContent = problem.message;
        error.hidden = false;
      },
    );
    const row = h("div", { class: "copy-row" }, link, copy);
    const done = h("button", { class: "button", type: "button", onclick: close }, t("done"));
    return h("div", { class: "form" }, h("p", { class: "hint" }, t("inviteText", { server: server.name })), row, told, error, h("div", { class: "actions" }, done));
  });
}

// navigator.clipboard exists only on https and localhost.
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}

export function openServerDialog(app, server) {
  const owns = can.own(server, app.state.user);
  const [action, text] = owns ? ["deleteServer", "deleteServerText"] : ["leaveServer", "leaveServerText"];
  openDialog(server.name, (close) => {
    const part = () => {
      close();
      confirmDialog(t(action), t(text, { name: server.name }), t(action), async () => {
        await (owns ? api.deleteServer(server.id) : api.leaveServer(server.id));
        await app.refresh();
        announce(t(action));
      });
    };
    return h(
      "div",
      { class: "form" },
      server.description && h("p", {}, server.description),
      h("h3", {}, t("members", { n: server.memberCount })),
      h("ul", { class: "members" }, server.members.map(memberRow)),
      h("div", { class: "actions" }, h("button", { class: "button quiet-danger", type: "button", onclick: part }, t(action))),
    );
  });
}

function memberRow({ user, role }) {
  const face = avatar({ id: user.id, name: user.username, picture: user.profilePicture }, "small");
  return h("li", {}, face, h("span", {}, user.username), role !== "member" && h("span", { class: "badge" }, t(role)));
}
