// What was observed of this browser's way to others, as findings that texts exist for. Pure.

// observed: { secure, microphone: null | problem, online, servers: number | null, candidates: [{ type, protocol, url }], people: [{ state, way }] }
// → [{ status: "ok" | "warning" | "error", key, values }], the worst first.
export function verdicts({ secure, microphone, online, servers, candidates, people }) {
  const found = [];
  const say = (status, key, values = {}) => found.push({ status, key, values });
  if (!secure) say("error", "doctorInsecure");
  else if (microphone) say(microphone === "denied" ? "error" : "warning", `doctorMic-${microphone}`);
  else say("ok", "doctorMic");
  say(online ? "ok" : "error", online ? "doctorOnline" : "doctorOffline");
  if (servers === null) say("error", "doctorNoServers");
  else ways(candidates, say);
  const lost = people.filter(({ state }) => state === "failed").length;
  const relayed = people.filter(({ way }) => way === "relay").length;
  if (lost) say("error", "doctorLost", { n: lost });
  if (relayed) say("ok", "doctorRelayed", { n: relayed });
  const order = ["error", "warning", "ok"];
  return found.toSorted((one, other) => order.indexOf(one.status) - order.indexOf(other.status));
}

function ways(candidates, say) {
  const relays = [...new Set(candidates.filter(({ type }) => type === "relay").map(({ protocol }) => protocol))];
  const seen = candidates.some(({ type }) => type === "srflx");
  if (!candidates.length) return say("error", "doctorNoCandidates");
  if (relays.length) say("ok", "doctorRelay", { ways: relays.map((one) => one.toUpperCase()).sort().join(", ") });
  else say(seen ? "warning" : "error", seen ? "doctorNoRelay" : "doctorHomeOnly");
  if (relays.length && !relays.includes("udp")) say("warning", "doctorNoUdp");
  return seen || relays.length ? seen && say("ok", "doctorSeen") : undefined;
}
