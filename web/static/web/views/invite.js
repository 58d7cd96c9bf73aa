// An invite link: what it leads to, and the way in, by way of signing up if need be.

import { html, useEffect, useState } from "../html.js";
import { Avatar } from "../parts/avatar.js";
import { announce } from "../parts/toasts.js";
import { Form } from "../parts/form.js";
import { go, paths, route } from "../router.js";
import { api } from "../state/client.js";
import { addServer, loadRights, servers } from "../state/servers.js";
import { phase } from "../state/session.js";
import { t } from "../texts/index.js";
import { AuthView, Cover } from "./auth.js";

export function InviteView() {
  const { token } = route.value;
  const [{ server, error }, setFound] = useState({});
  useEffect(() => {
    api.get(`/invite/invite/${encodeURIComponent(token)}`).then(
      (invite) => setFound({ server: invite.server }),
      (refusal) => setFound({ error: refusal.status === 404 ? t("inviteUnknown") : refusal.message }),
    );
  }, [token]);
  if (phase.value === "out") {
    return html`<${AuthView} begin="up">
      ${server && html`<${Invitation} server=${server} /><p class="hint">${t("inviteSignIn")}</p>`}
      ${error && html`<p class="error" role="alert">${error}</p>`}
    </${AuthView}>`;
  }
  return html`<${Cover}>
    ${error && html`<h2>${t("inviteTitle")}</h2><p class="error" role="alert">${error}</p>`}
    ${!error && !server && html`<p class="hint">${t("loading")} …</p>`}
    ${server && html`<${Accept} server=${server} token=${token} />`}
    <p class="switch"><button type="button" class="link" onClick=${() => go("/")}>${t("toStart")}</button></p>
  </${Cover}>`;
}

function Invitation({ server }) {
  return html`<div class="invitation">
    <${Avatar} id=${server.id} name=${server.name} picture=${server.icon} size=${56} square />
    <div><p class="hint">${t("invitedTo")}</p><h2>${server.name}</h2>${server.description && html`<p class="lead">${server.description}</p>`}</div>
  </div>`;
}

function Accept({ server, token }) {
  const inside = servers.value.has(server.id);
  const enter = async () => {
    if (!inside) {
      const answer = await api.post(`/invite/invite/${encodeURIComponent(token)}/accept`);
      addServer(answer.server);
      await loadRights(server.id);
      announce(t("joined", { server: server.name }));
    }
    go(paths.server(server.id), { replace: true });
  };
  return html`<${Invitation} server=${server} />
    ${inside && html`<p class="lead">${t("alreadyIn")}</p>`}
    <${Form} submit=${enter} label=${t(inside ? "openServer" : "joinServer", { server: server.name })} wide />`;
}
