// Everything under /settings.

import { html } from "../html.js";
import { Choice } from "../parts/form.js";
import { IconButton } from "../parts/icon.js";
import { prefer, preferences } from "../state/preferences.js";
import { t } from "../texts/index.js";

export function SettingsView() {
  const { theme, language } = preferences.value;
  return html`<main class="page settings">
    <header class="dialog-head"><h1>${t("settings")}</h1><${IconButton} icon="close" label=${t("close")} onClick=${() => history.back()} /></header>
    <${Choice} legend=${t("theme")} name="theme" value=${theme} choices=${["system", "light", "dark"].map((one) => [one, t(`theme-${one}`)])} onChange=${(one) => prefer({ theme: one })} />
    <${Choice} legend=${t("language")} name="language" value=${language} choices=${[["system", t("theme-system")], ["en", "English"], ["ru", "Русский"]]} onChange=${(one) => prefer({ language: one })} />
  </main>`;
}
