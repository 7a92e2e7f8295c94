// @ts-check
// A short sound: two soft notes, made here.
//
// 1. A browser lets a page be heard once somebody has pressed something in it. What cannot be heard at once is not heard
//    later.
// 2. What comes together is heard once.

const NOTES = [659.25, 880];
const EACH = 0.12;
const LOUD = 0.09;
const LATE = 500;
const APART = 1500;

export class Sound {
  /** @type {AudioContext | null} */ #context = null;
  #last = -APART;

  async play() {
    const asked = performance.now();
    if (asked - this.#last < APART) return;
    this.#last = asked;
    const context = (this.#context ??= new AudioContext());
    await context.resume();
    if (performance.now() - asked < LATE) NOTES.forEach((note, place) => ring(context, note, place * EACH));
  }
}

/** A note that swells and fades. @param {AudioContext} context @param {number} note @param {number} after seconds */
function ring(context, note, after) {
  const start = context.currentTime + after;
  const [voice, loudness] = [context.createOscillator(), context.createGain()];
  voice.frequency.value = note;
  loudness.gain.setValueAtTime(0, start);
  loudness.gain.linearRampToValueAtTime(LOUD, start + EACH / 6);
  loudness.gain.exponentialRampToValueAtTime(0.001, start + EACH * 3);
  voice.connect(loudness).connect(context.destination);
  voice.start(start);
  voice.stop(start + EACH * 3);
}
