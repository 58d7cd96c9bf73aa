// The sections about oneself.

import * as voice from "../../voice/index.js";
import { html } from "../../html.js";
import { t } from "../../texts/index.js";
import { AccountSection } from "./account.js";
import { AppearanceSection } from "./appearance.js";
import { BotSection } from "./bots.js";
import { NotificationSection } from "./notifications.js";
import { ProfileSection } from "./profile.js";
import { ReportSection } from "./reports.js";
import { SessionSection } from "./sessions.js";
import { TwoFactorSection } from "./two-factor.js";

export function userSections() {
  return [
    [
      t("accountGroup"),
      [
        { name: "profile", label: t("profile"), icon: "person", Section: ProfileSection },
        { name: "account", label: t("account"), icon: "key", Section: AccountSection },
        { name: "two-factor", label: t("twoFactorTitle"), icon: "shield", Section: TwoFactorSection },
        { name: "sessions", label: t("sessions"), icon: "devices", Section: SessionSection },
      ],
    ],
    [
      t("appGroup"),
      [
        { name: "appearance", label: t("appearance"), icon: "palette", Section: AppearanceSection },
        { name: "notifications", label: t("notifications"), icon: "bell", Section: NotificationSection },
        ...(voice.VoiceSettings ? [{ name: "voice", label: t("voiceAndVideo"), icon: "mic", Section: VoiceSection }] : []),
      ],
    ],
    [
      t("moreGroup"),
      [
        { name: "bots", label: t("bots"), icon: "bot", Section: BotSection },
        { name: "reports", label: t("myReports"), icon: "flag", Section: ReportSection },
      ],
    ],
  ];
}

const VoiceSection = () => html`<${voice.VoiceSettings} />`;
