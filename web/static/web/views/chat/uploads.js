// Files on their way to a message that is being written.

import { useEffect, useRef, useState } from "../../html.js";
import { toast } from "../../parts/toasts.js";
import { api } from "../../state/client.js";
import { t } from "../../texts/index.js";

const MOST = 10; // of one message
let last = 0;

// { list: [{ key, file, preview, share, attachment, error }], add(files), drop(key), take() }
export function useUploads(channelId) {
  const [list, setList] = useState([]);
  const held = useRef([]);
  const set = (change) => setList((held.current = change(held.current)));
  const amend = (key, changes) => set((all) => all.map((one) => (one.key === key ? { ...one, ...changes } : one)));
  const forget = () => {
    held.current.forEach(release);
    set(() => []);
  };
  useEffect(() => forget, [channelId]);

  const send = async (one) => {
    try {
      const attachment = await api.upload(one.file, { channelId, onProgress: (share) => amend(one.key, { share }), signal: one.controller.signal });
      amend(one.key, { attachment, share: 1 });
    } catch (error) {
      if (!one.controller.signal.aborted) amend(one.key, { error: error.message });
    }
  };
  const add = (files) => {
    const room = MOST - held.current.length;
    if (files.length > room) toast(t("tooManyFiles", { n: MOST }), { kind: "error" });
    const fresh = files.slice(0, Math.max(0, room)).map((file) => ({ key: ++last, file, share: 0, controller: new AbortController(), preview: file.type.startsWith("image/") ? URL.createObjectURL(file) : null }));
    set((all) => [...all, ...fresh]);
    fresh.forEach(send);
  };
  const drop = (key) => {
    const one = held.current.find((found) => found.key === key);
    release(one);
    if (one.attachment) api.delete(`/attachments/${one.attachment.id}`).catch(() => {}); // the server forgets it in a day anyway
    set((all) => all.filter((found) => found.key !== key));
  };
  // What has arrived goes with the message; the list is empty then.
  const take = () => {
    const done = held.current.filter(({ attachment }) => attachment).map(({ attachment }) => attachment);
    held.current.forEach(release);
    set(() => []);
    return done;
  };
  return { list, add, drop, take, busy: list.some(({ attachment, error }) => !attachment && !error) };
}

function release({ preview, attachment, controller }) {
  if (preview) URL.revokeObjectURL(preview);
  if (!attachment) controller.abort();
}
