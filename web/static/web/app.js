// The page: what is known, what is shown, and what the views may do.

import { api, session } from "./api.js";
import { Call } from "./call.js";
import { announce, fill, h, iconButton } from "./dom.js";
import { language, t } from "./texts.js";
import { authView } from "./views/auth.js";
import { inviteView, serverView, welcomeView } from "./views/home.js";
import { sidebar } from "./views/sidebar.js";
import { followVoices, note, stageView } from "./views/stage.js";

const LAST_SERVER = "projectvoice.server";
const REFRESH_MS = 30_000;
const root = document.getElementById("app");
const narrow = matchMedia("(max-width: 760px)");
const call = new Call();

const app = {
  call,
  state: { user: null, servers: [], serverId: null, invite: null, signingUp: false, inCallView: false, menuOpen: false, notice: "", callNote: "" },

  set(changes) {
    Object.assign(this.state, changes);
    render();
  },
  get server() {
    return this.state.servers.find(({ id }) => id === this.state.serverId) ?? null;
  },
  channelsOf: (server, type) => server.channels.filter((channel) => channel.type === type),

  async signedIn({ token, user }) {
    session.token = token;
    const servers = await api.servers();
    this.set({ user, servers, notice: "", signingUp: false, serverId: rememberedServer(servers) });
  },
  async signOut() {
    call.leave();
    await api.logOut().catch(() => {}); // gone here even if the server is away
    this.forget();
  },
  forget(notice = "") {
    call.leave();
    session.token = null;
    document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
    this.set({ user: null, servers: [], serverId: null, menuOpen: false, inCallView: false, notice });
  },
  async refresh() {
    const servers = await api.servers();
    const { serverId } = this.state;
    this.set({ servers, serverId: servers.some(({ id }) => id === serverId) ? serverId : (servers[0]?.id ?? null) });
  },
  openServer(id) {
    localStorage.setItem(LAST_SERVER, id);
    this.leaveInvite();
    this.set({ serverId: id, inCallView: false, menuOpen: false, notice: "" });
  },
  showCall() {
    this.leaveInvite();
    this.set({ inCallView: true, menuOpen: false });
  },
  join(channel, server) {
    this.leaveInvite();
    this.set({ inCallView: true, menuOpen: false, notice: "", callNote: "" });
    call.join({ ...channel, serverName: server.name });
  },
  async openInvite(token) {
    history.pushState(null, "", `/invite/${encodeURIComponent(token)}`);
    await this.lookAtInvite();
  },
  async lookAtInvite() {
    const token = location.pathname.match(/^\/invite\/([^/]+)\/?$/)?.[1];
    if (!token) return this.set({ invite: null });
    const invite = { token: decodeURIComponent(token) };
    this.set({ invite, inCallView: false, signingUp: !session.token });
    try {
      invite.server = (await api.invite(invite.token)).server;
    } catch (error) {
      invite.error = error.status === 404 ? t("inviteUnknown") : error.message;
    }
    render();
  },
  leaveInvite() {
    if (this.state.invite) history.pushState(null, "", "/");
    this.state.invite = null;
  },
  dropInvite(server, isNew) {
    this.leaveInvite();
    if (server) this.openServer(server.id);
    if (isNew) announce(t("joined", { server: server.name }));
    render();
  },
};

function rememberedServer(servers) {
  const last = Number(localStorage.getItem(LAST_SERVER));
  return (servers.find(({ id }) => id === last) ?? servers[0])?.id ?? null;
}

function render() {
  const { user, menuOpen } = app.state;
  document.title = call.channel ? `${call.channel.name} · ProjectVoice` : "ProjectVoice";
  if (!user) return fill(root, session.token ? splash() : authView(app));
  fill(
    root,
    h(
      "div",
      { class: `shell ${menuOpen ? "menu-open" : ""}`, "data-key": "shell" },
      h("aside", { class: "side", inert: narrow.matches && !menuOpen }, sidebar(app)),
      h("button", { class: "backdrop", type: "button", tabindex: "-1", "aria-label": t("close"), hidden: !menuOpen, onclick: () => app.set({ menuOpen: false }) }),
      h("div", { class: "body", inert: narrow.matches && menuOpen }, topBar(), h("main", {}, middle())),
    ),
  );
}

function topBar() {
  const open = iconButton("menu", t("openMenu"), () => app.set({ menuOpen: true }), { "aria-expanded": `${app.state.menuOpen}` });
  return h("header", { class: "top-bar" }, open, h("p", {}, app.server?.name ?? "ProjectVoice"));
}

function middle() {
  const { invite, inCallView, notice } = app.state;
  if (invite) return inviteView(app);
  if (inCallView && call.channel) return stageView(app);
  return [notice && note("home", "alert", notice), app.server ? serverView(app, app.server) : welcomeView(app)];
}

function splash() {
  const { notice } = app.state;
  const again = h("button", { class: "button", type: "button", onclick: () => location.reload() }, t("tryAgain"));
  const content = notice ? [h("p", { class: "error", role: "alert" }, notice), again] : h("p", { class: "hint" }, `${t("loading")} …`);
  return h("main", { class: "splash", "data-key": "splash", "aria-busy": `${!notice}` }, content);
}

let voicesFollowed = () => false;
call.addEventListener("change", () => {
  if (call.state !== "idle" && !voicesFollowed()) voicesFollowed = followVoices(call);
  render();
});

call.addEventListener("news", ({ detail }) => {
  const { kind, username: name, message, key } = detail;
  const sentences = { arrived: "hasJoined", departed: "hasLeft", muted: "isMuted", unmuted: "isUnmuted", joined: "youJoined", left: "youLeft" };
  if (kind === "ended") app.set({ notice: message || t(key), inCallView: false });
  else if (kind === "error") app.set({ callNote: message });
  else announce(t(sentences[kind], { name: name ?? call.channel?.name }));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && app.state.menuOpen) app.set({ menuOpen: false });
  const typing = event.target.closest?.("input, textarea, select, dialog");
  if (event.code !== "KeyM" || event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing) return;
  if (call.state !== "idle") call.setMuted(!call.muted);
});

narrow.addEventListener("change", render);
window.addEventListener("popstate", () => app.lookAtInvite());
window.addEventListener("pagehide", () => call.leave());
document.addEventListener("visibilitychange", refreshIfSeen);
setInterval(refreshIfSeen, REFRESH_MS);

function refreshIfSeen() {
  if (app.state.user && document.visibilityState === "visible") app.refresh().catch(() => {});
}

async function start() {
  document.documentElement.lang = language;
  session.onEnded = () => app.forget(t("sessionEnded"));
  render();
  app.lookAtInvite();
  if (!session.token) return;
  try {
    const user = await api.me();
    await app.signedIn({ token: session.token, user });
  } catch (error) {
    if (error.status !== 401) app.set({ notice: error.message });
  }
}

window.projectvoice = { call };
start();
