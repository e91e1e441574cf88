// The microphone: which there are, which was chosen, why there is none, how loud it is.
const CHOICE = 'cloudpbx-microphone', CLEAR = 'cloudpbx-clear-voice';

export class Microphone {
  state = 'unknown';                             // unknown, granted, refused, missing, taken, unsupported
  list = [];
  chosen = localStorage.getItem(CHOICE);
  clearVoice = localStorage.getItem(CLEAR) !== 'off';
  #stream = null;
  #changed;
  #context = null;

  constructor(changed) {
    this.#changed = changed;
    navigator.mediaDevices?.addEventListener('devicechange', () => this.look());
  }

  /// Finds out what there is without asking the person.
  async look() {
    if (!navigator.mediaDevices) { this.#is('unsupported'); return; }
    // Without the permission the names are empty.
    this.list = (await navigator.mediaDevices.enumerateDevices()).filter(d => d.kind === 'audioinput' && d.deviceId)
      .map(d => ({ id: d.deviceId, name: d.label })).filter(d => d.name);
    if (!this.list.some(d => d.id === this.chosen)) this.chosen = null;
    try {
      const permission = await navigator.permissions.query({ name: 'microphone' });
      permission.onchange = () => this.look();
      if (permission.state === 'granted' && this.state !== 'missing') this.state = 'granted';
      if (permission.state === 'denied') this.state = 'refused';
      if (permission.state === 'prompt' && this.state === 'refused') this.state = 'unknown';
    } catch { /* Firefox before 132 cannot tell */ }
    this.#changed();
  }

  /// The voice, or null where there is none; the state says why.
  async open() {
    if (this.#stream?.getAudioTracks()[0]?.readyState === 'live') return this.#stream;
    if (!navigator.mediaDevices) { this.#is('unsupported'); return null; }
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        audio: {
          deviceId: this.chosen ? { ideal: this.chosen } : undefined,
          echoCancellation: this.clearVoice, noiseSuppression: this.clearVoice, autoGainControl: this.clearVoice,
        },
      });
    } catch (fault) {
      this.#is({ NotAllowedError: 'refused', SecurityError: 'refused', NotFoundError: 'missing', OverconstrainedError: 'missing', NotReadableError: 'taken' }[fault.name] ?? 'missing');
      return null;
    }
    this.state = 'granted';
    await this.look();
    return this.#stream;
  }

  close() {
    this.#stream?.getTracks().forEach(track => track.stop());
    this.#stream = null;
  }

  /// Another one; a call under way gets its voice.
  async choose(id) {
    this.chosen = id || null;
    if (id) localStorage.setItem(CHOICE, id); else localStorage.removeItem(CHOICE);
    return this.#again();
  }

  /// Whether echo, noise and loudness are mended; off for music and for measurements.
  async setClearVoice(on) {
    this.clearVoice = on;
    localStorage.setItem(CLEAR, on ? 'on' : 'off');
    return this.#again();
  }

  async #again() {
    this.#changed();
    if (!this.#stream) return null;
    const before = this.#stream;
    this.#stream = null;
    const stream = await this.open();
    before.getTracks().forEach(track => track.stop());
    return stream;
  }

  /// Calls back with the level, 0 to 1, at the screen's pace as long as it returns true.
  meter(show) {
    let source = null, stream = null, analyser = null;
    const samples = new Float32Array(1024);
    const frame = () => {
      if (this.#stream !== stream) {
        source?.disconnect();
        source = analyser = null;
        stream = this.#stream;
        if (stream) {
          this.#context ??= new AudioContext();
          this.#context.resume();
          source = this.#context.createMediaStreamSource(stream);
          analyser = new AnalyserNode(this.#context, { fftSize: samples.length });
          source.connect(analyser);
        }
      }
      let level = 0;
      if (analyser) {
        analyser.getFloatTimeDomainData(samples);
        const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
        level = Math.max(0, Math.min(1, 1 + Math.log10(power + 1e-9) / 6));          // -60 dB to 0 dB
      }
      if (show(level)) requestAnimationFrame(frame); else source?.disconnect();
    };
    requestAnimationFrame(frame);
  }

  #is(state) {
    this.state = state;
    this.#changed();
  }
}
