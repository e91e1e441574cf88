// What the person hears of the phone itself: ringing, ringback, keys. Made here, so that no file has to be fetched while somebody calls.
const KEYS = { 1: [697, 1209], 2: [697, 1336], 3: [697, 1477], 4: [770, 1209], 5: [770, 1336], 6: [770, 1477], 7: [852, 1209], 8: [852, 1336], 9: [852, 1477], '*': [941, 1209], 0: [941, 1336], '#': [941, 1477] };

export class Tones {
  #context = null;
  #timer = null;
  #sounding = [];
  #playing = null;

  constructor() {
    // Browsers let a page sound only after somebody has touched it.
    for (const gesture of ['pointerdown', 'keydown']) addEventListener(gesture, () => { if (this.#context?.state === 'suspended') this.#context.resume(); }, { capture: true, passive: true });
  }

  ready() { this.#ensure(); }

  /// Somebody calls: two notes, a pause.
  ring() {
    this.#repeat(3000, at => { for (let i = 0; i < 2; i++) { this.#beep([660, 880], at + i * 0.5, 0.36, 0.12); } });
  }

  /// It rings at the other end.
  ringback() {
    this.#repeat(5000, at => this.#beep([425], at, 1, 0.05));
  }

  digit(digit) {
    if (KEYS[digit]) this.#beep(KEYS[digit], this.#ensure().currentTime, 0.12, 0.04);
  }

  /// Sounds one of the repeated ones until another is wanted or none.
  play(name) {
    if (this.#playing === name) return;
    this[name]();
    this.#playing = name;
  }

  /// Somebody calls while the person talks: two short notes that leave the talk be.
  waiting() {
    this.#repeat(4000, at => { for (let i = 0; i < 2; i++) this.#beep([425], at + i * 0.4, 0.2, 0.05); });
  }

  stop() {
    this.#playing = null;
    clearInterval(this.#timer);
    this.#timer = null;
    for (const tone of this.#sounding) { try { tone.stop(); } catch { /* has not begun */ } }
    this.#sounding = [];
  }

  #repeat(milliseconds, sound) {
    this.stop();
    const once = () => sound(this.#ensure().currentTime + 0.05);
    once();
    this.#timer = setInterval(once, milliseconds);
  }

  #beep(hertz, at, seconds, loud) {
    const gain = new GainNode(this.#context, { gain: 0 });
    gain.connect(this.#context.destination);
    gain.gain.setTargetAtTime(loud, at, 0.01);
    gain.gain.setTargetAtTime(0, at + seconds, 0.02);
    for (const frequency of hertz) {
      const tone = new OscillatorNode(this.#context, { frequency });
      tone.connect(gain);
      tone.start(at);
      tone.stop(at + seconds + 0.2);
      tone.onended = () => { this.#sounding = this.#sounding.filter(t => t !== tone); };
      this.#sounding.push(tone);
    }
  }

  #ensure() {
    this.#context ??= new AudioContext();
    if (this.#context.state === 'suspended') this.#context.resume();
    return this.#context;
  }
}
