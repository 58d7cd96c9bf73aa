// What a browser says it is, in short. Pure.

const BROWSERS = [[/Edg\//, "Edge"], [/OPR\//, "Opera"], [/YaBrowser\//, "Yandex"], [/Firefox\//, "Firefox"], [/Chrome\//, "Chrome"], [/Safari\//, "Safari"]];
const SYSTEMS = [[/iPhone|iPad/, "iOS"], [/Android/, "Android"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/Linux/, "Linux"]];

const first = (table, text) => table.find(([pattern]) => pattern.test(text))?.[1];

// { browser?, system? }: what is no browser is called by the first word it says, without its version.
export function deviceOf(userAgent) {
  return { browser: first(BROWSERS, userAgent) ?? (userAgent.split("/")[0].slice(0, 40) || undefined), system: first(SYSTEMS, userAgent) };
}
