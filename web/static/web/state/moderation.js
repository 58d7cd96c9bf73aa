// What those do who run a server: roles, members, bans, invites, overwrites. The lists that only they see are asked for when
// they are looked at; servers and members change in their stores.

import { api } from "./client.js";
import { dropMember, putMember } from "./members.js";
import { changeServer, dropRole, putRole } from "./servers.js";

const keep = (change) => (answer) => (change(answer), answer);
const keepMember = keep((member) => putMember({ member }));
const memberPath = ({ serverId, id }) => `/serverMembers/${serverId}/members/${id}`;

export const updateServer = (serverId, fields) => api.put(`/servers/${serverId}`, fields).then(keep(changeServer));
export const handOver = (serverId, userId) => api.post(`/serverMembers/${serverId}/owner`, { userId }).then(keep(({ message, ...server }) => changeServer(server)));

export const createRole = (serverId, fields) => api.post(`/servers/${serverId}/roles`, fields).then(keep(putRole));
export const updateRole = ({ serverId, id }, fields) => api.patch(`/servers/${serverId}/roles/${id}`, fields).then(keep(putRole));

export async function deleteRole({ serverId, id }) {
  await api.delete(`/servers/${serverId}/roles/${id}`);
  dropRole({ serverId, roleId: id });
}

// places: [{ id, position }], each one request: they are few, and the first that is refused stops the rest.
export async function placeRoles(serverId, places) {
  for (const { id, position } of places) await updateRole({ serverId, id }, { position });
}

export const setRank = (member, role) => api.put(memberPath(member), { role }).then(keepMember);
export const setRoles = (member, roleIds) => api.put(`${memberPath(member)}/roles`, { roleIds }).then(keepMember);
export const setNickname = (member, nickname) => api.patch(memberPath(member), { nickname: nickname || null }).then(keepMember);

// `minutes`: 0 ends it.
export function timeOut(member, minutes, reason) {
  const mutedUntil = minutes ? new Date(Date.now() + minutes * 60_000).toISOString() : null;
  return api.patch(`${memberPath(member)}/timeout`, { mutedUntil, reason }).then(keepMember);
}

export async function kick(member, reason) {
  await api.delete(memberPath(member), { reason });
  dropMember(member);
}

// `days`: 0 is for ever.
export async function ban(member, days, reason) {
  const expiresAt = days ? new Date(Date.now() + days * 86_400_000).toISOString() : null;
  await api.post(`${memberPath(member)}/ban`, { expiresAt, reason });
  dropMember(member);
}

export const bansOf = (serverId) => api.get(`/servers/${serverId}/bans`);
export const liftBan = (serverId, userId) => api.delete(`/servers/${serverId}/bans/${userId}`);

export const invitesOf = (serverId) => api.get(`/invite/${serverId}/invites`);
export const revokeInvite = (inviteId) => api.delete(`/invite/${inviteId}`);

// `who`: { roleId } or { memberId }
const overwritePath = ({ serverId, id }, { roleId, memberId }) => `/servers/${serverId}/channels/${id}/permissions/${roleId ? `roles/${roleId}` : `members/${memberId}`}`;
export const overwritesOf = ({ serverId, id }) => api.get(`/servers/${serverId}/channels/${id}/permissions`);
export const putOverwrite = (channel, who, allow, deny) => api.put(overwritePath(channel, who), { allow: String(allow), deny: String(deny) });
export const dropOverwrite = (channel, who) => api.delete(overwritePath(channel, who));

export const auditOf = (serverId, query) => api.get(`/servers/${serverId}/audit`, query);
export const explain = (serverId, query) => api.get(`/servers/${serverId}/permissions/explain`, query);
