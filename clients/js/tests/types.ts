// Read by tsc alone, against what is published: lines that must be understood, and lines that must not be.

import { ApiError, Client, Live } from "projectvoice";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>) {}

export async function rest(client: Client, id: number, token: string) {
  const page = await client.get("/api/messages", { channelId: id, limit: 20 });
  same<(typeof page.messages)[number]["content"], string>(true);
  same<typeof page.total, number>(true);

  const channels = await client.get(`/api/servers/${id}/channels`);
  same<(typeof channels)[number]["name"], string>(true);
  const ids = await client.get(`/api/servers/${id}`, {}, { signal: new AbortController().signal });
  same<typeof ids.id, number>(true);
  const request: string = (await client.get(`/api/invite/invite/${encodeURIComponent(token)}`)).token;

  const made = await client.post(`/api/servers/${id}/channels`, { name: "lobby", type: "voice" });
  same<typeof made.id, number>(true);
  await client.put(`/api/servers/${id}/channels/${made.id}`, { userLimit: 5 });
  await client.post(`/api/invite/invite/${token}/accept`);
  same<Awaited<ReturnType<typeof client.delete<`/api/servers/${number}`>>>, null>(true);

  // @ts-expect-error: there is no such path
  await client.get("/api/mesages");
  // @ts-expect-error: it is not deleted
  await client.delete("/api/info");
  // @ts-expect-error: which channel?
  await client.get("/api/messages");
  // @ts-expect-error: an id is a number
  await client.get("/api/messages", { channelId: "7" });
  // @ts-expect-error: nor is there such a parameter
  await client.get("/api/messages", { channelId: 7, sort: "asc" });
  // @ts-expect-error: a name is needed
  await client.post(`/api/servers/${id}/channels`, { type: "voice" });
  // @ts-expect-error: neither text nor voice
  await client.post(`/api/servers/${id}/channels`, { name: "lobby", type: "video" });
  // @ts-expect-error: a body is needed
  await client.post("/api/messages");
  // @ts-expect-error: no such field in the answer
  page.items;
  // @ts-expect-error: the server is addressed by its number
  await client.get(`/api/servers/${token}`);
  return request;
}

export async function session(client: Client) {
  const { user } = await client.login({ email: "ann@example.com", password: "…", twoFactorCode: "123456" });
  same<typeof user.id, number>(true);
  client.onSignedOut = () => {};
  const me = await client.me();
  same<typeof me.username, string>(true);
  const file = await client.upload(new Blob(["…"]), { channelId: 3, onProgress: (share) => share.toFixed() });
  same<typeof file.url, string>(true);
  // @ts-expect-error: where to?
  await client.upload(new Blob([]), {});
}

export function errors(error: unknown) {
  if (!(error instanceof ApiError)) throw error;
  same<typeof error.status, number>(true);
  return error.twoFactor?.ticket ?? error.details?.permission ?? error.retryAfter;
}

export function live(client: Client) {
  const live = new Live(client, { since: 41 });
  const off: () => void = live.on("message-created", ({ seq, channelId, message }) => {
    same<typeof seq, number>(true);
    same<typeof channelId, number>(true);
    same<typeof message.content, string>(true);
  });
  live.on("voice-seats", ({ seats }) => seats.filter((seat) => seat.canSpeak));
  live.on("*", (kind) => kind.length);
  live.onState = (state) => same<typeof state, "connecting" | "online" | "offline">(true);
  live.presence("dnd");
  // @ts-expect-error: no such kind
  live.on("message-create", () => {});
  // @ts-expect-error: the catalogue has no such key
  live.on("message-deleted", ({ message }) => message);
  // @ts-expect-error: no such presence
  live.presence("busy");
  live.socket.on("connect", () => live.socket.emit("join-room", 6));
  return off;
}
