// Who calls, and what is open to him.

import jwt from 'jsonwebtoken';

import { Refusal, bearerOf, sessionOf } from '../common/http.js';
import { effective } from '../common/permissions.js';
import { Channel, Member, Overwrite, Role, Server, Session, User, hasOverwrites } from './models.js';

const SECRET = process.env.SECRET_KEY;
const SEEN_EVERY = 10 * 60_000;

export async function signedIn(request, response, next) {
  let claims;
  try {
    claims = jwt.verify(bearerOf(request), SECRET, { algorithms: ['HS256'] });
  } catch {
    throw new Refusal(401, 'Sign in again');
  }
  const { sid, userId } = sessionOf(claims);
  const session = await Session.findOne({ where: { id: sid, userId }, include: User });
  if (!session || session.expiresAt <= new Date()) throw new Refusal(401, 'Sign in again');
  if (!session.user.isActive) throw new Refusal(403, 'The account is blocked');
  if (Date.now() - session.lastSeenAt > SEEN_EVERY) await session.update({ lastSeenAt: new Date() });
  request.user = session.user;
  next();
}

/** The caller's membership, with its server and its custom roles. */
export async function accessServer(user, serverId, { reading = false } = {}) {
  const member = await Member.findOne({ where: { serverId, userId: user.id }, include: [Server, Role] });
  if (!member && !(await Server.count({ where: { id: serverId } }))) throw new Refusal(404, 'Server not found');
  if (!member) throw new Refusal(403, 'Not a member');
  // Global moderators and admins may look into a blocked server of theirs.
  if (member.server.isBlocked && !(reading && user.role !== 'user')) throw new Refusal(403, 'The server is blocked');
  return member;
}

export async function accessChannel(user, channelId, need, options) {
  const channel = await Channel.findByPk(channelId);
  if (!channel) throw new Refusal(404, 'Channel not found');
  const member = await accessServer(user, channel.serverId, options);
  const presets = await Role.findAll({ where: { serverId: channel.serverId, preset: ['everyone', member.role] } });
  const roles = [...presets, ...member.roles];
  const overwrites = hasOverwrites ? await Overwrite.findAll({ where: { channelId: channel.id } }) : [];
  const permissions = permissionsIn(member, roles, overwrites);
  if ((permissions & need) !== need) throw new Refusal(403, 'Missing permission');
  return channel;
}

/** What a member with these roles may do in a channel with these overwrites. */
export function permissionsIn(member, roles, overwrites) {
  const presetOf = new Map(roles.map((role) => [role.id, role.preset]));
  const concerning = overwrites
    .filter(({ memberId, roleId }) => memberId === member.id || presetOf.has(roleId))
    .map(({ memberId, roleId, allow, deny }) => ({ kind: kindOf(memberId, presetOf.get(roleId)), allow, deny }));
  return effective({
    rank: member.role,
    roles: roles.map((role) => role.permissions),
    isTimedOut: isTimedOut(member),
    inChannel: true,
    overwrites: concerning,
  });
}

export function isTimedOut(member) {
  return member.mutedUntil > new Date();
}

function kindOf(memberId, preset) {
  if (memberId !== null) return 'member';
  return preset === 'everyone' ? 'everyone' : 'role';
}
