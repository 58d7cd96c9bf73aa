import pg from 'pg';

import { integer } from '../common/http.js';

pg.types.setTypeParser(pg.types.builtins.INT8, integer);
pg.types.setTypeParser(1016, (text) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(Number))); // bigint[]

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10, idleTimeoutMillis: 0 });

/** A statement that each connection prepares once. */
export function statement(name, text) {
  return async (...values) => (await pool.query({ name, text, values })).rows;
}

/** A statement planned anew for its values each time. */
export function plannedAnew(text) {
  return async (...values) => (await pool.query(text, values)).rows;
}

// Older databases know neither: overwrites came with categories, slow mode and timeouts.
const { rows } = await pool.query(`
  SELECT to_regclass('servers_overwrite') IS NOT NULL AS overwrites, to_regclass('messaging_attachment') IS NOT NULL AS attachments,
    to_regclass('messaging_mention') IS NOT NULL AS mentions,
    EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'servers_channel'::regclass AND attname = 'user_limit') AS limits`);
export const { overwrites: hasOverwrites, attachments: hasAttachments, mentions: hasMentions, limits: hasLimits } = rows[0];
