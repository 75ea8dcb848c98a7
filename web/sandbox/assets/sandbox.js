// Keeps the page as the sandbox is: when the server says that something changed, the page is asked for again and what
// differs is put in place. Without this script everything works by reloading.
(() => {
  "use strict";
  const live = ["people", "status", "banner", "sheet", "messages", "composer", "facts", "clock", "calls", "deliveries"];
  const messages = () => document.getElementById("messages");

  function toEnd() {
    const list = messages();
    if (list) list.scrollTop = list.scrollHeight;
  }

  // Children are compared one by one, so that a carousel keeps its place when something is said below it.
  function merge(old, fresh) {
    const wanted = Array.from(fresh.children);
    wanted.forEach((child, i) => {
      const there = old.children[i];
      if (!there) old.append(child);
      else if (there.outerHTML !== child.outerHTML) there.replaceWith(child);
    });
    while (old.children.length > wanted.length) old.lastElementChild.remove();
    for (const a of fresh.attributes) old.setAttribute(a.name, a.value);
  }

  function put(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    for (const id of live) {
      const old = document.getElementById(id);
      const next = fresh.getElementById(id);
      if (!old || !next || old.outerHTML === next.outerHTML) continue;
      if (old.contains(document.activeElement) && document.activeElement.matches("input, select")) continue;
      if (id === "messages") {
        const count = old.children.length;
        const atEnd = old.scrollHeight - old.scrollTop - old.clientHeight < 120;
        merge(old, next);
        if (atEnd || old.children.length > count) toEnd();
      } else if (id === "people") {
        merge(old, next);
      } else {
        const top = old.scrollTop;
        old.replaceWith(next);
        next.scrollTop = top;
      }
    }
    read();
  }

  let asking = false;
  let again = false;
  async function refresh() {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) put(await answer.text());
    } catch {
      // The sandbox is being restarted: the stream tells when it is back.
    }
    asking = false;
    if (again) {
      again = false;
      refresh();
    }
  }

  // A chat is read when it can be seen.
  function read() {
    const list = messages();
    if (!list || list.dataset.unread === "0" || document.visibilityState !== "visible" || list.offsetParent === null) return;
    list.dataset.unread = "0";
    fetch(list.dataset.read, { method: "POST" }).catch(() => {});
  }

  function say(text) {
    const toast = document.getElementById("problem");
    toast.textContent = text;
    toast.hidden = false;
    setTimeout(() => { toast.hidden = true; }, 6000);
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-live]")) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    if (form.hasAttribute("data-clear")) form.reset();
    const sheet = form.closest("details.sheet");
    if (sheet) sheet.open = false;
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      const text = await answer.text();
      if (answer.ok) {
        put(text);
        if (form.dataset.says) say(form.dataset.says);
      }
      else say(new DOMParser().parseFromString(text, "text/html").getElementById("says")?.textContent ?? "That did not work.");
    } catch {
      say("The sandbox does not answer. Is it still running?");
    }
    toEnd();
  });

  // A sheet closes when something else is touched.
  document.addEventListener("click", (event) => {
    for (const sheet of document.querySelectorAll("details.sheet[open]")) {
      if (!sheet.contains(event.target)) sheet.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.sheet[open]").forEach((sheet) => { sheet.open = false; });
  });
  document.addEventListener("visibilitychange", read);
  messages()?.addEventListener("load", toEnd, true); // pictures that came late

  toEnd();
  read();
  const stream = new EventSource("/events");
  stream.addEventListener("change", refresh);
  stream.addEventListener("open", refresh);
  setInterval(refresh, 30000); // clocks go on
})();
