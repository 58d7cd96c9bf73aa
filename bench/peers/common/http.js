// What both peers read from a request and answer when it is wrong.

const LONGEST_CONTENT = 4000;
const MOST_ROWS = 100;
const LAST_PAGE = 1e9;

export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Express' last middleware: every error is `{error, code}`. */
export function answerError(error, request, response, next) {
  if (response.headersSent) return next(error);
  const status = error.status ?? 500;
  if (status === 500) console.error(error);
  response.status(status).json({ error: status === 500 ? 'Internal server error' : error.message, code: status });
}

/** The claims of a verified token, or 401. */
export function sessionOf(claims) {
  const { token_type: kind, exp, sid, user_id: userId } = claims;
  if (kind !== 'session' || !exp || !Number.isSafeInteger(userId)) throw new Refusal(401, 'Sign in again');
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(sid)) throw new Refusal(401, 'Sign in again');
  return { sid, userId };
}

export function bearerOf(request) {
  const [scheme, token, ...rest] = (request.get('authorization') ?? '').trim().split(/\s+/);
  if (scheme.toLowerCase() !== 'bearer' || !token || rest.length) throw new Refusal(401, 'Sign in again');
  return token;
}

/** Ids stay text: they may have more digits than a number holds. */
export function pathId(text) {
  if (!/^[0-9]{1,19}$/.test(text) || BigInt(text) >= 1n << 63n) throw new Refusal(404, 'Not found');
  return text;
}

export function queryId(text) {
  if (typeof text !== 'string' || !/^[0-9]{1,18}$/.test(text)) throw new Refusal(400, 'channelId must be the id of a channel');
  return text;
}

export function pageOf(query, defaultLimit) {
  const number = positive(query, 'page', 1);
  const limit = positive(query, 'limit', defaultLimit);
  return { number: Math.min(number, LAST_PAGE), limit: Math.min(limit, MOST_ROWS) };
}

function positive(query, name, otherwise) {
  const text = query[name] ?? String(otherwise);
  if (typeof text !== 'string' || !/^[0-9]*[1-9][0-9]*$/.test(text)) throw new Refusal(400, `${name} must be a positive integer`);
  return Number(text);
}

/** The literal text to look for, as the pattern of LIKE. */
export function searchPattern(query) {
  const text = query.query;
  if (typeof text !== 'string' || !text.trim() || [...text].length > 200 || text.includes('\0')) {
    throw new Refusal(400, 'query must be 1 to 200 characters');
  }
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

export function bodyChannelId(body) {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw new Refusal(400, 'The body must be a JSON object');
  return bodyId(body, 'channelId');
}

export function messageOf(body) {
  const content = text(body, 'content', LONGEST_CONTENT);
  const nonce = body.nonce == null ? null : text(body, 'nonce', 64);
  const replyToId = body.replyToId == null ? null : bodyId(body, 'replyToId');
  return { content, nonce, replyToId };
}

function bodyId(body, name) {
  const id = body[name];
  if (!Number.isSafeInteger(id) || id < 1) throw new Refusal(400, `${name}: a positive integer is needed`);
  return id;
}

function text(body, name, longest) {
  const value = typeof body[name] === 'string' && body[name].isWellFormed() ? body[name].trim() : '';
  const isTooLong = value.length > longest && [...value].length > longest;
  if (!value || isTooLong || value.includes('\0')) throw new Refusal(400, `${name}: 1 to ${longest} characters are needed`);
  return value;
}

export function envelope(messages, total, page) {
  return { messages, total, page: page.number, limit: page.limit, totalPages: Math.ceil(total / page.limit) };
}

/** For the type parsers of pg: ids become numbers, masks too large for one stay whole. */
export function integer(text) {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}
