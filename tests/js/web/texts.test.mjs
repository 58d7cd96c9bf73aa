import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const WEB = new URL("../../../web/static/web/", import.meta.url);
const files = (folder) => readdirSync(new URL(folder, WEB), { recursive: true }).filter((name) => name.endsWith(".js")).map((name) => `${folder}${name}`);
const areas = files("texts/").filter((name) => !name.endsWith("index.js"));
const tables = await Promise.all(areas.map((name) => import(new URL(name, WEB))));

test("both languages have the same sentences, with the same gaps, and no key is used twice", () => {
  const seen = new Set();
  const gaps = (entry) => [...new Set(JSON.stringify(entry).match(/\{\w+\}/g) ?? [])].sort();
  for (const { en, ru } of tables) {
    assert.deepEqual(Object.keys(en).sort(), Object.keys(ru).sort());
    for (const key of Object.keys(en)) {
      assert.deepEqual(gaps(en[key]), gaps(ru[key]), key);
      assert.ok(!seen.has(key), key);
      seen.add(key);
    }
  }
});

test("every sentence that is asked for is there", () => {
  const known = new Set(tables.flatMap(({ en }) => Object.keys(en)));
  const missing = [];
  for (const name of ["parts/", "state/", "views/", "voice/", "settings/"].flatMap(files).concat("app.js")) {
    for (const [, key] of readFileSync(new URL(name, WEB), "utf8").matchAll(/\bt\("([\w-]+)"/g)) if (!known.has(key)) missing.push(`${name}: ${key}`);
  }
  assert.deepEqual(missing, []);
});
