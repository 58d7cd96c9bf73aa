// What an application shows of a call.

/** @import { Call } from "./call.js" */
/** @import { Problem } from "./devices.js" */
/** @import { Kind, Media } from "./link.js" */
/** @import { Person } from "./person.js" */
/** @import { Quality } from "./quality.js" */
/** @import { Roster } from "./roster.js" */
/**
 * @typedef {object} PersonSnapshot
 * @property {string} socketId
 * @property {number | null} userId null: a guest
 * @property {string} username
 * @property {string | null} profilePicture
 * @property {boolean} isMe
 * @property {boolean} micOn
 * @property {boolean} isDeafened by himself or by a moderator
 * @property {boolean} canSpeak what roles and moderators say
 * @property {"connecting" | "connected" | "reconnecting" | "failed" | "away"} state `away`: his line to the server is not back yet
 * @property {MediaStream | null} camera
 * @property {MediaStream | null} screen
 * @property {Quality | null} quality
 */
/**
 * @typedef {object} CallSnapshot
 * @property {"idle" | "joining" | "joined" | "reconnecting" | "left"} state
 * @property {number | string} channelId
 * @property {PersonSnapshot[]} people oneself included, in the order of coming
 * @property {boolean} muted
 * @property {boolean} deafened
 * @property {"voice" | "push"} mode
 * @property {boolean} pushed
 * @property {boolean} canSpeak
 * @property {boolean} hasMicrophone
 * @property {Problem | null} problem
 * @property {boolean} soundBlocked
 * @property {boolean} isCrowded everybody sends to everybody: more than that is hard on a line
 */

const CROWD = 8;
/** @type {Partial<Record<RTCPeerConnectionState, "connected" | "reconnecting" | "failed">>} */
const STATES = { connected: "connected", disconnected: "reconnecting", failed: "failed", closed: "failed" };

/**
 * @param {Call} call
 * @param {Roster} roster
 * @param {Media} media
 * @returns {CallSnapshot}
 */
export function snapshotOf(call, roster, media) {
  return {
    state: call.state,
    channelId: call.channelId,
    people: [...roster.people.values()].map((person) => (person === roster.me ? ownSeat(call, person, media) : seat(person))),
    muted: call.muted,
    deafened: call.deafened,
    mode: call.mode,
    pushed: call.push.held,
    canSpeak: roster.me?.voiceState.canSpeak ?? true,
    hasMicrophone: Boolean(media.voice.track),
    problem: call.problem,
    soundBlocked: call.soundBlocked,
    isCrowded: roster.people.size > CROWD,
  };
}

/** @param {Person} person @returns {PersonSnapshot} */
function seat(person) {
  const { camera = null, screen = null } = person.incoming;
  return {
    ...identity(person),
    isMe: false,
    isDeafened: person.isDeafened || person.voiceState.isDeafened,
    state: person.isAway ? "away" : (STATES[person.link?.state ?? "new"] ?? "connecting"),
    camera,
    screen,
    quality: person.quality,
  };
}

/**
 * @param {Call} call
 * @param {Person} person
 * @param {Media} media
 * @returns {PersonSnapshot}
 */
function ownSeat(call, person, media) {
  return {
    ...identity(person),
    isMe: true,
    isDeafened: call.deafened || person.voiceState.isDeafened,
    state: "connected",
    camera: own(media, "camera"),
    screen: own(media, "screen"),
    quality: null,
  };
}

/** @param {Person} person */
const identity = ({ socketId, userId, username, profilePicture, micOn, voiceState }) => ({
  socketId,
  userId,
  username,
  profilePicture,
  micOn,
  canSpeak: voiceState.canSpeak,
});

/** @type {WeakMap<MediaStreamTrack, MediaStream>} the same stream for the same track, so that a video need not start anew */
const shown = new WeakMap();

/**
 * @param {Media} media
 * @param {Kind} kind
 */
function own(media, kind) {
  const { track } = media[kind];
  if (!track) return null;
  const stream = shown.get(track) ?? new MediaStream([track]);
  shown.set(track, stream);
  return stream;
}
