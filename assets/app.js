// What every page does beyond HTML. Each part stands alone; without this file every page still works.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// The error summary gets the focus; a link in it opens the section its field lies in.
document.getElementById("error-summary")?.focus();
const reveal = () => {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = id ? document.getElementById(id) : null;
  for (let box = target?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  if (target?.matches("input, select, textarea")) target.focus();
};
addEventListener("hashchange", reveal);
reveal();
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('.errors a[href^="#"]');
  if (link && link.hash === location.hash) reveal();
});

// A form is sent once; a changed form asks before it is left.
let changed = false;
document.addEventListener("input", (event) => {
  if (event.target.form?.hasAttribute("data-guard")) changed = true;
});
if (document.querySelector(".errors")) changed = Boolean(document.querySelector("form[data-guard]"));
addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  changed = false;
  for (const button of all("button[type=submit]", form)) button.setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of all("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of all("button[aria-disabled]", form)) button.removeAttribute("aria-disabled");
  }
});

// Copying.
if (navigator.clipboard) {
  for (const button of all("[data-copy]")) button.hidden = false;
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const words = button.querySelector("span");
    const before = (words.dataset.before ??= words.textContent);
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      words.textContent = "Copied";
    } catch {
      words.textContent = "Could not copy: select it by hand";
    }
    setTimeout(() => (words.textContent = before), 2500);
  });
}

// The zone of the reader's clock, for the server: moments that belong to no site are shown in it, beside UTC.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
if (/^[A-Za-z0-9_+/-]{1,64}$/.test(zone) && !document.cookie.split("; ").includes(`allclear_zone=${zone}`)) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `allclear_zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
}

// The reader's own clock, as a tooltip.
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
for (const time of all("time[data-local]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) time.title = `Your clock: ${local.format(at)}`;
}

// "Choose all" in a group of boxes.
for (const button of all("[data-check-all]")) button.hidden = false;
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-check-all]");
  if (!button) return;
  const boxes = all("input[type=checkbox]", button.closest("fieldset"));
  const on = boxes.some((box) => !box.checked);
  for (const box of boxes) box.checked = on;
  boxes[0]?.dispatchEvent(new Event("input", { bubbles: true }));
});

// Keys, unless switched off on the account page.
if (document.body.hasAttribute("data-shortcuts")) {
  const keys = document.getElementById("keys");
  const go = { h: "/", i: "/incidents", a: "/automations" };
  let pending = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.("input, textarea, select, dialog, [contenteditable]")) return;
    const second = Date.now() - pending < 1500;
    pending = 0;
    if (second && go[event.key]) location.assign(go[event.key]);
    else if (event.key === "g") pending = Date.now();
    else if (event.key === "n") document.querySelector('a[href^="/incidents/new"]') ? location.assign("/incidents/new") : location.assign("/incidents");
    else if (event.key === "e") document.querySelector('[data-key="e"]')?.click();
    else if (event.key === "?") keys.showModal();
    else if (event.key === "/") {
      const find = document.getElementById("find");
      const nav = document.getElementById("nav");
      if (!find.checkVisibility?.()) nav.showPopover?.();
      find.focus();
    } else return;
    event.preventDefault();
  });
}
