// What the pages cannot do without a script and do not need: counting characters, copying, closing a menu.
(() => {
  'use strict';

  // Characters are counted as the platform counts them: Unicode characters, not UTF-16 units.
  const count = (field) => {
    const out = document.getElementById(field.dataset.count);
    if (!out) return;
    const text = (field.value.trim() || field.placeholder)
      .replaceAll('{product}', field.dataset.product || '')
      .replaceAll('{variant}', field.dataset.variant || '')
      .replace(/\s+/g, ' ')
      .replace(/ ([?!.,])/g, '$1')
      .trim();
    const limit = Number(field.dataset.limit);
    const length = [...text].length;
    out.querySelector('[data-length]').textContent = String(length);
    out.querySelector('[data-preview]').textContent = text;
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
