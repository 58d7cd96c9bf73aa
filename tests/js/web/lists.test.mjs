import assert from "node:assert/strict";
import { test } from "node:test";
import { findEmoji } from "../../../web/static/web/parts/emoji.js";
import { rows } from "../../../web/static/web/views/chat/rows.js";
import { found } from "../../../web/static/web/views/chat/searching.js";
import { grouped } from "../../../web/static/web/views/grouping.js";
import { moved } from "../../../web/static/web/views/moving.js";

const at = (minutes) => new Date(2024, 4, 5, 12, minutes).toISOString();
const said = (id, userId, minutes, more = {}) => ({ id, userId, user: { username: `${userId}` }, createdAt: at(minutes), replyToId: null, ...more });

test("messages of one author stand together until a pause, a reply or another author", () => {
  const list = rows([said(1, 7, 0), said(2, 7, 1), said(3, 8, 2), said(4, 8, 20), said(5, 8, 21, { replyToId: 1 })], undefined, 9);
  assert.deepEqual(list.map(({ first }) => first), [true, false, true, true, true]);
  assert.deepEqual(list.map(({ day }) => day), [true, false, false, false, false]);
});

test("a new day and the first unread message of somebody else are marked, once", () => {
  const list = rows([said(1, 7, 0), said(2, 9, 1), said(3, 7, 2), said(4, 7, 3), said(5, 7, 60 * 24)], 1, 9);
  assert.deepEqual(list.filter(({ fresh }) => fresh).map(({ message }) => message.id), [3]);
  assert.deepEqual(list.filter(({ day }) => day).map(({ message }) => message.id), [1, 5]);
});

test("nothing is marked as new where all was read; everything of others where nothing was", () => {
  assert.ok(rows([said(1, 7, 0)], undefined, 9).every(({ fresh }) => !fresh));
  assert.ok(rows([said(1, 7, 0)], null, 9)[0].fresh);
});

const member = (userId, more = {}) => ({ userId, role: "member", roles: [], nickname: null, user: { username: `u${userId}` }, ...more });
const ROLES = [{ id: 1, name: "Moderator", position: 2, isHoisted: true }, { id: 2, name: "Owner", position: 4, isHoisted: true }, { id: 3, name: "DJ", position: 9, isHoisted: false }];

test("members stand under their highest hoisted role while they are there, else below", () => {
  const list = [member(1), member(2, { role: "owner", roles: [{ id: 3 }] }), member(3, { roles: [{ id: 1 }] }), member(4, { role: "owner" })];
  const groups = grouped(list, ROLES, new Map([[1, "online"], [2, "idle"], [3, "dnd"]]), "en");
  assert.deepEqual(groups.map(({ key, members }) => [key, members.map(({ userId }) => userId)]), [["role-2", [2]], ["role-1", [3]], ["online", [1]], ["offline", [4]]]);
});

test("without presences nobody counts as away; names are sorted as people sort them", () => {
  const groups = grouped([member(2, { nickname: "Ёлка" }), member(1, { nickname: "Жук" }), member(3, { nickname: "Дом" })], ROLES, null, "ru");
  assert.deepEqual(groups.map(({ key, members }) => [key, members.map(({ nickname }) => nickname)]), [["everybody", ["Дом", "Ёлка", "Жук"]]]);
});

test("a channel that moves takes its place, and the others of that category theirs", () => {
  const channels = [{ id: 1, categoryId: null }, { id: 2, categoryId: 5 }, { id: 3, categoryId: 5 }];
  assert.deepEqual(moved(channels, 1, 5, 3), [2, 1, 3].map((id, position) => ({ id, position, categoryId: 5 })));
  assert.deepEqual(moved(channels, 2, null, null).map(({ id }) => id), [1, 2]);
});

test("a search through many channels tells the newest first, and ends when nobody wants it", async () => {
  const told = [];
  await found([1, 2, 3, 4, 5, 6], async (id) => ({ messages: id % 2 ? [{ id }] : [] }), (all) => told.push(all.map(({ id }) => id)), () => true);
  assert.deepEqual(told.at(-1), [5, 3, 1]);
  let asked = 0;
  await found([1, 2, 3], async () => (asked++, { messages: [] }), () => {}, () => false);
  assert.equal(asked, 0);
});

test("emoji are found by words of both languages", () => {
  assert.ok(findEmoji("heart").some(({ emoji }) => emoji === "❤️"));
  assert.ok(findEmoji("серд").some(({ emoji }) => emoji === "❤️"));
  assert.equal(findEmoji("no such thing").length, 0);
});
