// What the server cannot know or do by itself: the browser's colours, its time zone, its clipboard. In the head, so that the first paint has the right colours.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => localStorage.getItem('cloudpbx-scheme');
  const scheme = () => chosen() ?? (dark.matches ? 'dark' : 'light');
  const show = () => { document.documentElement.dataset.scheme = scheme(); };
  show();
  let listener = null;
  dark.addEventListener('change', () => { show(); listener?.invokeMethodAsync('SchemeChanged', scheme() === 'dark'); });
  window.cloudpbx = {
    begin(dotnet) {
      listener = dotnet;
      return `${scheme()} ${Intl.DateTimeFormat().resolvedOptions().timeZone ?? ''}`;
    },
    setDark(on) { localStorage.setItem('cloudpbx-scheme', on ? 'dark' : 'light'); show(); },
    async copy(text) {
      if (navigator.clipboard) { await navigator.clipboard.writeText(text); return true; }
      return false;
    },
    download(name, type, text) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([text], { type }));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    },
    // Draws a recording: the caller above, the callee below, each peak by peak. Reads the WAV as it comes; 16-bit PCM of two channels.
    async wave(address) {
      const figure = [...document.querySelectorAll('[data-wave]')].find(f => f.dataset.wave === address);
      const canvas = figure?.querySelector('canvas');
      if (!canvas) return;
      const answer = await fetch(address);
      if (!answer.ok) { figure.hidden = true; return; }
      const view = new DataView(await answer.arrayBuffer());
      let at = 12, data = 44, length = view.byteLength - 44, channels = 2;
      while (at + 8 <= view.byteLength) {
        const id = view.getUint32(at), size = view.getUint32(at + 4, true);
        if (id === 0x666d7420) channels = view.getUint16(at + 10, true);
        if (id === 0x64617461) { data = at + 8; length = Math.min(size, view.byteLength - data); break; }
        at += 8 + size + (size & 1);
      }
      const dots = Math.max(1, devicePixelRatio);                       // crisp on every screen
      [canvas.width, canvas.height] = [canvas.clientWidth * dots, canvas.clientHeight * dots].map(Math.ceil);
      const frames = Math.floor(length / (2 * channels)), context = canvas.getContext('2d'), { width, height } = canvas, step = 2 * dots;
      const colours = getComputedStyle(document.documentElement);
      context.clearRect(0, 0, width, height);
      for (let channel = 0; channel < channels; channel++) {
        context.fillStyle = colours.getPropertyValue(channel === 0 ? '--cp-talking' : '--cp-ringing');
        const middle = height * (channel + .5) / channels;
        for (let x = 0; x < width; x += step) {
          let peak = 0;
          const end = Math.min(frames, Math.floor((x + step) * frames / width));
          for (let frame = Math.floor(x * frames / width); frame < end; frame++) peak = Math.max(peak, Math.abs(view.getInt16(data + 2 * (frame * channels + channel), true)));
          const tall = Math.max(dots, Math.sqrt(peak / 32768) * height / channels);
          context.fillRect(x, middle - tall / 2, step * .75, tall);
        }
      }
    },
    click(selector) { document.querySelector(selector)?.click(); },
  };
  // A row of a list leads where its main link does. One listener here: the server would keep one for each row of each open page.
  addEventListener('click', event => {
    if (event.defaultPrevented || event.target.closest('a, button, input, label, select')) return;
    event.target.closest('.cp-table.go tbody tr')?.querySelector('a.main')?.click();
  });
  // What is disabled while it works loses the focus, and with it a keyboard its place. It gets it back when it is done, unless somebody has gone on meanwhile.
  let held = null;
  new MutationObserver(changes => {
    for (const { target } of changes) {
      if (target.disabled && document.activeElement === target) held = target;
      if (target.disabled || held !== target) continue;
      held = null;
      if (document.activeElement === document.body) target.focus({ preventScroll: true });
    }
  }).observe(document, { subtree: true, attributeFilter: ['disabled'] });
  // A long list's empty row that stands for what is not in the page asks for its rows when it comes into sight. Where it shrinks and grows within one frame (the next part came at once) the
  // browser may never tell that it is in sight; Blazor watches its attributes and looks anew when one changes.
  let looking = 0;
  const look = () => {
    looking = 0;
    const waiting = [...document.querySelectorAll('.cp-table tbody > tr:empty')].filter(row => { const box = row.getBoundingClientRect(); return box.height > 0 && box.bottom > 0 && box.top < innerHeight; });
    for (const row of waiting) row.toggleAttribute('data-asked');
    if (waiting.length > 0) looking = setTimeout(look, 250);
  };
  addEventListener('scroll', () => { looking ||= setTimeout(look, 100); }, { capture: true, passive: true });
})();
