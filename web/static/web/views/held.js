// Signed in, but the instance wants something of the account first.

import { html } from "../html.js";
import { held, signOut, start } from "../state/session.js";
import { Email } from "../settings/user/account.js";
import { TwoFactorSection } from "../settings/user/two-factor.js";
import { t } from "../texts/index.js";
import { Cover } from "./auth.js";

export function HeldView() {
  const email = held.value === "email";
  return html`<${Cover}>
    <h2>${t(email ? "gateEmail" : "gateTwoFactor")}</h2>
    ${email ? html`<p class="lead">${t("gateEmailText")}</p><${Email} />` : html`<${TwoFactorSection} />`}
    <div class="actions wide"><button type="button" class="button" onClick=${start}>${t("goOn")}</button></div>
    <p class="switch"><button type="button" class="link" onClick=${signOut}>${t("signOut")}</button></p>
  </${Cover}>`;
}
