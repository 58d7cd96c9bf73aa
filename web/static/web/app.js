// The page starts here: who is signed in decides what is shown.

import { effect, html, render } from "./html.js";
import { Dialogs } from "./parts/dialog.js";
import { EmojiLayer } from "./parts/emoji-picker.js";
import { Icon } from "./parts/icon.js";
import { Toasts } from "./parts/toasts.js";
import { route } from "./router.js";
import { me, notice, phase, start } from "./state/session.js";
import { currentChannel, currentServer } from "./state/servers.js";
import "./state/live.js";
import "./state/notices.js";
import { unread } from "./state/unread.js";
import { language, t } from "./texts/index.js";
import { AuthView } from "./views/auth.js";
import { HeldView } from "./views/held.js";
import { InviteView } from "./views/invite.js";
import { ConfirmView, ResetView } from "./views/recovery.js";
import { Shell } from "./views/shell.js";

const ALONE = { invite: InviteView, reset: ResetView, confirm: ConfirmView }; // shown without the shell, signed in or not

function Page() {
  const Alone = ALONE[route.value.name];
  if (phase.value === "starting") return html`<${Splash} />`;
  if (Alone) return html`<${Alone} />`;
  if (phase.value === "held" && me.value) return html`<${HeldView} />`;
  return phase.value === "in" && me.value ? html`<${Shell} />` : html`<${AuthView} />`;
}

function Splash() {
  return html`<main class="splash" aria-busy=${!notice.value}>
    ${notice.value
      ? html`<p class="error" role="alert">${notice.value}</p>
          <button type="button" class="button" onClick=${start}>${t("tryAgain")}</button>`
      : html`<p class="splash-mark"><${Icon} name="brand" size="44px" /><span class="sr-only">${t("loading")}</span></p>`}
  </main>`;
}

effect(() => (document.documentElement.lang = language.value));
effect(() => {
  const waiting = [...unread.value.values()].reduce((sum, { mentions }) => sum + mentions, 0);
  const place = currentChannel.value?.name ?? currentServer.value?.name;
  document.title = `${waiting ? `(${waiting}) ` : ""}${place ? `${place} · ` : ""}ProjectVoice`;
});
render(html`<${Page} /><${Dialogs} /><${EmojiLayer} /><${Toasts} />`, document.getElementById("app"));
start();
