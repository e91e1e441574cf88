// The phone in the browser: SIP by JsSIP over the portal's own origin (RFC 7118), media by the browser (DTLS-SRTP). It knows nothing of pages: whoever shows
// it gets its state whole at each change. Two calls at a time, one of them in front; a third caller hears that it is busy.
import JsSIP from './jssip.js';
import { Line } from './line.js';
import { Microphone } from './microphone.js';
import { Tones } from './tones.js';

const LOCK = 'cloudpbx-phone';                   // one tab of a browser has the phone
const KEEP_ENDED = 8000;                         // milliseconds that a finished call is shown
const REFRESH = 300;                             // seconds that a registration lives
const REPLACED = 3000;                           // milliseconds that the server has for ending a call whose place another took

export class Phone {
  #ua = null;
  #account = null;
  #front = null;                                 // the call that is talked in, dialled or shown as over
  #other = null;                                 // a second one: somebody who waits, or is held
  #listener;
  #clean = null;
  #release = null;
  #tones = new Tones();
  #microphone;
  #notice = null;
  #state = { registration: 'off', reason: null, number: null, trying: false, last: null };

  constructor(listener) {
    this.#listener = listener;
    this.#microphone = new Microphone(() => this.#tell());
    addEventListener('pagehide', () => this.#leave());
  }

  get state() {
    return {
      ...this.#state, microphone: this.#microphone.state, microphones: this.#microphone.list, chosen: this.#microphone.chosen, clearVoice: this.#microphone.clearVoice,
      notifications: 'Notification' in window ? Notification.permission : 'unsupported', call: this.#front && { ...this.#front.state }, other: this.#other && { ...this.#other.state },
    };
  }

  get isOn() { return this.#ua !== null; }

  get isBusy() { return this.#lines.length > 0; }

  get #lines() { return [this.#front, this.#other].filter(line => line && line.state.phase !== 'ended'); }

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
    for (const line of this.#lines) line.end('over');
    this.#tones.stop();
    this.#quiet();
    this.#release?.();
    this.#release = null;
    this.#microphone.close();
    clearTimeout(this.#clean);
    this.#front = this.#other = null;
    this.#set({ registration: 'off', reason: null, number: null, trying: false, last: null });
  }

  async call(number) {
    if (!this.#ua || this.isBusy) return;
    await this.#dial(number);
  }

  /// Asks somebody else while the other party waits: that call is held, and the new one in front.
  async consult(number) {
    const waiting = this.#front;
    if (!this.#ua || !waiting?.isTalking || this.#other) return;
    if (!waiting.state.held && !await waiting.hold(true)) return;
    if (this.#other || this.#front !== waiting) return;
    this.#other = waiting;
    await this.#dial(number);
  }

  /// Answers whoever waits. A call that is talked in is held first.
  async answer() {
    if (this.#front?.state.phase === 'incoming') { await this.#take(this.#front); return; }
    const waiting = this.#other, talked = this.#front;
    if (waiting?.state.phase !== 'incoming') return;
    if (talked?.isTalking && !talked.state.held && !await talked.hold(true)) return;
    if (talked && !talked.isTalking && talked.state.phase !== 'ended') { talked.terminate({}); }
    if (waiting.state.phase !== 'incoming') return;
    if (this.#other === waiting) [this.#front, this.#other] = [waiting, talked?.isTalking ? talked : null];
    await this.#take(waiting);
  }

  /// Refuses whoever calls. 603 says that the person does not want the call (RFC 3261 section 21.6.4): other phones stop ringing, too. Beside a call it is 486: this one is busy.
  decline() {
    if (this.#front?.isWaiting) this.#front.terminate({ status_code: 603, reason_phrase: 'Decline' });
    else if (this.#other?.isWaiting) this.#other.terminate({ status_code: 486 });
  }

  hangUp() { this.#front?.terminate({}); }

  hangUpOther() { this.#other?.terminate({}); }

  setMuted(on) { this.#front?.mute(on); }

  setHeld(on) { return this.#front?.hold(on); }

  /// The held call comes to the front, the one in front is held.
  async swap() {
    const [front, other] = [this.#front, this.#other];
    if (!front?.isTalking || !other?.isTalking || front.state.changing || other.state.changing) return;
    if (!front.state.held && !await front.hold(true)) return;
    if (this.#front === front && this.#other === other) [this.#front, this.#other] = [other, front];
    await other.hold(false);
    this.#tell();
  }

  press(digit) {
    this.#tones.digit(digit);
    this.#front?.press(digit);
  }

  /// A blind transfer: the other party is sent on, and the call is over here once it was taken.
  transfer(number) {
    if (this.#front?.session?.isEstablished()) this.#front.refer(this.#address(number), number);
  }

  /// Connects the two parties with each other: the held one is sent to the one in front, in the place of our call with them.
  connect() {
    const [front, other] = [this.#front, this.#other];
    if (!front?.isTalking || !other?.isTalking) return;
    other.refer(this.#address(front.state.number), front.state.number, front.session, () => setTimeout(() => front.terminate({}), REPLACED));
  }

  async chooseMicrophone(id) { this.#swapVoice(await this.#microphone.choose(id)); }

  async setClearVoice(on) { this.#swapVoice(await this.#microphone.setClearVoice(on)); }

  /// Opens the microphone without a call, for the person to see that it hears; and closes it.
  async tryMicrophone(on) {
    if (on) await this.#microphone.open();
    else if (!this.isBusy) this.#microphone.close();
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

  async #dial(number) {
    const line = this.#line({ direction: 'out', number, name: '', phase: 'calling' });
    clearTimeout(this.#clean);
    this.#front = line;
    this.#tell();
    const stream = await this.#microphone.open();
    if (line.state.phase !== 'calling') return;
    if (!stream) { line.end('microphone'); return; }
    this.#tones.ready();
    try {
      line.join(this.#ua.call(this.#address(number), { mediaStream: line.voice(stream), pcConfig: { iceServers: [] } }));
    } catch (fault) {
      line.end(fault.name === 'TypeError' ? 'number' : 'fault');
    }
  }

  async #take(line) {
    line.change({ phase: 'answering' });
    const stream = await this.#microphone.open();
    if (line.state.phase !== 'answering') return;
    if (!stream) { line.end('microphone'); line.session.terminate({ status_code: 480 }); return; }
    line.session.answer({ mediaStream: line.voice(stream), pcConfig: { iceServers: [] } });
  }

  #arrived({ originator, session }) {
    if (originator !== 'remote') return;
    if (this.#lines.length > 1) { session.terminate({ status_code: 486 }); return; }
    const who = session.remote_identity;
    const line = this.#line({ direction: 'in', number: decodeURIComponent(who.uri.user ?? ''), name: who.display_name ?? '', phase: 'incoming' });
    if (this.#lines.length > 0) {
      this.#other = line;
    } else {
      clearTimeout(this.#clean);
      this.#front = line;
    }
    line.join(session);
    this.#tell();
    this.#notify(line.state);
  }

  #line(state) { return new Line(state, { changed: () => this.#tell(), ended: line => this.#ended(line) }); }

  /// One call is over: the other one is all that is left, and is in front.
  #ended(line) {
    clearTimeout(this.#clean);
    if (this.#other) {
      // The one that stays is shown; what became of this one is said beside it for a while.
      this.#state.last = { ...line.state };
      this.#clean = setTimeout(() => this.#set({ last: null }), KEEP_ENDED);
    }
    if (line === this.#other) this.#other = null;
    else if (line === this.#front && this.#other) [this.#front, this.#other] = [this.#other, null];
    if (!this.isBusy) {
      this.#microphone.close();
      this.#state.trying = false;
      this.#clean = setTimeout(() => { this.#state.last = null; if (this.#front?.state.phase === 'ended') this.#front = null; this.#tell(); }, KEEP_ENDED);
    }
    this.#tell();
  }

  /// What is to be heard of the phone itself, as the calls stand.
  #sound() {
    const [front, other] = [this.#front, this.#other];
    if (front?.state.phase === 'incoming') this.#tones.play('ring');
    else if (other?.state.phase === 'incoming') this.#tones.play('waiting');
    else if (front?.state.phase === 'ringing' && !front.early) this.#tones.play('ringback');
    else this.#tones.stop();
    if (front?.state.phase !== 'incoming' && other?.state.phase !== 'incoming') this.#quiet();
  }

  #address(number) { return `sip:${encodeURIComponent(number)}@${this.#account.domain}`; }

  #swapVoice(stream) {
    if (stream) for (const line of this.#lines) line.swap(stream);
  }

  #notify({ name, number }) {
    if (!('Notification' in window) || Notification.permission !== 'granted') return;
    this.#notice = new Notification(name ? `${name} (${number})` : number, { tag: LOCK, requireInteraction: true });
    this.#notice.onclick = () => window.focus();
  }

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

  #set(change) {
    Object.assign(this.#state, change);
    this.#tell();
  }

  #tell() {
    this.#sound();
    this.#listener(this.state);
  }
}
