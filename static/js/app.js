// What the pages cannot do without a script and do not need: counting characters, copying, closing a menu,
// running clocks, and asking again where a live stream breaks.
(() => {
  'use strict';

  // Characters are counted as the platform counts them: Unicode characters, not UTF-16 units.
  const count = (field) => {
    const out = document.getElementById(field.dataset.count);
    if (!out) return;
    const preview = out.querySelector('[data-preview]');
    // A template shows what it becomes; words that are typed to somebody are counted as they are.
    const text = !preview ? field.value.trim() : (field.value.trim() || field.placeholder)
      .replaceAll('{product}', field.dataset.product || '')
      .replaceAll('{variant}', field.dataset.variant || '')
      .replace(/\s+/g, ' ')
      .replace(/ ([?!.,])/g, '$1')
      .trim();
    const limit = Number(field.dataset.limit);
    const length = [...text].length;
    out.querySelector('[data-length]').textContent = String(length);
    if (preview) preview.textContent = text;
    out.classList.toggle('is-over', length > limit);
  };

  const copy = async (button) => {
    const field = document.getElementById(button.dataset.copy);
    if (!field) return;
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand('copy'); // pages served without https have no clipboard
    }
    const label = button.querySelector('[data-label]');
    if (!label.dataset.was) label.dataset.was = label.textContent;
    label.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = label.dataset.was; }, 2000);
  };

  // Clocks run down from what the server reckoned: this machine's own time may be wrong.
  const ends = new WeakMap();
  const tick = () => {
    for (const clock of document.querySelectorAll('[data-left]')) {
      if (!ends.has(clock)) ends.set(clock, performance.now() + Number(clock.dataset.left) * 1000);
      const left = Math.max(0, Math.round((ends.get(clock) - performance.now()) / 1000));
      const two = (n) => String(n).padStart(2, '0');
      const days = Math.floor(left / 86400);
      const text = `${Math.floor(left / 3600) % 24}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`;
      const before = days ? `${(days === 1 ? clock.dataset.day : clock.dataset.days).replace(/\d+/, days)} ` : '';
      clock.textContent = left ? before + text : clock.dataset.over;
      if (left < 3600) clock.parentElement.classList.add('state-alert');
      if (left) continue;
      for (const button of clock.closest('tr')?.querySelectorAll('button') ?? []) button.disabled = true;
    }
  };
  tick();
  setInterval(tick, 1000);

  // A stream that breaks gives way to asking again every few seconds, until it is back.
  const polls = new Map();
  const stopPolling = (part) => {
    clearInterval(polls.get(part));
    polls.delete(part);
  };
  document.addEventListener('htmx:sseError', (event) => {
    const part = event.target.closest('[data-poll]');
    if (!part || polls.has(part)) return;
    polls.set(part, setInterval(() => {
      if (part.isConnected) document.body.dispatchEvent(new CustomEvent('poll'));
      else stopPolling(part);
    }, 5000));
  });
  for (const over of ['htmx:sseOpen', 'htmx:sseClose']) {
    document.addEventListener(over, (event) => stopPolling(event.target.closest('[data-poll]')));
  }

  // On a phone the filters stand in a row that is longer than the screen: the chosen one is brought into sight.
  for (const chosen of document.querySelectorAll('.choices [aria-current=true]')) {
    const row = chosen.parentElement;
    row.scrollLeft = chosen.offsetLeft - row.offsetLeft - (row.clientWidth - chosen.clientWidth) / 2;
  }

  // What is on a screen that somebody looks at is seen.
  const see = () => {
    if (document.visibilityState !== 'visible') return;
    for (const part of document.querySelectorAll('[data-seen]')) {
      part.removeAttribute('data-seen');
      window.htmx.trigger(part, 'seen');
    }
  };
  document.addEventListener('visibilitychange', see);
  document.addEventListener('htmx:load', see);

  // What is sent to a person is sent once, however often the button is pressed.
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('form[data-once]')) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = 'yes';
  });
  window.addEventListener('pageshow', () => {
    document.querySelectorAll('form[data-sent]').forEach((form) => { delete form.dataset.sent; });
  });

  document.addEventListener('input', (event) => {
    if (event.target.matches('[data-count]')) count(event.target);
  });
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy]');
    if (button) copy(button);
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const menu = document.querySelector('details.menu[open]');
    if (!menu) return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });
  document.querySelectorAll('[data-count]').forEach(count);
})();
