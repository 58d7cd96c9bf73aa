import { Refusal, pageOf, pathId } from '../common/http.js';
import { VIEW_CHANNEL, effective } from '../common/permissions.js';
import { CONCERNS, KIND, accessServer } from './access.js';
import { hasLimits, hasOverwrites, statement } from './database.js';

const MOST_MEMBERS = 100; // of one server in an answer
const MEMBERS = `
  m.id, m.user_id, m.server_id, m.role, m.nickname, m.is_muted, m.is_deafened, m.created_at, m.updated_at,
  u.username, u.profile_picture, u.status, u.tag, u.kind <> 'person' AS is_bot,
  ARRAY(SELECT role_id FROM servers_member_roles WHERE member_id = m.id) AS role_ids${
    hasOverwrites ? ', m.muted_until, m.muted_until > now() AS is_timed_out' : ''
  }`;

const serversOf = statement(
  'servers-of-user',
  `SELECT s.id FROM servers_server s JOIN servers_member m ON m.server_id = s.id
   WHERE m.user_id = $1 AND NOT s.is_blocked ORDER BY s.id LIMIT 200`,
);
const serversById = statement(
  'servers',
  `SELECT id, name, description, icon, owner_id, is_blocked, created_at, updated_at,
     (SELECT COUNT(*) FROM servers_member WHERE server_id = s.id) AS member_count
   FROM servers_server s WHERE id = ANY($1) ORDER BY id`,
);
const channelsOf = statement(
  'channels',
  `SELECT id, name, type, server_id, description, position, created_at, updated_at
   ${hasOverwrites ? ', category_id, slowmode' : ''}${hasLimits ? ', user_limit' : ''} FROM servers_channel WHERE server_id = ANY($1) ORDER BY position, id`,
);
const rolesOf = statement(
  'roles',
  `SELECT id, name, color, permissions, position, is_hoisted, is_mentionable, server_id, preset
   FROM servers_role WHERE server_id = ANY($1) ORDER BY position DESC, id`,
);
const firstMembersOf = statement(
  'first-members',
  `SELECT ${MEMBERS} FROM unnest($1::bigint[]) AS server (id)
   CROSS JOIN LATERAL (SELECT * FROM servers_member WHERE server_id = server.id ORDER BY id LIMIT ${MOST_MEMBERS}) m
   JOIN accounts_user u ON u.id = m.user_id ORDER BY m.id`,
);
const memberPage = statement(
  'members',
  `SELECT ${MEMBERS} FROM servers_member m JOIN accounts_user u ON u.id = m.user_id
   WHERE m.server_id = $1 ORDER BY m.id LIMIT $2 OFFSET $3`,
);

const membershipsOf = statement(
  'memberships',
  `SELECT ${MEMBERS} FROM servers_member m JOIN accounts_user u ON u.id = m.user_id
   WHERE m.server_id = ANY($1) AND m.user_id = $2`,
);
const overwritesOf = statement(
  'overwrites',
  `SELECT o.channel_id, o.allow, o.deny, ${KIND} AS kind
   FROM servers_overwrite o JOIN servers_channel c ON c.id = o.channel_id
   JOIN servers_member m ON m.server_id = c.server_id AND m.user_id = $2 LEFT JOIN servers_role r ON r.id = o.role_id
   WHERE c.server_id = ANY($1) AND ${CONCERNS}`,
);
const categoriesOf = statement(
  'categories',
  'SELECT id, name, position, server_id FROM servers_category WHERE server_id = ANY($1) ORDER BY position, id',
);

export async function serverList(request, response) {
  const rows = await serversOf(request.user.id);
  response.json(await complete(request.user, rows.map((row) => row.id)));
}

export async function serverDetail(request, response) {
  const id = pathId(request.params.id);
  await accessServer(request.user, id);
  const [server] = await complete(request.user, [id]);
  if (!server) throw new Refusal(404, 'Server not found');
  response.json(server);
}

export async function memberList(request, response) {
  const id = pathId(request.params.id);
  await accessServer(request.user, id);
  const isPaged = 'page' in request.query || 'limit' in request.query;
  const { number, limit } = isPaged ? pageOf(request.query, MOST_MEMBERS) : { number: 1, limit: 1000 };
  const [roles, members] = await Promise.all([rolesOf([id]), memberPage(id, limit, (number - 1) * limit)]);
  const book = new RoleBook(roles);
  response.json(members.map((member) => memberShape(member, book)));
}

async function complete(user, ids) {
  const [servers, channels, roles, members, ...aside] = await Promise.all([
    serversById(ids),
    channelsOf(ids),
    rolesOf(ids),
    firstMembersOf(ids),
    ...(hasOverwrites ? [membershipsOf(ids, user.id), overwritesOf(ids, user.id), categoriesOf(ids)] : []),
  ]);
  const [memberships, overwrites = [], categories] = aside;
  const written = grouped(overwrites, 'channel_id');
  const channelsBy = grouped(channels);
  const rolesBy = grouped(roles);
  const membersBy = grouped(members);
  return servers.map((server) => {
    const ownRoles = rolesBy.get(server.id) ?? [];
    const book = new RoleBook(ownRoles);
    const ownChannels = channelsBy.get(server.id) ?? [];
    return {
      id: server.id,
      name: server.name,
      description: server.description,
      icon: server.icon,
      ownerId: server.owner_id,
      isBlocked: server.is_blocked,
      memberCount: server.member_count,
      ...(hasOverwrites && { categories: categories.filter((row) => row.server_id === server.id).map(categoryShape) }),
      channels: (hasOverwrites ? seen(ownChannels, server, book, memberships, written) : ownChannels).map(channelShape),
      roles: ownRoles.map(roleShape),
      members: (membersBy.get(server.id) ?? []).map((member) => memberShape(member, book)),
      createdAt: server.created_at,
      updatedAt: server.updated_at,
    };
  });
}

/** The channels of a server that its member may look into. */
function seen(channels, server, book, memberships, written) {
  const member = memberships.find((row) => row.server_id === server.id);
  if (!member) return [];
  const situation = { rank: member.role, roles: book.bits(member), isTimedOut: member.is_timed_out, inChannel: true };
  const plain = effective(situation);
  return channels.filter(({ id }) => {
    const permissions = written.has(id) ? effective({ ...situation, overwrites: written.get(id) }) : plain;
    return permissions & VIEW_CHANNEL;
  });
}

function grouped(rows, key = 'server_id') {
  const groups = new Map();
  for (const row of rows) {
    const group = groups.get(row[key]);
    if (group) group.push(row);
    else groups.set(row[key], [row]);
  }
  return groups;
}

/** The roles of one server, the highest first, ready to be looked up. */
class RoleBook {
  constructor(roles) {
    this.presets = {};
    this.byId = new Map();
    roles.forEach((role, place) => {
      if (role.preset) this.presets[role.preset] = role.permissions;
      this.byId.set(role.id, { place, bits: role.permissions, shape: memberRoleShape(role) });
    });
  }

  of(member) {
    return member.role_ids.map((id) => this.byId.get(id)).sort((a, b) => a.place - b.place);
  }

  bits(member) {
    const custom = member.role_ids.map((id) => this.byId.get(id).bits);
    return [this.presets.everyone, this.presets[member.role], ...custom];
  }
}

function memberShape(member, book) {
  const roles = book.of(member).map((role) => role.shape);
  const situation = { rank: member.role, roles: book.bits(member), isTimedOut: member.is_timed_out };
  return {
    id: member.id,
    userId: member.user_id,
    serverId: member.server_id,
    role: member.role,
    user: {
      id: member.user_id,
      username: member.username,
      profilePicture: member.profile_picture,
      status: member.status,
      tag: member.tag,
      isBot: member.is_bot,
    },
    roles,
    nickname: member.nickname,
    isMuted: member.is_muted,
    isDeafened: member.is_deafened,
    ...(hasOverwrites && { mutedUntil: member.muted_until }),
    highestRole: roles[0] ?? null,
    totalPermissions: String(effective(situation)),
    createdAt: member.created_at,
    updatedAt: member.updated_at,
  };
}

function channelShape(row) {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    serverId: row.server_id,
    description: row.description,
    position: row.position,
    ...(hasOverwrites && { categoryId: row.category_id, slowmode: row.slowmode }),
    ...(hasLimits && { userLimit: row.user_limit }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function categoryShape(row) {
  return { id: row.id, name: row.name, position: row.position, serverId: row.server_id };
}

function memberRoleShape(row) {
  return { id: row.id, name: row.name, color: row.color, permissions: String(row.permissions), position: row.position };
}

function roleShape(row) {
  return {
    ...memberRoleShape(row),
    isHoisted: row.is_hoisted,
    isMentionable: row.is_mentionable,
    serverId: row.server_id,
  };
}
