import { Refusal, bodyChannelId, envelope, messageOf, pageOf, queryId, searchPattern } from '../common/http.js';
import { READ, WRITE } from '../common/permissions.js';
import { accessChannel } from './access.js';
import { hasAttachments, hasMentions, plannedAnew, statement } from './database.js';

const BLOCK = 1000; // positions
const LIMIT = 50;
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const ROWS = `
  SELECT m.id, m.content, m.user_id, m.channel_id, m.reply_to_id, m.is_edited, m.created_at, m.updated_at, m.pinned_at,
         u.username, u.profile_picture, u.kind <> 'person' AS is_bot
  FROM messaging_message m LEFT JOIN accounts_user u ON u.id = m.user_id`;

const totalOf = statement('total', 'SELECT total FROM messaging_tally WHERE channel_id = $1');
const newest = statement('newest', `${ROWS} WHERE m.channel_id = $1 ORDER BY m.position DESC LIMIT $2`);
const fromBlock = statement(
  'from-block',
  `${ROWS} WHERE m.channel_id = $1 AND m.position < $2 ORDER BY m.position DESC LIMIT $3 OFFSET $4`,
);
const blockOf = statement(
  'block',
  `SELECT number, (upto - "left")::bigint AS newer FROM (
     SELECT number, "left", SUM("left") OVER (ORDER BY number DESC) AS upto FROM messaging_block WHERE channel_id = $1
   ) blocks WHERE upto > $2 ORDER BY number DESC LIMIT 1`,
);
const byNonce = statement('nonce', `${ROWS} WHERE m.channel_id = $1 AND m.user_id = $2 AND m.nonce = $3`);
const isInChannel = statement('reply', 'SELECT FROM messaging_message WHERE id = $1 AND channel_id = $2');
const reactionsOf = statement(
  'reactions',
  `SELECT message_id, emoji, COUNT(*) AS count, BOOL_OR(user_id = $2) AS me
   FROM messaging_reaction WHERE message_id = ANY($1) GROUP BY message_id, emoji ORDER BY MIN(id)`,
);
const found = plannedAnew(
  `${ROWS} WHERE m.channel_id = $1 AND UPPER(m.content) LIKE UPPER($2) ORDER BY m.position DESC LIMIT $3 OFFSET $4`,
);
const foundTotal = plannedAnew(
  'SELECT COUNT(*) AS total FROM messaging_message WHERE channel_id = $1 AND UPPER(content) LIKE UPPER($2)',
);
// One statement is one transaction and one way to the database. The channel's row is locked before anything is counted.
const create = statement(
  'create',
  `WITH channel AS (
     SELECT id FROM servers_channel WHERE id = $1 FOR NO KEY UPDATE
   ), tally AS (
     INSERT INTO messaging_tally AS tally (channel_id, total, last_position) SELECT id, 1, 1 FROM channel
     ON CONFLICT (channel_id) DO UPDATE SET total = tally.total + 1, last_position = tally.last_position + 1
     RETURNING channel_id, last_position AS position
   ), block AS (
     INSERT INTO messaging_block AS block (channel_id, number, "left") SELECT channel_id, position / ${BLOCK}, 1 FROM tally
     ON CONFLICT (channel_id, number) DO UPDATE SET "left" = block."left" + 1
   ), message AS (
     INSERT INTO messaging_message
       (channel_id, position, user_id, content, nonce, reply_to_id, is_edited, created_at, updated_at)
     SELECT channel_id, position, $2, $3, $4, $5, false, now(), now() FROM tally
     RETURNING *
   ), read AS (
     INSERT INTO messaging_readstate AS state (user_id, channel_id, last_read_id, position)
     SELECT $2, channel_id, id, position FROM message
     ON CONFLICT (user_id, channel_id) DO UPDATE SET last_read_id = EXCLUDED.last_read_id, position = EXCLUDED.position
     WHERE state.position < EXCLUDED.position
   )
   SELECT id, content, user_id, channel_id, reply_to_id, is_edited, created_at, updated_at, pinned_at FROM message`,
);

export async function messagePage(request, response) {
  const { user, query } = request;
  const channel = await accessChannel(user, queryId(query.channelId), READ, { reading: true });
  const page = pageOf(query, LIMIT);
  const [[tally], rows] = await Promise.all([totalOf(channel.id), pageRows(channel.id, page)]);
  const messages = await withReactions(rows.reverse(), user);
  response.json(envelope(messages, tally?.total ?? 0, page));
}

export async function messageSearch(request, response) {
  const { user, query } = request;
  const channel = await accessChannel(user, queryId(query.channelId), READ, { reading: true });
  const page = pageOf(query, LIMIT);
  const pattern = searchPattern(query);
  const [rows, [{ total }]] = await Promise.all([
    found(channel.id, pattern, page.limit, (page.number - 1) * page.limit),
    foundTotal(channel.id, pattern),
  ]);
  response.json(envelope(await withReactions(rows, user), total, page));
}

export async function messageCreate(request, response) {
  const { user, body } = request;
  const channel = await accessChannel(user, bodyChannelId(body), WRITE);
  const { content, nonce, replyToId } = messageOf(body);
  if (channel.type !== 'text') throw new Refusal(400, 'Messages belong into text channels');
  if (replyToId && !(await isInChannel(replyToId, channel.id)).length) throw new Refusal(400, 'replyToId names no message');
  try {
    const before = nonce && (await byNonce(channel.id, user.id, nonce));
    if (before?.length) return response.json((await withReactions(before, user))[0]);
    const [row] = await create(channel.id, user.id, content, nonce, replyToId);
    if (!row) throw new Refusal(404, 'Channel not found');
    response.status(201).json(shape({ ...row, username: user.username, profile_picture: user.profile_picture, is_bot: user.is_bot }, []));
  } catch (error) {
    if (error.code === FOREIGN_KEY_VIOLATION) throw new Refusal(404, 'Not found');
    if (error.code !== UNIQUE_VIOLATION || !nonce) throw error;
    response.json((await withReactions(await byNonce(channel.id, user.id, nonce), user))[0]);
  }
}

/** The newest first. Later pages begin in the block that the counts of blocks lead to. */
async function pageRows(channelId, { number, limit }) {
  if (number === 1) return newest(channelId, limit);
  const skipped = (number - 1) * limit;
  const [block] = await blockOf(channelId, skipped);
  return block ? fromBlock(channelId, (block.number + 1) * BLOCK, limit, skipped - block.newer) : [];
}

async function withReactions(rows, user) {
  if (!rows.length) return [];
  const reactions = new Map(rows.map((row) => [row.id, []]));
  for (const { message_id: id, emoji, count, me } of await reactionsOf([...reactions.keys()], user.id)) {
    reactions.get(id).push({ emoji, count, me });
  }
  return rows.map((row) => shape(row, reactions.get(row.id)));
}

function shape(row, reactions) {
  return {
    id: row.id,
    content: row.content,
    userId: row.user_id,
    channelId: row.channel_id,
    replyToId: row.reply_to_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    user: row.user_id && { id: row.user_id, username: row.username, avatar: row.profile_picture, isBot: row.is_bot },
    isEdited: row.is_edited,
    isPinned: row.pinned_at !== null,
    reactions,
    ...(hasAttachments && { attachments: [] }), // the messages here have none
    ...(hasMentions && { mentions: [], mentionsEveryone: false }), // likewise
  };
}
