// Between the phone, which lives as long as the page, and the pages that show it. A lost circuit changes nothing for a call; when it is back it is told how things stand.
import { Phone } from './phone.js';

let pages = null;
// The state goes as text: of what is no text the server keeps a description for each open page.
const phone = new Phone(state => { pages?.invokeMethodAsync('PhoneChanged', JSON.stringify(state)).catch(() => { /* the circuit is away; it asks when it is back */ }); });
window.cloudpbx.phone = phone;

const clock = milliseconds => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000)), two = n => String(n).padStart(2, '0');
  return seconds < 3600 ? `${Math.floor(seconds / 60)}:${two(seconds % 60)}` : `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
};
setInterval(() => { for (const shown of document.querySelectorAll('[data-phone-since]')) shown.textContent = clock(Date.now() - Number(shown.dataset.phoneSince)); }, 500);

export function attach(dotnet) {
  pages = dotnet;
  return JSON.stringify(phone.state);
}

/// Whether another tab of this browser has the phone.
export async function isElsewhere() {
  if (phone.isOn || !navigator.locks) return false;
  return (await navigator.locks.query()).held.some(lock => lock.name === 'cloudpbx-phone');
}

export async function start(account, steal) {
  // One name for this browser's tab, so that a registration replaces the one before (RFC 5626 §4.1).
  let instance = sessionStorage.getItem('cloudpbx-phone');
  if (!instance) sessionStorage.setItem('cloudpbx-phone', instance = crypto.randomUUID());
  await phone.start({ ...account, instance, address: `wss://${location.host}/sip` }, steal);
}

export const stop = () => phone.stop();
export const act = (name, ...values) => { phone[name](...values); };
export const elsewhere = () => phone.isTakenElsewhere();
export function meter() {
  phone.meter(level => {
    const shown = document.querySelector('[data-phone-level]');
    if (shown) shown.style.transform = `scaleX(${level.toFixed(3)})`;
    return shown !== null;
  });
}
