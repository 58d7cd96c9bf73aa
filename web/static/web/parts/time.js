// Times as people say them, in the language of the page.

import { language, t } from "../texts/index.js";

const made = new Map();
function format(options) {
  const key = `${language.value} ${JSON.stringify(options)}`;
  return made.get(key) ?? made.set(key, new Intl.DateTimeFormat(language.value, options)).get(key);
}

export const clock = (date) => format({ hour: "2-digit", minute: "2-digit" }).format(new Date(date));
export const moment = (date) => format({ dateStyle: "long", timeStyle: "short" }).format(new Date(date));
export const date = (moment) => format({ dateStyle: "long" }).format(new Date(moment));
export const dayKey = (date) => new Date(date).toDateString();

export function day(date) {
  const that = new Date(date);
  const today = new Date();
  const days = Math.round((new Date(today.toDateString()) - new Date(that.toDateString())) / 86_400_000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  const sameYear = that.getFullYear() === today.getFullYear();
  return format({ weekday: sameYear ? "long" : undefined, day: "numeric", month: "long", year: sameYear ? undefined : "numeric" }).format(that);
}

// Short, for lists of messages: a clock today, else with its day.
export const when = (date) => (dayKey(date) === dayKey(new Date()) ? clock(date) : `${day(date)}, ${clock(date)}`);

// In the largest unit that is not a fraction of one.
export function duration(seconds) {
  for (const [unit, size] of [["days", 86_400], ["hours", 3600], ["minutes", 60]]) if (seconds >= size) return t(unit, { n: Math.round(seconds / size) });
  return t("seconds", { n: seconds });
}

export function bytes(size) {
  const units = t("byteUnits").split(" ");
  let at = 0;
  while (size >= 1000 && at < units.length - 1) [size, at] = [size / 1000, at + 1];
  return `${new Intl.NumberFormat(language.value, { maximumFractionDigits: size < 10 && at ? 1 : 0 }).format(size)} ${units[at]}`;
}
