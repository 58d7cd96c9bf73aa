// What one sends goes to everybody, so each picture gets its share of what a line carries.

/** @import { Media } from "./link.js" */
/** @import { Person } from "./person.js" */

const LINE = 4_000_000; // bits per second: an ordinary upstream
const LIMITS = /** @type {const} */ ({ camera: [120_000, 1_200_000], screen: [200_000, 2_500_000] });

/**
 * @param {Person[]} people
 * @param {Media} media
 */
export function limitUpload(people, media) {
  const shown = /** @type {const} */ (["camera", "screen"]).filter((name) => media[name].track);
  for (const name of shown) {
    const [least, most] = LIMITS[name];
    const maxBitrate = Math.round(Math.min(most, Math.max(least, LINE / people.length / shown.length)));
    for (const { link } of people) {
      const sender = link?.connection.getSenders().find(({ track }) => track && track === media[name].track);
      if (sender) limit(sender, maxBitrate);
    }
  }
}

/**
 * @param {RTCRtpSender} sender
 * @param {number} maxBitrate
 */
function limit(sender, maxBitrate) {
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length || parameters.encodings.every((one) => one.maxBitrate === maxBitrate)) return;
  for (const encoding of parameters.encodings) encoding.maxBitrate = maxBitrate;
  sender.setParameters(parameters).catch(() => {}); // negotiated anew meanwhile; the next look sets it
}
