import { literal } from 'sequelize';

import { Refusal, pageOf, pathId } from '../common/http.js';
import { VIEW_CHANNEL, effective } from '../common/permissions.js';
import { accessServer, isTimedOut, permissionsIn } from './access.js';
import { Category, Channel, Member, Overwrite, Role, Server, User, hasLimits, hasOverwrites } from './models.js';

const MOST_MEMBERS = 100; // of one server in an answer
const CUSTOM_ROLES = { model: Role, through: { attributes: [] } };
const MEMBER_PARTS = [{ model: User, attributes: ['id', 'username', 'profilePicture', 'status', 'tag', 'kind'] }, CUSTOM_ROLES];
const BY_POSITION = [['position', 'ASC'], ['id', 'ASC']];
const PARTS = [
  { model: Channel, separate: true, order: BY_POSITION, ...(hasOverwrites && { include: Overwrite }) },
  ...(hasOverwrites ? [{ model: Category, separate: true, order: BY_POSITION }] : []),
  { model: Role, separate: true, order: [['position', 'DESC'], ['id', 'ASC']] },
];
const FIRST_MEMBERS = { model: Member, separate: true, limit: MOST_MEMBERS, order: [['id', 'ASC']], include: MEMBER_PARTS };
const MEMBER_COUNT = [literal('(SELECT COUNT(*) FROM servers_member WHERE server_id = "server"."id")'), 'memberCount'];

export async function serverList(request, response) {
  const mine = await Member.findAll({
    where: { userId: request.user.id },
    include: [{ model: Server, where: { isBlocked: false }, attributes: [] }, CUSTOM_ROLES],
    order: [['serverId', 'ASC']],
    limit: 200,
  });
  response.json(await complete(mine));
}

export async function serverDetail(request, response) {
  const id = pathId(request.params.id);
  const member = await accessServer(request.user, id, { reading: true });
  const [server] = await complete([member]);
  if (!server) throw new Refusal(404, 'Server not found');
  response.json(server);
}

export async function memberList(request, response) {
  const id = pathId(request.params.id);
  await accessServer(request.user, id, { reading: true });
  const isPaged = 'page' in request.query || 'limit' in request.query;
  const { number, limit } = isPaged ? pageOf(request.query, MOST_MEMBERS) : { number: 1, limit: 1000 };
  const [roles, members] = await Promise.all([
    Role.findAll({ where: { serverId: id } }),
    Member.findAll({
      where: { serverId: id },
      include: MEMBER_PARTS,
      order: [['id', 'ASC']],
      limit,
      offset: (number - 1) * limit,
    }),
  ]);
  const presets = presetsOf(roles);
  response.json(members.map((member) => memberShape(member, presets)));
}

/** The servers of these memberships of one user, as he sees them. */
async function complete(memberships) {
  const ids = memberships.map((member) => member.serverId);
  const servers = await Server.findAll({
    where: { id: ids },
    attributes: { include: [MEMBER_COUNT] },
    // Of several servers Sequelize limits the members of each; of one it would limit the joined rows.
    include: [...PARTS, { ...FIRST_MEMBERS, subQuery: ids.length === 1 }],
    order: [['id', 'ASC']],
  });
  const mine = new Map(memberships.map((member) => [member.serverId, member]));
  return servers.map((server) => serverShape(server, mine.get(server.id)));
}

function presetsOf(roles) {
  return new Map(roles.filter((role) => role.preset).map((role) => [role.preset, role.permissions]));
}

function serverShape(server, mine) {
  const presets = presetsOf(server.roles);
  return {
    id: server.id,
    name: server.name,
    description: server.description,
    icon: server.icon,
    ownerId: server.ownerId,
    isBlocked: server.isBlocked,
    memberCount: server.get('memberCount'),
    ...(hasOverwrites && { categories: server.categories.map(categoryShape) }),
    channels: (hasOverwrites ? seen(server, mine) : server.channels).map(channelShape),
    roles: server.roles.map(roleShape),
    members: server.members.map((member) => memberShape(member, presets)),
    createdAt: server.createdAt,
    updatedAt: server.updatedAt,
  };
}

/** The channels that the member may look into. */
function seen(server, member) {
  const presets = server.roles.filter((role) => role.preset === 'everyone' || role.preset === member.role);
  const roles = [...presets, ...member.roles];
  return server.channels.filter((channel) => permissionsIn(member, roles, channel.overwrites) & VIEW_CHANNEL);
}

function channelShape(channel) {
  const { id, name, type, serverId, description, position, categoryId, slowmode, userLimit, createdAt, updatedAt } = channel;
  const late = { ...(hasOverwrites && { categoryId, slowmode }), ...(hasLimits && { userLimit }) };
  return { id, name, type, serverId, description, position, ...late, createdAt, updatedAt };
}

function categoryShape({ id, name, position, serverId }) {
  return { id, name, position, serverId };
}

function memberRoleShape({ id, name, color, permissions, position }) {
  return { id, name, color, permissions: String(permissions), position };
}

function roleShape(role) {
  const { isHoisted, isMentionable, serverId } = role;
  return { ...memberRoleShape(role), isHoisted, isMentionable, serverId };
}

function memberShape(member, presets) {
  const { id, userId, serverId, role, user, nickname, isMuted, isDeafened, createdAt, updatedAt } = member;
  const custom = member.roles.toSorted((a, b) => b.position - a.position || a.id - b.id);
  const roles = custom.map(memberRoleShape);
  const bits = [presets.get('everyone'), presets.get(role), ...custom.map((one) => one.permissions)];
  const { username, profilePicture, status, tag } = user;
  return {
    id,
    userId,
    serverId,
    role,
    user: { id: user.id, username, profilePicture, status, tag, isBot: user.kind !== 'person' },
    roles,
    nickname,
    isMuted,
    isDeafened,
    ...(hasOverwrites && { mutedUntil: member.mutedUntil }),
    highestRole: roles[0] ?? null,
    totalPermissions: String(effective({ rank: role, roles: bits, isTimedOut: isTimedOut(member) })),
    createdAt,
    updatedAt,
  };
}
