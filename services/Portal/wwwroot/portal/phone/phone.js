// The phone in the browser: SIP by JsSIP over the portal's own origin (RFC 7118), media by the browser (DTLS-SRTP). It knows nothing of pages: whoever shows
// it gets its state whole at each change. One call at a time; a second caller hears that it is busy.
import JsSIP from './jssip.js';
import { Microphone } from './microphone.js';
import { Tones } from './tones.js';

const LOCK = 'cloudpbx-phone';                   // one tab of a browser has the phone
const KEEP_ENDED = 8000;                         // milliseconds that a finished call is shown
const REFRESH = 300;                             // seconds that a registration lives

export class Phone {
  #ua = null;
  #account = null;
  #session = null;
  #listener;
  #clean = null;
  #release = null;
  #player = new Audio();
  #tones = new Tones();
  #microphone;
  #state = { registration: 'off', reason: null, number: null, call: null, microphone: 'unknown', microphones: [], chosen: null, clearVoice: true, trying: false, notifications: 'default' };

  constructor(listener) {
    this.#listener = listener;
    this.#player.autoplay = true;
    this.#microphone = new Microphone(() => this.#tell());
    addEventListener('pagehide', () => this.#leave());
  }

  get state() {
    return {
      ...this.#state, microphone: this.#microphone.state, microphones: this.#microphone.list, chosen: this.#microphone.chosen, clearVoice: this.#microphone.clearVoice,
      notifications: 'Notification' in window ? Notification.permission : 'unsupported', call: this.#state.call && { ...this.#state.call },
    };
  }

  get isOn() { return this.#ua !== null; }

  get isBusy() { return this.#session !== null; }

  /// Registers: { user, secret, domain, number, name, instance, address }. The secret stays in this object, which is gone with the page.
  async start(account, steal = false) {
    await this.stop();
    if (!await this.#lock(steal)) { this.#set({ registration: 'elsewhere', reason: null }); return; }
    this.#account = account;
    this.#set({ registration: 'connecting', reason: null, number: account.number });
    await this.#microphone.look();
    const ua = this.#ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(account.address)],
      uri: `sip:${account.number}@${account.domain}`,
      authorization_user: account.user,
      password: account.secret,
      display_name: account.name || null,
      instance_id: account.instance,
      user_agent: `CloudPbx Browser (JsSIP ${JsSIP.version})`,
      register_expires: REFRESH,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 15,
      no_answer_timeout: 180,                    // how long it rings is the PBX's to say
      session_timers: true,
    });
    const mine = handler => (...args) => { if (this.#ua === ua) handler(...args); };
    ua.on('registered', mine(() => this.#set({ registration: 'registered', reason: null })));
    ua.on('registrationFailed', mine(({ response, cause }) => this.#set(response
      ? { registration: 'refused', reason: `${response.status_code} ${response.reason_phrase}` }
      : { registration: 'away', reason: cause })));
    ua.on('disconnected', mine(() => this.#set({ registration: 'away', reason: null })));
    ua.on('newRTCSession', mine(event => this.#arrived(event)));
    ua.start();
  }

  /// Hangs up, says good-bye to the registrar, lets go of everything.
  async stop() {
    const ua = this.#ua;
    this.#ua = null;
    this.#account = null;
    if (ua) {
      const gone = new Promise(done => { ua.once('disconnected', done); setTimeout(done, 2500); });
      ua.stop();
      await gone;
    }
    this.#over();
    this.#release?.();
    this.#release = null;
    this.#microphone.close();
    this.#set({ registration: 'off', reason: null, call: null, number: null });
  }

  async call(number) {
    if (!this.#ua || this.#session) return;
    this.#begin({ direction: 'out', number, name: '', phase: 'calling' });
    const stream = await this.#microphone.open();
    if (!stream || this.#state.call?.phase !== 'calling') { this.#fail(stream ? 'cancelled' : 'microphone'); return; }
    this.#tones.ready();
    try {
      this.#ua.call(`sip:${encodeURIComponent(number)}@${this.#account.domain}`, { mediaStream: stream, pcConfig: { iceServers: [] } });
    } catch (fault) {
      this.#fail(fault.name === 'TypeError' ? 'number' : 'fault');
    }
  }

  async answer() {
    const session = this.#session;
    if (session?.direction !== 'incoming' || this.#state.call?.phase !== 'incoming') return;
    this.#tones.stop();
    this.#change({ phase: 'answering' });
    const stream = await this.#microphone.open();
    if (this.#session !== session) return;
    if (!stream) { session.terminate({ status_code: 480 }); this.#fail('microphone'); return; }
    session.answer({ mediaStream: stream, pcConfig: { iceServers: [] } });
  }

  // 603 says that the person does not want the call (RFC 3261 §21.6.4): other phones stop ringing, too.
  decline() { this.#end({ status_code: 603, reason_phrase: 'Decline' }); }

  hangUp() { this.#end({}); }

  setMuted(on) {
    if (!this.#session) return;
    if (on) this.#session.mute({ audio: true }); else this.#session.unmute({ audio: true });
    this.#change({ muted: on });
  }

  /// While another offer is under way (the other party changes the media) this one has to wait, RFC 3261 section 14.1: it is tried again for five seconds.
  setHeld(on, tries = 25) {
    const session = this.#session;
    if (!session?.isEstablished()) return;
    this.#change({ changing: true });
    const done = () => { if (this.#session === session) this.#change({ changing: false, held: session.isOnHold().local }); };
    if (session.isOnHold().local === on || tries === 0) done();
    else if (!(on ? session.hold({}, done) : session.unhold({}, done))) setTimeout(() => { if (this.#session === session) this.setHeld(on, tries - 1); }, 200);
  }

  press(digit) {
    const call = this.#state.call;
    this.#tones.digit(digit);
    if (!this.#session?.isEstablished()) return;
    this.#session.sendDTMF(digit, { transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833, duration: 160, interToneGap: 60 });
    this.#change({ digits: ((call.digits ?? '') + digit).slice(-32) });
  }

  /// A blind transfer: the other party is sent on, and the call is over here once it was taken.
  transfer(number) {
    const session = this.#session;
    if (!session?.isEstablished()) return;
    const failed = reason => { if (this.#session === session) this.#change({ transfer: 'failed', transferReason: reason }); };
    this.#change({ transfer: 'asked', transferTo: number, transferReason: null });
    session.refer(`sip:${encodeURIComponent(number)}@${this.#account.domain}`, {
      eventHandlers: {
        requestFailed: event => failed(event?.response ? `${event.response.status_code} ${event.response.reason_phrase}` : null),
        failed: event => failed(event?.status_line ? `${event.status_line.status_code} ${event.status_line.reason_phrase ?? ''}`.trim() : null),
        accepted: () => { if (this.#session === session) { this.#change({ transfer: 'done' }); session.terminate(); } },
      },
    });
  }

  async chooseMicrophone(id) { this.#swap(await this.#microphone.choose(id)); }

  async setClearVoice(on) { this.#swap(await this.#microphone.setClearVoice(on)); }

  /// Opens the microphone without a call, for the person to see that it hears; and closes it.
  async tryMicrophone(on) {
    if (on) await this.#microphone.open();
    else if (!this.#session) this.#microphone.close();
    this.#set({ trying: on && this.#microphone.state === 'granted' });
  }

  isTakenElsewhere() { this.#set({ registration: 'elsewhere' }); }

  async askForNotifications() {
    if ('Notification' in window) await Notification.requestPermission();
    this.#tell();
  }

  /// Shows the voice's level: calls back with 0 to 1 as long as it returns true.
  meter(show) { this.#microphone.meter(show); }

  tell() { this.#tell(); }

  #arrived({ originator, session, request }) {
    if (originator === 'remote') {
      if (this.#session) { session.terminate({ status_code: 486 }); return; }
      const who = session.remote_identity;
      this.#begin({ direction: 'in', number: decodeURIComponent(who.uri.user ?? ''), name: who.display_name ?? '', phase: 'incoming' });
      this.#tones.ring();
      this.#notify();
    }
    const mine = handler => event => { if (this.#session === session) handler(event); };
    this.#session = session;
    // Our server is where its description says (ICE-lite): whatever candidate of ours is first is enough.
    session.on('icecandidate', event => event.ready());
    session.on('peerconnection', ({ peerconnection }) => this.#listen(peerconnection));
    if (session.connection) this.#listen(session.connection);
    session.on('progress', mine(({ originator: by, response }) => {
      if (by !== 'remote') return;
      this.#change({ phase: 'ringing' });
      if (response.body) this.#tones.stop(); else this.#tones.ringback();
    }));
    session.on('confirmed', mine(() => this.#talking()));
    session.on('accepted', mine(() => this.#talking()));
    session.on('hold', mine(({ originator: by }) => this.#change(by === 'remote' ? { heldByPeer: true } : { held: true })));
    session.on('unhold', mine(({ originator: by }) => this.#change(by === 'remote' ? { heldByPeer: false } : { held: false })));
    session.on('failed', mine(event => this.#finished(event)));
    session.on('ended', mine(event => this.#finished(event)));
  }

  #listen(connection) {
    connection.addEventListener('track', event => {
      this.#player.srcObject = event.streams[0] ?? new MediaStream([event.track]);
      this.#player.play().catch(() => { /* begins with the next gesture */ });
    });
  }

  #talking() {
    this.#tones.stop();
    this.#quiet();
    if (this.#state.call?.phase !== 'talking') this.#change({ phase: 'talking', since: Date.now() });
  }

  #finished({ originator, message, cause }) {
    const status = message?.status_code ?? null;
    this.#fail(reasonOf(status, cause, originator), status);
  }

  #end(options) {
    if (this.#session) {
      try { this.#session.terminate(options); } catch { this.#fail('fault'); }
    } else if (this.#state.call?.phase === 'calling') {
      this.#fail('cancelled');
    }
  }

  #begin(call) {
    clearTimeout(this.#clean);
    this.#set({ call: { muted: false, held: false, heldByPeer: false, changing: false, since: null, digits: '', ...call } });
  }

  #fail(reason, status = null) {
    const call = this.#state.call;
    this.#over();
    if (!call || call.phase === 'ended') return;
    this.#set({ call: { ...call, phase: 'ended', reason, status, until: Date.now() } });
    clearTimeout(this.#clean);
    this.#clean = setTimeout(() => { if (this.#state.call?.phase === 'ended') this.#set({ call: null }); }, KEEP_ENDED);
  }

  #over() {
    this.#session = null;
    this.#tones.stop();
    this.#quiet();
    this.#player.srcObject = null;
    this.#microphone.close();
    this.#state.trying = false;
  }

  #swap(stream) {
    const sender = this.#session?.connection?.getSenders().find(s => s.track?.kind === 'audio');
    const track = stream?.getAudioTracks()[0];
    if (!sender || !track) return;
    track.enabled = sender.track.enabled;
    sender.replaceTrack(track);
  }

  #notify() {
    if (!('Notification' in window) || Notification.permission !== 'granted') return;
    const { name, number } = this.#state.call;
    this.#notice = new Notification(name ? `${name} (${number})` : number, { tag: LOCK, requireInteraction: true });
    this.#notice.onclick = () => window.focus();
  }

  #notice = null;

  #quiet() {
    this.#notice?.close();
    this.#notice = null;
  }

  // The page goes: both ends of a call are told now, not when somebody misses the packets.
  #leave() {
    this.#ua?.terminateSessions();
    this.#ua?.stop();
  }

  #lock(steal) {
    if (!navigator.locks) return true;
    return new Promise(taken => navigator.locks.request(LOCK, steal ? { steal: true } : { ifAvailable: true }, lock => {
      if (!lock) { taken(false); return null; }
      return new Promise(release => { this.#release = release; taken(true); });
    }).catch(() => this.#stolen()));
  }

  #stolen() {
    this.#release = null;
    this.stop().then(() => this.#set({ registration: 'elsewhere' }));
  }

  #change(change) {
    if (this.#state.call) this.#set({ call: { ...this.#state.call, ...change } });
  }

  #set(change) {
    Object.assign(this.#state, change);
    this.#tell();
  }

  #tell() { this.#listener(this.state); }
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
