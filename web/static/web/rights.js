// What to offer somebody on a server. The server decides anyway; this only avoids buttons that would be refused.

const BIT = { createInvite: 1n << 0n, administrator: 1n << 3n, manageChannels: 1n << 4n };
const MODERATORS = ["owner", "admin", "moderator"];

function allowed(server, user, bit) {
  const member = ownMember(server, user);
  if (!member) return true; // a long member list is cut: then offer it and let the server answer
  const permissions = BigInt(member.totalPermissions ?? 0);
  return MODERATORS.includes(member.role) || (permissions & (bit | BIT.administrator)) !== 0n;
}

function ownMember(server, user) {
  return server.members.find((member) => member.userId === user.id);
}

export const can = {
  invite: (server, user) => allowed(server, user, BIT.createInvite),
  manageChannels: (server, user) => allowed(server, user, BIT.manageChannels),
  own: (server, user) => server.ownerId === user.id,
};
