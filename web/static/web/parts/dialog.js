// Dialogs: open(Component, props) shows one above whatever is there; the component gets `close`.

import { html, signal, useEffect, useId, useLayoutEffect, useRef, useState } from "../html.js";
import { t } from "../texts/index.js";
import { Form } from "./form.js";
import { IconButton } from "./icon.js";

const shown = signal([]);
let last = 0;

export function open(Component, props = {}) {
  shown.value = [...shown.value, { id: ++last, Component, props }];
}

const close = (id) => (shown.value = shown.value.filter((one) => one.id !== id));

export function Dialogs() {
  return shown.value.map(({ id, Component, props }) => html`<${Component} key=${id} ...${props} close=${() => close(id)} />`);
}

// Focus goes in, stays in, and comes back to where it was: the browser's own dialog sees to it.
export function Dialog({ title, close, class: more = "", children }) {
  const element = useRef(null);
  const id = useId();
  // At once, so that no key goes elsewhere.
  useLayoutEffect(() => {
    const before = document.activeElement;
    element.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  const outside = ({ target, currentTarget }) => target === currentTarget && close();
  return html`<dialog ref=${element} class="dialog ${more}" aria-labelledby=${id} onClose=${close} onMouseDown=${outside}>
    <div class="dialog-body">
      <header class="dialog-head">
        <h2 id=${id}>${title}</h2>
        <${IconButton} icon="close" label=${t("close")} onClick=${close} />
      </header>
      ${children}
    </div>
  </dialog>`;
}

// confirm({ title, text, label, act }): asks before what cannot be taken back.
export function confirm(question) {
  open(Confirm, question);
}

function Confirm({ title, text, label, act, close }) {
  return html`<${Dialog} title=${title} close=${close}>
    <${Form} submit=${async () => (await act(), close())} label=${label} danger cancel=${close}><p class="lead">${text}</p></${Form}>
  </${Dialog}>`;
}

// For dialogs that show something they have to ask for first: [value, error].
export function useAsked(ask, deps) {
  const [answer, setAnswer] = useState([null, null]);
  useEffect(() => {
    let current = true;
    ask().then(
      (value) => current && setAnswer([value, null]),
      (error) => current && setAnswer([null, error]),
    );
    return () => (current = false);
  }, deps);
  return answer;
}
