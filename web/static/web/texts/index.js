// Every sentence of the interface. A file per part of it holds both languages; keys are shared by all of them.

import { computed } from "../html.js";
import { preferences } from "../state/preferences.js";
import * as app from "./app.js";
import * as bots from "./bots.js";
import * as chat from "./chat.js";
import * as people from "./people.js";
import * as permissions from "./permissions.js";
import * as server from "./server.js";
import * as settings from "./settings.js";
import * as voice from "./voice.js";

const AREAS = [app, bots, chat, people, permissions, server, settings, voice];
const TABLES = { en: Object.assign({}, ...AREAS.map(({ en }) => en)), ru: Object.assign({}, ...AREAS.map(({ ru }) => ru)) };
const PLURALS = { en: new Intl.PluralRules("en"), ru: new Intl.PluralRules("ru") };
const OF_BROWSER = /^(ru|be|uk|kk)\b/.test(navigator.language ?? "") ? "ru" : "en";

// "en" or "ru": the choice, or else the browser's.
export const language = computed(() => (preferences.value.language in TABLES ? preferences.value.language : OF_BROWSER));

// t("members", { n: 3 }) picks the plural form by n. Components that call it are drawn anew when the language changes.
export function t(key, values = {}) {
  const entry = TABLES[language.value][key] ?? key;
  const text = typeof entry === "string" ? entry : entry[PLURALS[language.value].select(values.n)] ?? entry.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
