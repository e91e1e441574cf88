// One call of the phone: its SIP session, what is heard of it, how it stands. The phone has at most two, one in front.
import JsSIP from './jssip.js';

const HOLD_TRIES = 25, HOLD_PAUSE = 200;         // RFC 3261 section 14.1: while another offer is under way this one has to wait

// There is nothing here to show a picture on, so what is offered besides the voice is refused: by port zero (RFC 3264 section 6), and out of the bundle
// (RFC 9143 section 7.3.3). Before the browser reads it: once it has, a stopped section is merely inactive, and Chromium then hears nothing of the bundle's voice.
const voiceOnly = sdp => {
  const [head, ...sections] = sdp.split(/^(?=m=)/m);
  const refused = new Set();
  const said = sections.map(section => {
    if (section.startsWith('m=audio')) return section;
    refused.add(/^a=mid:(\S+)/m.exec(section)?.[1]);
    return section.replace(/^(m=\S+) \S+/, '$1 0');
  });
  return head.replace(/^a=group:BUNDLE.*$/m, group => group.split(' ').filter(mid => !refused.has(mid)).join(' ')) + said.join('');
};

export class Line {
  session = null;
  state;
  early = false;                                 // whether the other end sends its own ringing tone
  #player = new Audio();
  #voice = null;
  #events;

  /// Events: changed(line), ended(line, reason, status).
  constructor(state, events) {
    this.#events = events;
    this.#player.autoplay = true;
    this.state = { muted: false, held: false, heldByPeer: false, changing: false, since: null, digits: '', ...state };
  }

  get isTalking() { return this.state.phase === 'talking'; }

  get isWaiting() { return this.state.phase === 'incoming' || this.state.phase === 'answering'; }

  /// The microphone's voice for this call alone: what mutes one call leaves the other's track as it is.
  voice(stream) {
    this.#quiet();
    return this.#voice = stream.clone();
  }

  /// Another microphone for a call under way.
  swap(stream) {
    const sender = this.session?.connection?.getSenders().find(s => s.track?.kind === 'audio');
    if (!sender || !stream) return;
    const before = sender.track.enabled, track = this.voice(stream).getAudioTracks()[0];
    track.enabled = before;
    sender.replaceTrack(track);
  }

  join(session) {
    this.session = session;
    // Our server is where its description says (ICE-lite): whatever candidate of ours is first is enough.
    session.on('icecandidate', event => event.ready());
    session.on('sdp', event => { if (event.originator === 'remote') event.sdp = voiceOnly(event.sdp); });
    session.on('peerconnection', ({ peerconnection }) => this.#listen(peerconnection));
    if (session.connection) this.#listen(session.connection);
    session.on('progress', ({ originator, response }) => {
      if (originator !== 'remote') return;
      this.early = !!response.body;
      this.change({ phase: 'ringing' });
    });
    session.on('confirmed', () => this.#talking());
    session.on('accepted', () => this.#talking());
    session.on('hold', ({ originator }) => this.change(originator === 'remote' ? { heldByPeer: true } : { held: true }));
    session.on('unhold', ({ originator }) => this.change(originator === 'remote' ? { heldByPeer: false } : { held: false }));
    session.on('failed', event => this.#finished(event));
    session.on('ended', event => this.#finished(event));
  }

  change(change) {
    if (this.state.phase === 'ended') return;
    Object.assign(this.state, change);
    this.#events.changed(this);
  }

  mute(on) {
    if (!this.session) return;
    if (on) this.session.mute({ audio: true }); else this.session.unmute({ audio: true });
    this.change({ muted: on });
  }

  /// Holds the call or takes it back; says whether that is how it stands now.
  async hold(on) {
    const session = this.session;
    if (!session?.isEstablished()) return false;
    this.change({ changing: true });
    const ended = new Promise(said => { session.once('ended', () => said(false)); });
    for (let tries = HOLD_TRIES; tries > 0 && session.isEstablished() && session.isOnHold().local !== on; tries--) {
      const done = new Promise(said => { if (!(on ? session.hold({}, () => said(true)) : session.unhold({}, () => said(true)))) said(false); });
      if (!await Promise.race([done, ended])) await new Promise(later => setTimeout(later, HOLD_PAUSE));
    }
    const held = session.isEstablished() && session.isOnHold().local;
    this.change({ changing: false, held });
    return session.isEstablished() && held === on;
  }

  press(digit) {
    if (!this.session?.isEstablished()) return;
    this.session.sendDTMF(digit, { transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833, duration: 160, interToneGap: 60 });
    this.change({ digits: (this.state.digits + digit).slice(-32) });
  }

  /// Sends the other party on (RFC 3515), or to whom another call of ours is with, in that call's place (RFC 3891). Taken: calls back, and this call is over.
  refer(target, to, replaces, taken) {
    const failed = reason => this.change({ transfer: 'failed', transferReason: reason });
    this.change({ transfer: 'asked', transferTo: to, transferReason: null });
    this.session.refer(target, {
      replaces,
      eventHandlers: {
        requestFailed: event => failed(event?.response ? `${event.response.status_code} ${event.response.reason_phrase}` : null),
        failed: event => failed(event?.status_line ? `${event.status_line.status_code} ${event.status_line.reason_phrase ?? ''}`.trim() : null),
        accepted: () => {
          this.change({ transfer: 'done' });
          this.terminate({});
          taken?.();
        },
      },
    });
  }

  terminate(options) {
    if (!this.session) { this.end('cancelled'); return; }
    if (this.session.isEnded()) return;
    try { this.session.terminate(options); } catch { this.end('fault'); }
  }

  end(reason, status = null) {
    if (this.state.phase === 'ended') return;
    Object.assign(this.state, { phase: 'ended', reason, status, changing: false });
    this.#quiet();
    this.#player.srcObject = null;
    this.#events.ended(this);
  }

  #listen(connection) {
    connection.addEventListener('track', event => {
      this.#player.srcObject = event.streams[0] ?? new MediaStream([event.track]);
      this.#player.play().catch(() => { /* begins with the next gesture */ });
    });
  }

  #talking() {
    if (!this.isTalking) this.change({ phase: 'talking', since: Date.now() });
  }

  #finished({ originator, message, cause }) {
    const status = message?.status_code ?? null;
    this.end(reasonOf(status, cause, originator), status);
  }

  #quiet() {
    this.#voice?.getTracks().forEach(track => track.stop());
    this.#voice = null;
  }
}

// Why a call is over, as one word; pages have sentences for these.
function reasonOf(status, cause, originator) {
  switch (status) {
    case 404: case 484: case 604: return 'unknown';
    case 486: case 600: return 'busy';
    case 480: case 408: return 'absent';
    case 603: return 'declined';
    case 487: return 'cancelled';
    case 488: case 606: case 415: return 'media';
    case 503: case 500: return 'away';
    case 403: return 'forbidden';
  }
  if (cause === JsSIP.C.causes.CONNECTION_ERROR || cause === JsSIP.C.causes.REQUEST_TIMEOUT) return 'away';
  if (cause === JsSIP.C.causes.WEBRTC_ERROR) return 'media';
  if (cause === JsSIP.C.causes.RTP_TIMEOUT) return 'lost';
  if (cause === JsSIP.C.causes.CANCELED) return originator === 'remote' ? 'missed' : 'cancelled';
  if (cause === JsSIP.C.causes.REJECTED) return 'declined';
  return status ? 'refused' : 'over';
}
