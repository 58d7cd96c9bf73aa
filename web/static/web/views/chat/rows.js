// What stands between messages, and which of them follow each other closely. Pure.

const TOGETHER_MS = 7 * 60_000; // of one author without a pause: one name above all of them

// [{ message, day, fresh, first }]: `day`: a new day begins; `fresh`: the unread begin; `first`: name and face are shown.
export function rows(messages, lastReadId, myId) {
  let before = null;
  let told = lastReadId === undefined;
  return messages.map((message) => {
    const day = !before || dayOf(before) !== dayOf(message);
    const fresh = !told && message.userId !== myId && message.id > (lastReadId ?? 0);
    told ||= fresh;
    const close = before && before.userId === message.userId && before.user?.username === message.user?.username && new Date(message.createdAt) - new Date(before.createdAt) < TOGETHER_MS;
    before = message;
    return { message, day, fresh, first: day || fresh || !close || message.replyToId !== null };
  });
}

const dayOf = ({ createdAt }) => new Date(createdAt).toDateString();
