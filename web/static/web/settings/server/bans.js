// Who may not come back.

import { html, useEffect, useState } from "../../html.js";
import { Avatar } from "../../parts/avatar.js";
import { confirm, useAsked } from "../../parts/dialog.js";
import { Empty, Skeleton } from "../../parts/empty.js";
import { moment } from "../../parts/time.js";
import { hear } from "../../state/events.js";
import { bansOf, liftBan } from "../../state/moderation.js";
import { t } from "../../texts/index.js";

export function BanSection({ server }) {
  const [asked, setAsked] = useState(0);
  const [bans, error] = useAsked(() => bansOf(server.id), [server.id, asked]);
  useEffect(() => {
    const look = ({ serverId }) => serverId === server.id && setAsked((n) => n + 1);
    const ends = ["member-banned", "member-unbanned"].map((kind) => hear(kind, look));
    return () => ends.forEach((end) => end());
  }, [server.id]);
  if (error) return html`<p class="error" role="alert">${error.message}</p>`;
  if (!bans) return html`<${Skeleton} lines=${4} />`;
  if (!bans.length) return html`<${Empty} icon="ban" title=${t("noBans")}><p class="lead">${t("noBansText")}</p></${Empty}>`;
  const lift = ({ userId, user }) =>
    confirm({ title: t("unbanName", { name: user.username }), text: t("unbanText", { name: user.username }), label: t("unban"), act: async () => (await liftBan(server.id, userId), setAsked(asked + 1)) });
  return html`<ul class="rows">
    ${bans.map(
      (ban) => html`<li key=${ban.id} class="row">
        <${Avatar} id=${ban.userId} name=${ban.user.username} picture=${ban.user.profilePicture} size=${38} />
        <div class="row-text">
          <strong>${ban.user.username}</strong>
          <span>${ban.reason || html`<span class="hint">${t("noReason")}</span>`}</span>
          <small class="hint">${moment(ban.bannedAt)} · ${ban.expiresAt ? t("until", { when: moment(ban.expiresAt) }) : t("forEver")}</small>
        </div>
        <button type="button" class="button small" aria-label=${t("unbanName", { name: ban.user.username })} onClick=${() => lift(ban)}>${t("unban")}</button>
      </li>`,
    )}
  </ul>`;
}
