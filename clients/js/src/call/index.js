// Calls: everything an application needs to talk.

export { Call } from "./call.js";
export { canShareScreen, listDevices, openCamera, openMicrophone } from "./devices.js";
export { audioContext, Meter, SILENCE, VoiceDetector, wakeAudio } from "./levels.js";
export { isField, PushToTalk } from "./push.js";
export { BOUNDS, grade } from "./quality.js";
export { canChooseOutput } from "./speaker.js";
