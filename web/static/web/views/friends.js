// People: friends, requests, conversations.

import { html } from "../html.js";
import { Empty } from "../parts/empty.js";
import { t } from "../texts/index.js";
import { TopBar } from "./topbar.js";

export function FriendsView() {
  return html`<${TopBar} icon="people" title=${t("people")} />
    <div class="page"><${Empty} icon="people" title=${t("noConversation")}><p class="lead">${t("noConversationText")}</p></${Empty}></div>`;
}
