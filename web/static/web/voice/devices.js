// Microphone, camera, loudspeaker, and how one is heard: chosen before a call or during it.

import { canChooseOutput, listDevices, Meter, openCamera, openMicrophone, SILENCE, wakeAudio } from "projectvoice";
import { html, useEffect, useRef, useState } from "../html.js";
import { Dialog } from "../parts/dialog.js";
import { Choice, Field, Toggle } from "../parts/form.js";
import { prefer, preferences } from "../state/preferences.js";
import { t } from "../texts/index.js";
import { keyName } from "./keys.js";
import { like, pictureOptions, soundOptions, taste } from "./taste.js";
import { playTest } from "./tones.js";

const DELAYS = [0, 100, 200, 400, 800];
const NONE = { audioinput: [], videoinput: [], audiooutput: [] };

export function DeviceSettings({ close }) {
  return html`<${Dialog} title=${t("voiceSettings")} close=${close} class="devices"><${VoiceSettings} /></${Dialog}>`;
}

// Also a section of the settings.
export function VoiceSettings() {
  const [devices, setDevices] = useState(NONE);
  const [meter, problem] = useMicrophone(() => listDevices().then(setDevices));
  const { microphone, speaker, mode, releaseDelay } = taste.value;
  useEffect(() => {
    const look = () => listDevices().then(setDevices);
    navigator.mediaDevices?.addEventListener("devicechange", look);
    return () => navigator.mediaDevices?.removeEventListener("devicechange", look);
  }, []);
  return html`<div class="form">
    <${DeviceField} label=${t("microphone")} devices=${devices.audioinput} value=${microphone} onChange=${(id) => like({ microphone: id })} />
    ${problem ? html`<p class="error" role="alert">${t(`mic-${problem}`)}</p>` : html`<${Bar} meter=${meter} />`}
    ${canChooseOutput() && html`<div class="with-button"><${DeviceField} label=${t("speaker")} devices=${devices.audiooutput} value=${speaker} onChange=${(id) => like({ speaker: id })} /><button type="button" class="button" onClick=${() => playTest(speaker)}>${t("testSound")}</button></div>`}
    <${CameraChoice} devices=${devices.videoinput} />
    <${Choice} legend=${t("inputMode")} name="mode" value=${mode} choices=${[["voice", t("modeVoice"), t("modeVoiceHint")], ["push", t("modePush"), t("modePushHint")]]} onChange=${(one) => like({ mode: one })} />
    ${mode === "push" &&
    html`<div class="pair"><${KeyField} />
      <${Field} as="select" label=${t("releaseDelay")} value=${releaseDelay} onChange=${({ target }) => like({ releaseDelay: Number(target.value) })}>${DELAYS.map((ms) => html`<option key=${ms} value=${ms}>${t("milliseconds", { n: ms })}</option>`)}</${Field}></div>`}
    <fieldset class="field toggles"><legend>${t("soundTreatment")}</legend>
      ${["echoCancellation", "noiseSuppression", "autoGainControl"].map((name) => html`<${Toggle} key=${name} label=${t(name)} checked=${taste.value[name]} onChange=${({ target }) => like({ [name]: target.checked })} />`)}
      <${Toggle} label=${t("callSounds")} checked=${preferences.value.sounds} onChange=${({ target }) => prefer({ sounds: target.checked })} />
    </fieldset>
  </div>`;
}

function DeviceField({ label, devices, value, onChange }) {
  const known = devices.filter(({ deviceId }) => deviceId !== "default");
  return html`<${Field} as="select" label=${label} value=${known.some(({ deviceId }) => deviceId === value) ? value : ""} onChange=${({ target }) => onChange(target.value)}>
    <option value="">${t("systemDevice")}</option>
    ${known.map(({ deviceId, label: name }, at) => html`<option key=${deviceId} value=${deviceId}>${name || `${label} ${at + 1}`}</option>`)}
  </${Field}>`;
}

// Open for as long as one looks at it, with what is chosen now: [meter, problem].
function useMicrophone(opened) {
  const [state, setState] = useState([null, null]);
  const wanted = JSON.stringify(soundOptions());
  useEffect(() => {
    let [stream, meter, closed] = [null, null, false];
    const stop = () => {
      meter?.close();
      stream?.getTracks().forEach((track) => track.stop());
    };
    wakeAudio().catch(() => {});
    openMicrophone(soundOptions()).then((microphone) => {
      stream = microphone.stream;
      if (closed) return stop();
      meter = stream ? new Meter(stream) : null;
      setState([meter, microphone.problem ?? null]);
      return opened();
    });
    return () => {
      closed = true;
      stop();
    };
  }, [wanted]);
  return state;
}

function Bar({ meter }) {
  const element = useRef(null);
  useEffect(() => {
    let frame = 0;
    const draw = () => {
      const { level, speaking } = meter?.read() ?? SILENCE;
      element.current?.style.setProperty("--level", level.toFixed(2));
      element.current?.classList.toggle("speaking", speaking);
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [meter]);
  return html`<div class="level"><span class="level-bar" ref=${element} role="img" aria-label=${t("microphoneLevel")} /><p class="hint">${t("saySomething")}</p></div>`;
}

function CameraChoice({ devices }) {
  const [shown, setShown] = useState(false);
  const [problem, setProblem] = useState(null);
  const element = useRef(null);
  const { camera } = taste.value;
  useEffect(() => {
    if (!shown) return undefined;
    let [stream, closed] = [null, false];
    openCamera(pictureOptions()).then((opened) => {
      stream = opened.stream;
      setProblem(opened.problem ?? null);
      if (closed) stream?.getTracks().forEach((track) => track.stop());
      else if (stream && element.current) element.current.srcObject = stream;
    });
    return () => {
      closed = true;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, [shown, camera]);
  return html`<div class="with-button"><${DeviceField} label=${t("camera")} devices=${devices} value=${camera} onChange=${(id) => like({ camera: id })} />
      <button type="button" class="button" aria-pressed=${shown} onClick=${() => setShown(!shown)}>${t(shown ? "stopTest" : "testCamera")}</button></div>
    ${shown && (problem ? html`<p class="error" role="alert">${t(`camera-${problem}`)}</p>` : html`<video ref=${element} class="preview mirrored" muted playsinline autoplay aria-label=${t("camera")} />`)}`;
}

function KeyField() {
  const [waiting, setWaiting] = useState(false);
  const onKeyDown = (event) => {
    if (!waiting || event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    setWaiting(false);
    if (event.key !== "Escape") like({ pushKey: event.code });
  };
  return html`<div class="field"><span class="label" id="push-key">${t("pushKey")}</span>
    <button type="button" class="button" aria-labelledby="push-key push-key-now" onClick=${() => setWaiting(!waiting)} onKeyDown=${onKeyDown} onBlur=${() => setWaiting(false)}>
      <span id="push-key-now">${waiting ? t("pressKey") : html`<kbd>${keyName(taste.value.pushKey)}</kbd>`}</span>
    </button></div>`;
}
