// What the page may interrupt one with.

import { html, useState } from "../../html.js";
import { Toggle } from "../../parts/form.js";
import { prefer, preferences } from "../../state/preferences.js";
import { chime } from "../../parts/chime.js";
import { t } from "../../texts/index.js";

const POSSIBLE = "Notification" in window;

export function NotificationSection() {
  const [permission, setPermission] = useState(POSSIBLE ? Notification.permission : "denied");
  const { notifications, messageSounds } = preferences.value;
  const allow = async ({ target }) => {
    const wanted = target.checked;
    const answer = wanted && POSSIBLE ? await Notification.requestPermission() : permission;
    setPermission(answer);
    prefer({ notifications: wanted && answer === "granted" });
  };
  const on = notifications && permission === "granted";
  const sound = ({ target }) => {
    prefer({ messageSounds: target.checked });
    if (target.checked) chime();
  };
  return html`<div class="form toggles">
    <${Toggle} label=${t("browserNotices")} hint=${t("browserNoticesHint")} checked=${on} disabled=${permission === "denied"} onChange=${allow} />
    ${permission === "denied" && html`<p class="hint">${t(POSSIBLE ? "noticesDenied" : "noticesImpossible")}</p>`}
    <${Toggle} label=${t("messageSounds")} hint=${t("messageSoundsHint")} checked=${messageSounds} onChange=${sound} />
    <p class="hint">${t("quietInDnd")}</p>
    <p class="hint">${t("ofThisBrowser")}</p>
  </div>`;
}
