// Who calls, and what is open to him.

import jwt from 'jsonwebtoken';

import { Refusal, bearerOf, sessionOf } from '../common/http.js';
import { effective } from '../common/permissions.js';
import { hasOverwrites, statement } from './database.js';

const SECRET = process.env.SECRET_KEY;

const sessionById = statement(
  'session',
  `SELECT u.id, u.username, u.profile_picture, u.kind <> 'person' AS is_bot, u.role, u.is_active, s.expires_at <= now() AS is_over,
          s.last_seen_at < now() - interval '10 minutes' AS is_unseen
   FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id WHERE s.id = $1 AND s.user_id = $2`,
);
const sessionSeen = statement('session-seen', 'UPDATE accounts_session SET last_seen_at = now() WHERE id = $1');

const serverOf = statement(
  'server-access',
  `SELECT s.is_blocked, m.id AS member_id
   FROM servers_server s LEFT JOIN servers_member m ON m.server_id = s.id AND m.user_id = $2 WHERE s.id = $1`,
);

/** Of the overwrites `o`, with their roles `r`, those that concern the member `m`. */
export const KIND = `CASE WHEN o.member_id IS NOT NULL THEN 'member' WHEN r.preset = 'everyone' THEN 'everyone' ELSE 'role' END`;
export const CONCERNS = `(o.member_id = m.id OR r.preset IN ('everyone', m.role)
  OR r.id IN (SELECT role_id FROM servers_member_roles WHERE member_id = m.id))`;
const IN_CHANNEL = `m.muted_until > now() AS is_timed_out, (
  SELECT json_agg(json_build_object('allow', o.allow::text, 'deny', o.deny::text, 'kind', ${KIND}))
  FROM servers_overwrite o LEFT JOIN servers_role r ON r.id = o.role_id WHERE o.channel_id = c.id AND ${CONCERNS}
) AS overwrites`;
const channelOf = statement(
  'channel-access',
  `SELECT c.id, c.type, s.is_blocked, m.id AS member_id, m.role AS rank,
     ARRAY(
       SELECT permissions FROM servers_role WHERE server_id = c.server_id AND preset IN ('everyone', m.role)
       UNION ALL
       SELECT r.permissions FROM servers_member_roles mr JOIN servers_role r ON r.id = mr.role_id WHERE mr.member_id = m.id
     )::text[] AS roles,
     ${hasOverwrites ? IN_CHANNEL : 'false AS is_timed_out, NULL AS overwrites'}
   FROM servers_channel c JOIN servers_server s ON s.id = c.server_id
   LEFT JOIN servers_member m ON m.server_id = c.server_id AND m.user_id = $2
   WHERE c.id = $1`,
);

export async function signedIn(request, response, next) {
  let claims;
  try {
    claims = jwt.verify(bearerOf(request), SECRET, { algorithms: ['HS256'] });
  } catch {
    throw new Refusal(401, 'Sign in again');
  }
  const { sid, userId } = sessionOf(claims);
  const [user] = await sessionById(sid, userId);
  if (!user || user.is_over) throw new Refusal(401, 'Sign in again');
  if (!user.is_active) throw new Refusal(403, 'The account is blocked');
  if (user.is_unseen) await sessionSeen(sid);
  request.user = user;
  next();
}

export async function accessServer(user, serverId) {
  const [server] = await serverOf(serverId, user.id);
  if (!server) throw new Refusal(404, 'Server not found');
  requireOpen(server, user, true);
}

export async function accessChannel(user, channelId, need, { reading = false } = {}) {
  const [channel] = await channelOf(channelId, user.id);
  if (!channel) throw new Refusal(404, 'Channel not found');
  requireOpen(channel, user, reading);
  const { rank, roles, is_timed_out: isTimedOut } = channel;
  const permissions = effective({ rank, roles, isTimedOut, inChannel: true, overwrites: channel.overwrites ?? [] });
  if ((permissions & need) !== need) throw new Refusal(403, 'Missing permission');
  return channel;
}

/** Global moderators and admins may look into a blocked server of theirs. */
function requireOpen(door, user, reading) {
  if (door.member_id === null) throw new Refusal(403, 'Not a member');
  if (door.is_blocked && !(reading && user.role !== 'user')) throw new Refusal(403, 'The server is blocked');
}
