// The sections about a server, as far as one may do something in them.

import { may, rankOf } from "../../state/rights.js";
import { t } from "../../texts/index.js";
import { AuditSection } from "./audit.js";
import { BanSection } from "./bans.js";
import { ChannelSection } from "./channels.js";
import { ExplainSection } from "./explain.js";
import { InviteSection } from "./invites.js";
import { LeaveSection } from "./leave.js";
import { MemberSection } from "./members.js";
import { OverviewSection } from "./overview.js";
import { RoleSection } from "./roles.js";
import { WebhookSection } from "./webhooks.js";

export function serverSections(server) {
  const can = (permission) => may(permission, server.id);
  const owner = rankOf(server.id) === "owner";
  return [
    [
      t("serverGroup"),
      [
        can("MANAGE_GUILD") && { name: "overview", label: t("overview"), icon: "settings", Section: OverviewSection },
        can("MANAGE_ROLES") && { name: "roles", label: t("roles"), icon: "badge", Section: RoleSection },
        (can("MANAGE_CHANNELS") || can("MANAGE_ROLES")) && { name: "channels", label: t("channels"), icon: "text", Section: ChannelSection },
      ],
    ],
    [
      t("peopleGroup"),
      [
        { name: "members", label: t("memberList"), icon: "people", Section: MemberSection },
        can("BAN_MEMBERS") && { name: "bans", label: t("bans"), icon: "ban", Section: BanSection },
        can("CREATE_INSTANT_INVITE") && { name: "invites", label: t("invites"), icon: "invite", Section: InviteSection },
      ],
    ],
    [
      t("insightGroup"),
      [
        can("VIEW_AUDIT_LOG") && { name: "audit", label: t("auditLog"), icon: "book", Section: AuditSection },
        can("MANAGE_WEBHOOKS") && { name: "webhooks", label: t("webhooks"), icon: "hook", Section: WebhookSection },
        { name: "why", label: t("whyTitle"), icon: "question", Section: ExplainSection },
      ],
    ],
    [t("moreGroup"), [{ name: "leave", label: t(owner ? "ownership" : "leaveServer"), icon: owner ? "crown" : "exit", Section: LeaveSection }]],
  ]
    .map(([title, sections]) => [title, sections.filter(Boolean)])
    .filter(([, sections]) => sections.length);
}
