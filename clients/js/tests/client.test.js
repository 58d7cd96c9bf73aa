import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { ApiError, Client } from "../src/index.js";

let client;
let asked;

beforeEach(() => {
  mock.timers.reset();
  mock.restoreAll();
  client = new Client({ baseUrl: "http://localhost:5000/", token: "t", language: "en" });
});

/** The next answers of the server's. */
function answers(...responses) {
  asked = mock.method(globalThis, "fetch", async () => responses.shift());
}

const request = () => {
  const [url, { method, headers, body }] = asked.mock.calls.at(-1).arguments;
  return { method, url, headers, body };
};

const refusal = (status, body, headers) => Response.json({ code: status, ...body }, { status, headers });

test("a request has its query, its language and the token", async () => {
  answers(Response.json({ total: 0 }));
  const page = await client.get("/api/messages", { channelId: 7, before: undefined, after: null, kind: ["a", "b&c"] });
  assert.deepEqual(page, { total: 0 });
  assert.deepEqual(request(), {
    method: "GET",
    url: "http://localhost:5000/api/messages?channelId=7&kind=a&kind=b%26c",
    headers: { Accept: "application/json", "Accept-Language": "en", Authorization: "Bearer t" },
    body: undefined,
  });
});

test("bodies are JSON, each verb says itself, nothing is null", async () => {
  for (const verb of ["post", "put", "patch", "delete"]) {
    answers(Response.json({}), new Response(null, { status: 204 }));
    await client[verb]("/api/thing", { name: "a" });
    assert.equal(request().method, verb.toUpperCase());
    assert.equal(request().body, '{"name":"a"}');
    assert.equal(request().headers["Content-Type"], "application/json");
    assert.equal(await client[verb]("/api/thing"), null);
    assert.ok(!("Content-Type" in request().headers));
  }
});

test("a refusal is an error with the server's words", async () => {
  answers(refusal(403, { error: "You lack the permission", details: { permission: "SPEAK" } }));
  const error = await client.get("/api/x").catch((error) => error);
  assert.ok(error instanceof ApiError && error instanceof Error);
  assert.equal(error.message, "You lack the permission");
  assert.deepEqual([error.status, error.details, error.offline], [403, { permission: "SPEAK" }, false]);
  assert.equal(client.token, "t");
});

test("how long to wait is in the header or in the answer", async () => {
  answers(refusal(429, { error: "Slow down", retryAfter: 3 }, { "Retry-After": "7" }), refusal(429, { retryAfter: 3 }), refusal(429, {}));
  const waits = [];
  for (let turn = 0; turn < 3; turn++) waits.push((await client.get("/api/x").catch((error) => error)).retryAfter);
  assert.deepEqual(waits, [7, 3, null]);
});

test("signing in keeps the token and sends none", async () => {
  answers(Response.json({ token: "new", user: { id: 1 } }));
  const answer = await client.login({ email: "a@b.c", password: "p" });
  assert.equal(answer.user.id, 1);
  assert.equal(client.token, "new");
  assert.ok(!("Authorization" in request().headers));
  assert.deepEqual([request().url, request().body], ["http://localhost:5000/api/auth/login", '{"email":"a@b.c","password":"p"}']);
});

test("a second factor is asked for by an error with a ticket", async () => {
  answers(refusal(403, { error: "A code is needed", twoFactor: { ticket: "k", expiresAt: "…" } }), Response.json({ token: "new" }));
  const error = await client.login({ email: "a@b.c", password: "p" }).catch((error) => error);
  await client.loginTwoFactor(error.twoFactor.ticket, "123456");
  assert.equal(request().body, '{"ticket":"k","code":"123456"}');
  assert.equal(client.token, "new");
});

test("an ended session is told once, and only of the token that was sent", async () => {
  let ended = 0;
  client.onSignedOut = () => ended++;
  answers(refusal(401, { error: "Sign in" }), refusal(401, { error: "Sign in" }), refusal(401, { error: "Sign in" }));
  const two = [client.me(), client.me()];
  for (const one of two) assert.equal((await one.catch((error) => error)).status, 401);
  assert.deepEqual([ended, client.token], [1, null]);
  const late = client.request("GET", "/api/x", { token: "an older one" });
  client.token = "newer";
  await late.catch(() => {});
  assert.deepEqual([ended, client.token], [1, "newer"]);
});

test("signing out forgets the token, whatever the server says", async () => {
  answers(new Response(null, { status: 204 }), refusal(401, { error: "Sign in" }), refusal(503, { error: "Later" }));
  client.onSignedOut = () => assert.fail("one knows");
  await client.logout();
  assert.equal(request().headers.Authorization, "Bearer t");
  assert.equal(client.token, null);
  client.token = "t";
  await client.logout();
  client.token = "t";
  await assert.rejects(client.logout(), { status: 503 });
  assert.equal(client.token, null);
});

test("no answer is an error of status 0, in one's language", async () => {
  mock.method(globalThis, "fetch", async () => {
    throw new TypeError("fetch failed");
  });
  const error = await client.me().catch((error) => error);
  assert.deepEqual([error.status, error.offline, error.message], [0, true, "The server cannot be reached"]);
  assert.equal(error.cause.message, "fetch failed");
  client.language = "ru-RU";
  assert.equal((await client.me().catch((error) => error)).message, "Нет связи с сервером");
});

/** As fetch does: nothing, until it is told to stop. */
const hanging = (_, { signal }) =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });

test("a server that does not answer is given up", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(globalThis, "fetch", hanging);
  const failed = assert.rejects(client.me(), { status: 0, message: "The server did not answer in time" });
  mock.timers.tick(30_000);
  await failed;
});

test("a request that its caller gives up fails with his reason", async () => {
  mock.method(globalThis, "fetch", hanging);
  const controller = new AbortController();
  const failed = assert.rejects(client.get("/api/x", {}, { signal: controller.signal }), { name: "AbortError" });
  controller.abort();
  await failed;
  await assert.rejects(client.get("/api/x", {}, { signal: controller.signal }), { name: "AbortError" });
});

test("what is no JSON is an error, good or bad", async () => {
  answers(new Response("<h1>Bad Gateway</h1>", { status: 502 }), new Response("<h1>Log in to the hotel</h1>"));
  await assert.rejects(client.me(), { status: 502, message: "HTTP 502" });
  await assert.rejects(client.me(), { status: 200, message: "The server answered something else than JSON" });
});

test("an upload is a form, and tells when it is there", async () => {
  answers(Response.json({ id: 7 }, { status: 201 }), refusal(413, { error: "Too large" }));
  const shares = [];
  const file = new Blob(["meow"], { type: "text/plain" });
  assert.deepEqual(await client.upload(file, { channelId: 3, filename: "cat.txt", onProgress: (share) => shares.push(share) }), { id: 7 });
  const { url, method, body, headers } = request();
  assert.deepEqual([method, url, headers.Authorization], ["POST", "http://localhost:5000/api/attachments", "Bearer t"]);
  assert.deepEqual([body.get("channelId"), body.get("file").name, await body.get("file").text()], ["3", "cat.txt", "meow"]);
  await assert.rejects(client.upload(file, { channelId: 3, onProgress: (share) => shares.push(share) }), { status: 413 });
  assert.deepEqual(shares, [1]);
});
