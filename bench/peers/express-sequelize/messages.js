import { Transaction, UniqueConstraintError } from 'sequelize';

import { Refusal, bodyChannelId, envelope, messageOf, pageOf, queryId } from '../common/http.js';
import { READ, WRITE } from '../common/permissions.js';
import { accessChannel } from './access.js';
import { Channel, Message, Reaction, User, hasAttachments, hasMentions, sequelize } from './models.js';

const BLOCK = 1000; // positions
const LIMIT = 50;
const AUTHOR = { model: User, attributes: ['id', 'username', 'profilePicture', 'kind'] };
const REACTIONS = { model: Reaction, separate: true, order: [['id', 'ASC']] };

export async function messagePage(request, response) {
  const { user, query } = request;
  const channel = await accessChannel(user, queryId(query.channelId), READ, { reading: true });
  const page = pageOf(query, LIMIT);
  const { rows, count } = await Message.findAndCountAll({
    where: { channelId: channel.id },
    include: [AUTHOR, REACTIONS],
    order: [['position', 'DESC']],
    limit: page.limit,
    offset: (page.number - 1) * page.limit,
  });
  const messages = rows.reverse().map((message) => shape(message, user));
  response.json(envelope(messages, count, page));
}

export async function messageCreate(request, response) {
  const { user, body } = request;
  const channel = await accessChannel(user, bodyChannelId(body), WRITE);
  const fields = messageOf(body);
  if (channel.type !== 'text') throw new Refusal(400, 'Messages belong into text channels');
  let [message, isNew] = [null, false];
  try {
    [message, isNew] = await sequelize.transaction((transaction) => write(channel, user, fields, transaction));
  } catch (error) {
    if (!(error instanceof UniqueConstraintError && fields.nonce)) throw error;
    message = await Message.findOne({ where: { channelId: channel.id, userId: user.id, nonce: fields.nonce } });
  }
  await message.reload({ include: [AUTHOR, REACTIONS] });
  response.status(isNew ? 201 : 200).json(shape(message, user));
}

/** The message, and whether it is new: the same nonce again gets the message it got before. */
async function write(channel, user, { content, nonce, replyToId }, transaction) {
  const locked = await Channel.findByPk(channel.id, { transaction, lock: Transaction.LOCK.NO_KEY_UPDATE });
  if (!locked) throw new Refusal(404, 'Channel not found');
  const mine = { channelId: channel.id, userId: user.id };
  const before = nonce && (await Message.findOne({ where: { ...mine, nonce }, transaction }));
  if (before) return [before, false];
  if (replyToId && !(await Message.count({ where: { id: replyToId, channelId: channel.id }, transaction }))) {
    throw new Refusal(400, 'replyToId names no message of this channel');
  }
  const [[{ position }]] = await sequelize.query(
    `INSERT INTO messaging_tally AS tally (channel_id, total, last_position) VALUES (:channelId, 1, 1)
     ON CONFLICT (channel_id) DO UPDATE SET total = tally.total + 1, last_position = tally.last_position + 1
     RETURNING last_position AS position`,
    { replacements: mine, transaction },
  );
  await sequelize.query(
    `INSERT INTO messaging_block AS block (channel_id, number, "left") VALUES (:channelId, :number, 1)
     ON CONFLICT (channel_id, number) DO UPDATE SET "left" = block."left" + 1`,
    { replacements: { ...mine, number: Math.floor(position / BLOCK) }, transaction },
  );
  const now = new Date();
  const fields = { ...mine, position, content, nonce, replyToId, createdAt: now, updatedAt: now };
  const message = await Message.create(fields, { transaction });
  await sequelize.query(
    `INSERT INTO messaging_readstate AS state (user_id, channel_id, last_read_id, position)
     VALUES (:userId, :channelId, :id, :position)
     ON CONFLICT (user_id, channel_id) DO UPDATE SET last_read_id = EXCLUDED.last_read_id, position = EXCLUDED.position
     WHERE state.position < EXCLUDED.position`,
    { replacements: { ...mine, id: message.id, position }, transaction },
  );
  return [message, true];
}

function shape(message, reader) {
  const { id, content, userId, channelId, replyToId, createdAt, updatedAt, user, isEdited, pinnedAt } = message;
  return {
    id,
    content,
    userId,
    channelId,
    replyToId,
    createdAt,
    updatedAt,
    user: user && { id: user.id, username: user.username, avatar: user.profilePicture, isBot: user.kind !== 'person' },
    isEdited,
    isPinned: pinnedAt !== null,
    reactions: counted(message.reactions, reader),
    ...(hasAttachments && { attachments: [] }), // the messages here have none
    ...(hasMentions && { mentions: [], mentionsEveryone: false }), // likewise
  };
}

/** In the order of each emoji's first use. */
function counted(reactions, reader) {
  const byEmoji = new Map();
  for (const { emoji, userId } of reactions) {
    const entry = byEmoji.get(emoji) ?? { emoji, count: 0, me: false };
    entry.count += 1;
    entry.me ||= userId === reader.id;
    byEmoji.set(emoji, entry);
  }
  return [...byEmoji.values()];
}
