// How good a connection is, from what the browser counts.

/** @typedef {"good" | "fair" | "poor"} Grade */
/**
 * @typedef {object} Quality
 * @property {Grade} grade
 * @property {number | null} rtt milliseconds there and back
 * @property {number | null} loss of the packets of sound that should have come since the last look, 0 to 1
 * @property {number | null} jitter milliseconds
 * @property {"direct" | "relay" | null} way
 * @property {string | null} protocol towards the relay, or of the way itself: udp, tcp, tls
 * @property {string | null} codec of the sound
 * @property {number} received bits per second, all together
 * @property {number} sent
 */
/** @typedef {{ at: number, received: number, sent: number, packets: number, lost: number }} Counted */

/** Beyond these it is no longer good, or no longer fair. */
export const BOUNDS = { rtt: [250, 500], loss: [0.03, 0.1], jitter: [40, 100] };

/**
 * @param {{ rtt: number | null, loss: number | null, jitter: number | null }} measures
 * @returns {Grade} of the worst of them; what is not known hurts nobody
 */
export function grade(measures) {
  const worst = Object.entries(BOUNDS).map(([name, bounds]) => {
    const value = measures[/** @type {keyof typeof BOUNDS} */ (name)];
    return value === null ? 0 : bounds.filter((bound) => value > bound).length;
  });
  return /** @type {const} */ (["good", "fair", "poor"])[Math.max(...worst)] ?? "poor";
}

/**
 * The pair of candidates that is in use.
 * @param {any[]} reports of getStats
 */
export function pairIn(reports) {
  const byId = new Map(reports.map((report) => [report.id, report]));
  const pairId = reports.find((one) => one.type === "transport" && one.selectedCandidatePairId)?.selectedCandidatePairId;
  const pairs = reports.filter((one) => one.type === "candidate-pair");
  const pair = byId.get(pairId) ?? pairs.find((one) => one.selected || (one.nominated && one.state === "succeeded"));
  return { pair, local: byId.get(pair?.localCandidateId), remote: byId.get(pair?.remoteCandidateId) };
}

/**
 * @param {any[]} reports of getStats
 * @param {Counted | null} before what `counted` was the last time
 * @returns {{ quality: Quality, counted: Counted }}
 */
export function measure(reports, before) {
  const byId = new Map(reports.map((report) => [report.id, report]));
  const of = (/** @type {string} */ type) => reports.filter((report) => report.type === type);
  const { pair, local, remote } = pairIn(reports);
  const sound = of("inbound-rtp").filter((one) => one.kind === "audio");
  const counted = {
    at: reports[0]?.timestamp ?? 0,
    received: sum(of("inbound-rtp"), "bytesReceived"),
    sent: sum(of("outbound-rtp"), "bytesSent"),
    packets: sum(sound, "packetsReceived"),
    lost: sum(sound, "packetsLost"),
  };
  const rtt = milliseconds(pair?.currentRoundTripTime ?? of("remote-inbound-rtp").find((one) => one.roundTripTime)?.roundTripTime);
  const jitter = milliseconds(sound.length ? Math.max(...sound.map((one) => one.jitter ?? 0)) : undefined);
  const loss = lossBetween(before, counted);
  return {
    counted,
    quality: {
      grade: grade({ rtt, loss, jitter }),
      rtt,
      loss,
      jitter,
      way: pair ? ([local, remote].some((end) => end?.candidateType === "relay") ? "relay" : "direct") : null,
      protocol: local?.relayProtocol ?? local?.protocol ?? null,
      codec: byId.get(sound.at(-1)?.codecId)?.mimeType?.replace("audio/", "") ?? null,
      received: rate(before, counted, "received"),
      sent: rate(before, counted, "sent"),
    },
  };
}

/**
 * @param {any[]} reports
 * @param {string} name
 */
const sum = (reports, name) => reports.reduce((total, report) => total + (report[name] ?? 0), 0);

/** @param {number | undefined} seconds */
const milliseconds = (seconds) => (seconds === undefined ? null : Math.round(seconds * 1000));

/**
 * @param {Counted | null} before
 * @param {Counted} now
 */
function lossBetween(before, now) {
  if (!before) return null;
  const lost = Math.max(0, now.lost - before.lost);
  const expected = lost + Math.max(0, now.packets - before.packets);
  return expected ? lost / expected : null;
}

/**
 * @param {Counted | null} before
 * @param {Counted} now
 * @param {"received" | "sent"} what
 */
function rate(before, now, what) {
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  return seconds > 0 && before ? Math.max(0, Math.round(((now[what] - before[what]) * 8) / seconds)) : 0;
}
