// ProjectVoice's API for programs: REST, live events, and the socket that calls are made over.

export * from "./call/index.js";
export { Client } from "./client.js";
export { ApiError } from "./errors.js";
export { Live } from "./live.js";
export { Socket } from "./socketio.js";
