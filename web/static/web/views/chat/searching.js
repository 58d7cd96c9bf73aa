// A search through many channels, a few at a time. Pure but for what it is given.

const AT_ONCE = 4;

// ask(id) → { messages }; tell(all found so far, the newest first); goesOn(): whether anybody still wants it.
export async function found(channelIds, ask, tell, goesOn) {
  const left = [...channelIds];
  let all = [];
  const worker = async () => {
    while (left.length && goesOn()) {
      const { messages } = await ask(left.shift());
      if (!messages.length || !goesOn()) continue;
      all = [...all, ...messages].sort((one, other) => other.id - one.id);
      tell(all);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  tell(all);
}
