// How the page looks in this browser.

import { html } from "../../html.js";
import { Choice } from "../../parts/form.js";
import { prefer, preferences } from "../../state/preferences.js";
import { t } from "../../texts/index.js";

export function AppearanceSection() {
  const { theme, language, density } = preferences.value;
  return html`<div class="form">
    <${Choice} legend=${t("theme")} name="theme" value=${theme} choices=${["system", "light", "dark"].map((one) => [one, t(`theme-${one}`)])} onChange=${(one) => prefer({ theme: one })} />
    <${Choice} legend=${t("density")} name="density" value=${density} choices=${["cozy", "compact"].map((one) => [one, t(`density-${one}`), t(`density-${one}-hint`)])} onChange=${(one) => prefer({ density: one })} />
    <${Choice} legend=${t("language")} name="language" value=${language} choices=${[["system", t("theme-system")], ["en", "English"], ["ru", "Русский"]]} onChange=${(one) => prefer({ language: one })} />
    <p class="hint">${t("ofThisBrowser")}</p>
  </div>`;
}
