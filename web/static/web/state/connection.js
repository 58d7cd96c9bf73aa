// The SDK's Live of whoever is signed in, and how it is doing. What runs it: live.js.

import { signal } from "../html.js";

export const live = signal(null);
export const connection = signal("connecting"); // connecting, online, offline
