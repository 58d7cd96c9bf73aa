// The tables of ProjectVoice as Sequelize models.

import pg from 'pg';
import { DataTypes, Sequelize } from 'sequelize';

import { integer } from '../common/http.js';

pg.types.setTypeParser(pg.types.builtins.INT8, integer);

const url = new URL(process.env.DATABASE_URL); // its host may be the folder of a socket
const [host, database, user, password] = [url.hostname, url.pathname.slice(1), url.username, url.password].map(decodeURIComponent);
export const sequelize = new Sequelize(database, user, password, {
  host,
  port: Number(url.port) || 5432,
  dialect: 'postgres',
  logging: false,
  pool: { max: 10, min: 10, idle: 3_600_000 },
  define: { underscored: true, timestamps: false },
});

// Older databases know neither: overwrites came with categories, slow mode and timeouts.
const [[known]] = await sequelize.query(`
  SELECT to_regclass('servers_overwrite') IS NOT NULL AS overwrites, to_regclass('messaging_attachment') IS NOT NULL AS attachments,
    to_regclass('messaging_mention') IS NOT NULL AS mentions,
    EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'servers_channel'::regclass AND attname = 'user_limit') AS limits`);
export const { overwrites: hasOverwrites, attachments: hasAttachments, mentions: hasMentions, limits: hasLimits } = known;

const { BIGINT, BOOLEAN, DATE, INTEGER, STRING, TEXT, UUID } = DataTypes;
const id = { type: BIGINT, primaryKey: true, autoIncrement: true };
const dates = { createdAt: DATE, updatedAt: DATE };

export const User = sequelize.define(
  'user',
  { id, username: STRING, role: STRING, isActive: BOOLEAN, profilePicture: STRING, status: STRING, tag: STRING, kind: STRING },
  { tableName: 'accounts_user' },
);
export const Session = sequelize.define(
  'session',
  { id: { type: UUID, primaryKey: true }, userId: BIGINT, lastSeenAt: DATE, expiresAt: DATE },
  { tableName: 'accounts_session' },
);
export const Server = sequelize.define(
  'server',
  { id, name: STRING, description: STRING, icon: STRING, ownerId: BIGINT, isBlocked: BOOLEAN, ...dates },
  { tableName: 'servers_server' },
);
export const Channel = sequelize.define(
  'channel',
  {
    id,
    serverId: BIGINT,
    name: STRING,
    type: STRING,
    description: STRING,
    position: INTEGER,
    ...(hasOverwrites && { categoryId: BIGINT, slowmode: INTEGER }),
    ...(hasLimits && { userLimit: INTEGER }),
    ...dates,
  },
  { tableName: 'servers_channel' },
);
export const Category = sequelize.define(
  'category',
  { id, serverId: BIGINT, name: STRING, position: INTEGER },
  { tableName: 'servers_category' },
);
export const Role = sequelize.define(
  'role',
  {
    id,
    serverId: BIGINT,
    name: STRING,
    color: STRING,
    permissions: BIGINT,
    position: INTEGER,
    isHoisted: BOOLEAN,
    isMentionable: BOOLEAN,
    preset: STRING,
  },
  { tableName: 'servers_role' },
);
export const Member = sequelize.define(
  'member',
  {
    id,
    serverId: BIGINT,
    userId: BIGINT,
    role: STRING,
    nickname: STRING,
    isMuted: BOOLEAN,
    isDeafened: BOOLEAN,
    ...(hasOverwrites && { mutedUntil: DATE }),
    ...dates,
  },
  { tableName: 'servers_member' },
);
const MemberRole = sequelize.define('memberRole', { id }, { tableName: 'servers_member_roles' });
export const Overwrite = sequelize.define(
  'overwrite',
  { id, channelId: BIGINT, roleId: BIGINT, memberId: BIGINT, allow: BIGINT, deny: BIGINT },
  { tableName: 'servers_overwrite' },
);
export const Message = sequelize.define(
  'message',
  {
    id,
    channelId: BIGINT,
    position: BIGINT,
    userId: BIGINT,
    content: TEXT,
    replyToId: BIGINT,
    nonce: STRING,
    isEdited: { type: BOOLEAN, defaultValue: false },
    pinnedAt: DATE,
    ...dates,
  },
  { tableName: 'messaging_message' },
);
export const Reaction = sequelize.define(
  'reaction',
  { id, messageId: BIGINT, userId: BIGINT, emoji: STRING },
  { tableName: 'messaging_reaction' },
);

Session.belongsTo(User);
Server.hasMany(Channel);
Server.hasMany(Category);
Server.hasMany(Role);
Server.hasMany(Member);
Channel.belongsTo(Server);
Channel.hasMany(Overwrite);
Member.belongsTo(Server);
Member.belongsTo(User);
Member.belongsToMany(Role, { through: MemberRole, foreignKey: 'member_id', otherKey: 'role_id' });
Message.belongsTo(User);
Message.hasMany(Reaction);
