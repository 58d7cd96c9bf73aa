// Links that let people in: which there are, how often they were used, and their end.

import { html, useEffect, useState } from "../../html.js";
import { copyText } from "../../parts/copy.js";
import { confirm, open, useAsked } from "../../parts/dialog.js";
import { Empty, Skeleton } from "../../parts/empty.js";
import { Icon, IconButton } from "../../parts/icon.js";
import { moment } from "../../parts/time.js";
import { hear } from "../../state/events.js";
import { memberOf } from "../../state/members.js";
import { invitesOf, revokeInvite } from "../../state/moderation.js";
import { may, rankOf } from "../../state/rights.js";
import { t } from "../../texts/index.js";
import { InviteDialog } from "../../views/dialogs/invite.js";

export function InviteSection({ server }) {
  const [asked, setAsked] = useState(0);
  const [invites, error] = useAsked(() => invitesOf(server.id), [server.id, asked]);
  useEffect(() => {
    const look = ({ serverId }) => serverId === server.id && setAsked((n) => n + 1);
    const ends = ["invite-created", "invite-deleted", "member-joined"].map((kind) => hear(kind, look));
    return () => ends.forEach((end) => end());
  }, [server.id]);
  const revokes = may("ADMINISTRATOR", server.id) || ["owner", "admin"].includes(rankOf(server.id));
  const revoke = ({ id }) => confirm({ title: t("revokeInvite"), text: t("revokeInviteText"), label: t("revoke"), act: async () => (await revokeInvite(id), setAsked(asked + 1)) });
  return html`<div class="actions start"><button type="button" class="button primary" onClick=${() => open(InviteDialog, { server })}><${Icon} name="plus" />${t("createInvite")}</button></div>
    ${error && html`<p class="error" role="alert">${error.message}</p>`}
    ${!error && !invites && html`<${Skeleton} lines=${4} />`}
    ${invites?.length === 0 && html`<${Empty} icon="invite" title=${t("noInvites")}><p class="lead">${t("noInvitesText")}</p></${Empty}>`}
    ${invites?.length > 0 && html`<ul class="rows">${invites.map((one) => html`<${Row} key=${one.id} server=${server} invite=${one} revoke=${revokes && revoke} />`)}</ul>`}`;
}

function Row({ server, invite, revoke }) {
  const { token, createdBy, uses, maxUses, expiresAt } = invite;
  const author = memberOf(server.id, createdBy)?.user.username;
  const over = expiresAt !== null && new Date(expiresAt) < new Date();
  const short = token.slice(0, 8);
  return html`<li class="row ${over ? "faded" : ""}">
    <span class="row-mark"><${Icon} name="link" /></span>
    <div class="row-text">
      <strong class="mono">…/invite/${short}…</strong>
      <small class="hint">${author && `${t("madeBy", { name: author })} · `}${maxUses ? t("usesOf", { n: uses, most: maxUses }) : t("uses", { n: uses })} · ${expiresAt ? t(over ? "expired" : "until", { when: moment(expiresAt) }) : t("forEver")}</small>
    </div>
    <${IconButton} icon="copy" label=${t("copyInvite", { short })} onClick=${() => copyText(`${location.origin}/invite/${token}`, t("copied"))} />
    ${revoke && html`<${IconButton} icon="trash" label=${t("revokeNamed", { short })} class="danger" onClick=${() => revoke(invite)} />`}
  </li>`;
}
