// Where one lands without a server: make one, or open an invite.

import { html, useEffect } from "../html.js";
import { open } from "../parts/dialog.js";
import { Field, Form } from "../parts/form.js";
import { Icon } from "../parts/icon.js";
import { go, paths, route } from "../router.js";
import { servers } from "../state/servers.js";
import { me } from "../state/session.js";
import { t } from "../texts/index.js";
import { lastPlace } from "./last.js";
import { CreateServer } from "./dialogs/server.js";
import { TopBar } from "./topbar.js";

export function HomeView() {
  useEffect(() => {
    const first = servers.value.keys().next().value;
    if (route.value.name === "home" && first) go(lastPlace() ?? paths.server(first), { replace: true });
  }, [servers.value, route.value]);
  const openInvite = ({ link }) => {
    const token = link.trim().match(/(?:^|\/invite\/)([0-9a-f-]{36})\/?$/i)?.[1];
    if (!token) throw new Error(t("notAnInvite"));
    go(`/invite/${token}`);
  };
  return html`<${TopBar} icon="brand" title="ProjectVoice" />
    <div class="page">
      <div class="welcome">
        <h2>${t("welcome", { name: me.value.username })}</h2>
        <p class="lead">${t("welcomeText")}</p>
        <div class="cards">
          <section class="card">
            <span class="empty-mark"><${Icon} name="people" size="24px" /></span>
            <h3>${t("createServer")}</h3>
            <p class="lead">${t("serverHint")}</p>
            <button type="button" class="button primary" onClick=${() => open(CreateServer)}>${t("createServer")}</button>
          </section>
          <section class="card">
            <span class="empty-mark"><${Icon} name="invite" size="24px" /></span>
            <h3>${t("openInvite")}</h3>
            <${Form} submit=${openInvite} label=${t("open")} wide><${Field} label=${t("inviteLink")} name="link" required autocomplete="off" placeholder="https://…/invite/…" /></${Form}>
          </section>
        </div>
      </div>
    </div>`;
}
