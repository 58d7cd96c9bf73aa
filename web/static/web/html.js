// Everything a component needs of the libraries, under one name.

import { h } from "preact";
import htm from "htm";

export const html = htm.bind(h);
export { Component, createContext, Fragment, render } from "preact";
export { useCallback, useContext, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from "@preact/signals";
