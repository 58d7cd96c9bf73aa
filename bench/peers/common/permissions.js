// The rights of a member, as servers/permissions.py computes them. Bits outgrow a 32-bit operator: BigInt throughout.

export const ADMINISTRATOR = 1n << 3n;
export const VIEW_CHANNEL = 1n << 10n;
export const SEND_MESSAGES = 1n << 11n;
export const READ_MESSAGE_HISTORY = 1n << 16n;
export const READ = VIEW_CHANNEL | READ_MESSAGE_HISTORY;
export const WRITE = VIEW_CHANNEL | SEND_MESSAGES;
export const EVERYTHING = (1n << 41n) - 1n;
const LEFT_IN_TIMEOUT = READ;
// What a channel can give or take: all but the bits about the server as a whole.
const OF_SERVER = [1, 2, 3, 5, 7, 18, 26, 27, 30, 40].reduce((bits, bit) => bits | (1n << BigInt(bit)), 0n);
const OVERWRITABLE = EVERYTHING & ~OF_SERVER;

/**
 * `rank` is the member role; `roles` are the bits of @everyone, of the preset of that role and of the custom roles.
 * `overwrites` are those of the channel that concern the member: {kind: 'everyone' | 'role' | 'member', allow, deny}.
 */
export function effective({ rank, roles, isTimedOut = false, inChannel = false, overwrites = [] }) {
  if (rank === 'owner') return EVERYTHING;
  let bits = 0n;
  for (const role of roles) bits |= BigInt(role);
  if (bits & ADMINISTRATOR) return EVERYTHING;
  if (inChannel) {
    for (const kind of overwrites.length ? ['everyone', 'role', 'member'] : []) bits = overwritten(bits, kind, overwrites);
    if (!(bits & VIEW_CHANNEL)) return 0n;
  }
  return bits & (isTimedOut ? LEFT_IN_TIMEOUT : EVERYTHING);
}

function overwritten(bits, kind, overwrites) {
  let [allow, deny] = [0n, 0n];
  for (const overwrite of overwrites) {
    if (overwrite.kind === kind) {
      allow |= BigInt(overwrite.allow);
      deny |= BigInt(overwrite.deny);
    }
  }
  return (bits & ~(deny & OVERWRITABLE)) | (allow & OVERWRITABLE);
}
