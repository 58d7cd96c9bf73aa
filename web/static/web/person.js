// Somebody in the call: their seat, the link to them, and their sound.

import { Meter, Player } from "./audio.js";
import { Link } from "./link.js";

const OFFER_MS = 4_000; // some clients wait for the newcomer's offer: then the newcomer makes it

export class Person {
  link = null;
  meter = null;
  #player = null;
  #patience = 0;

  constructor({ socketId, userData, micToggle }) {
    this.socketId = socketId;
    this.id = userData?.id;
    this.username = userData?.username ?? "?";
    this.profilePicture = userData?.profilePicture;
    this.micOn = Boolean(micToggle);
  }

  connect({ onBlocked, ...options }) {
    this.link = new Link({ ...options, heard: (stream) => this.#hear(stream, onBlocked) });
    if (options.polite) this.#patience = setTimeout(() => this.link?.start(), OFFER_MS);
    return this.link;
  }

  disconnect() {
    clearTimeout(this.#patience);
    this.link?.close();
    this.link = null;
    this.#silence();
  }

  play() {
    return this.#player?.play();
  }

  #hear(stream, onBlocked) {
    this.#silence();
    this.meter = new Meter(stream);
    this.#player = new Player(stream, onBlocked);
  }

  #silence() {
    this.meter?.close();
    this.#player?.close();
    this.meter = this.#player = null;
  }
}
