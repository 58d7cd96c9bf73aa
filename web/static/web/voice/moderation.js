// What one may do to somebody in a call. The server decides anyway.

import { api } from "../state/client.js";
import { loadMembers, memberOf } from "../state/members.js";
import { may } from "../state/rights.js";
import { servers } from "../state/servers.js";
import { attempt } from "../parts/toasts.js";
import { t } from "../texts/index.js";

// Items of a menu; empty for who may nothing.
export function moderatorActs(channel, person) {
  if (!channel?.serverId || person.isMe || person.userId === null) return [];
  const { serverId } = channel;
  const member = memberOf(serverId, person.userId);
  const others = (servers.value.get(serverId)?.channels ?? []).filter(({ id, type }) => type === "voice" && id !== channel.id);
  const voice = (flags) => act(serverId, person, (id) => api.patch(`/serverMembers/${serverId}/members/${id}/voice`, flags));
  const move = (channelId) => act(serverId, person, (id) => api.post(`/serverMembers/${serverId}/members/${id}/move`, { channelId }));
  const isMuted = member?.isMuted ?? !person.canSpeak;
  const isDeafened = member?.isDeafened ?? false;
  return [
    may("MUTE_MEMBERS", serverId) && { label: t(isMuted ? "allowVoice" : "muteForAll"), icon: isMuted ? "mic" : "mic-off", act: voice({ isMuted: !isMuted }) },
    may("DEAFEN_MEMBERS", serverId) && { label: t(isDeafened ? "allowHearing" : "deafenForAll"), icon: isDeafened ? "headphones" : "headphones-off", act: voice({ isDeafened: !isDeafened }) },
    ...(may("MOVE_MEMBERS", serverId, channel.id)
      ? [
          ...others.map(({ id, name }) => ({ label: t("moveTo", { name }), icon: "voice", act: move(id) })),
          { label: t("putOut"), icon: "leave", danger: true, act: move(null) },
        ]
      : []),
  ].filter(Boolean);
}

function act(serverId, person, ask) {
  return () =>
    attempt(async () => {
      if (!memberOf(serverId, person.userId)) await loadMembers(serverId);
      const member = memberOf(serverId, person.userId);
      if (member) await ask(member.id);
    });
}
