/**
 * Runs in the page before anything of it: what a frame costs. Work is what came in on sockets since the last frame, and from the first callback of the
 * frame to the moment when its layout and painting have been left to the compositor. A text, since the types here know nothing of a browser.
 */
export const PROBE = `(() => {
  const probe = window.__probe = { frames: [], long: [], typed: [], firstRow: NaN, reset() { this.frames = []; this.long = []; this.typed = []; } };
  let heard = 0;
  const onmessage = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage');
  Object.defineProperty(WebSocket.prototype, 'onmessage', { ...onmessage, set(handler) {
    onmessage.set.call(this, handler && function (event) {
      const began = performance.now();
      try { return handler.call(this, event); } finally { heard += performance.now() - began; }
    });
  } });
  const channel = new MessageChannel();
  let began = 0, open = false, key = 0;
  // A message that is posted within a frame is heard when the frame has been handed on.
  channel.port1.onmessage = () => {
    open = false;
    const now = performance.now();
    probe.frames.push(now - began + heard);
    heard = 0;
    if (key > 0) { probe.typed.push(now - key); key = 0; }
  };
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) => request((now) => {
    if (!open) { open = true; began = performance.now(); channel.port2.postMessage(0); }
    callback(now);
  });
  addEventListener('keydown', (event) => { if (key === 0) key = event.timeStamp; }, true);
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) probe.long.push(entry.duration); }).observe({ type: 'long-animation-frame', buffered: true });
  const look = () => {
    if (/[0-9]/.test(document.querySelector('.grid-row')?.textContent ?? '')) probe.firstRow = performance.now();
    else request(look);
  };
  request(look);
})()`;

/** What the probe has seen. */
export interface Probed {
  /** Milliseconds of work of each frame. */
  frames: number[];
  /** Milliseconds of frames longer than 50. */
  long: number[];
  /** Milliseconds from a key to the end of the frame that shows it. */
  typed: number[];
  /** Milliseconds from the navigation's begin to the first row of numbers. */
  firstRow: number;
}
