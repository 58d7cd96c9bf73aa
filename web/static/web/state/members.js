// Members by server: the first thousand at most, in pages, when a server is looked at.

import { api } from "./client.js";
import { asked, reduce } from "./events.js";
import { me } from "./session.js";
import { loadRights, servers } from "./servers.js";
import { amend, drop, personal, put } from "./store.js";

const PAGE = 100;
const MOST = 1000;
const STORY = ["member-joined", "member-updated", "member-left"];

export const members = personal(() => new Map()); // server id → Map(user id → the object of GET …/members)

export const membersOf = (serverId) => members.value.get(serverId) ?? null;
export const memberOf = (serverId, userId) => members.value.get(serverId)?.get(userId) ?? null;

export async function loadMembers(serverId) {
  const found = new Map();
  const page = async (number) => {
    const list = await api.get(`/serverMembers/${serverId}/members`, { page: number, limit: PAGE });
    for (const member of list) found.set(member.userId, member);
    return list.length === PAGE && number < MOST / PAGE;
  };
  const take = () => put(members, serverId, new Map(found));
  await asked(STORY, async () => {
    for (let number = 1; await page(number); number++) take();
  }, take);
}

// The name somebody goes by where he is seen.
export const nameOf = (serverId, user) => memberOf(serverId, user?.id)?.nickname || user?.username || "";

// The colour of the highest role that has one, or null. A member's own list says which he carries; the server's, what they are now.
export function colourOf(serverId, userId) {
  const carried = new Set((memberOf(serverId, userId)?.roles ?? []).map(({ id }) => id));
  const coloured = (servers.value.get(serverId)?.roles ?? []).filter(({ id, color }) => carried.has(id) && color && color.toUpperCase() !== "#99AAB5");
  return coloured.toSorted((one, other) => other.position - one.position)[0]?.color ?? null;
}

export function putMember({ member }) {
  amend(members, member.serverId, (list) => new Map(list).set(member.userId, member));
  if (member.userId === me.peek()?.id) loadRights(member.serverId).catch(() => {});
}

export function dropMember({ serverId, userId }) {
  amend(members, serverId, (list) => {
    const rest = new Map(list);
    rest.delete(userId);
    return rest;
  });
}

reduce("member-joined", putMember);
reduce("member-updated", putMember);
reduce("member-left", dropMember);

export const forgetMembers = (serverId) => drop(members, serverId);
