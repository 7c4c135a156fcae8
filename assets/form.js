// The incident form: more step rows in place, and a site's automations and versions without losing the page.

document.addEventListener("click", (event) => {
  const more = event.target.closest?.("[data-more-steps]");
  if (!more) return;
  event.preventDefault();
  const list = more.form.querySelector("[data-steps]");
  const row = list.lastElementChild.cloneNode(true);
  const field = row.querySelector("textarea");
  const number = list.children.length + 1;
  field.value = "";
  field.id = `step-${number}`;
  field.setAttribute("aria-label", `Step ${number}`);
  list.append(row);
  field.focus();
});

// How many are about to be paused, said beside the button.
const count = () => {
  const line = document.querySelector("[data-pause-count]");
  if (!line) return;
  const n = document.querySelectorAll('input[name="automation"]:checked').length;
  line.textContent = n === 0 ? "Pauses nothing: none is chosen." : `Pauses ${n} automation${n === 1 ? "" : "s"} at once.`;
};
document.addEventListener("input", count);
count();

// Choosing a site fetches the same form with that site's parts. Where it fails, the button below the list still works.
const form = document.querySelector("[data-site-form]");
const site = form?.querySelector("#site");
const button = form?.querySelector("[data-load-site]");
if (site && button) {
  button.hidden = true;
  const load = async () => {
    const body = new URLSearchParams(new FormData(form));
    body.set("load_site", "yes");
    try {
      const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ["part-pause", "part-versions"]) {
        const fresh = page.getElementById(id);
        if (!fresh) throw new Error("not the form");
        const old = document.getElementById(id);
        const open = old.querySelector("details")?.open;
        old.replaceWith(document.adoptNode(fresh));
        if (open) fresh.querySelector("details").open = true;
        for (const all of fresh.querySelectorAll("[data-check-all]")) all.hidden = false;
      }
      // A "now" that nobody touched is told in the new zone; what was typed comes back as it was.
      for (const id of ["occurred_date", "occurred_time", "occurred_zone"]) {
        const fresh = page.getElementById(id);
        if (fresh) form.querySelector(`#${id}`).value = fresh.value;
      }
      const lead = page.getElementById("lead");
      if (lead) form.querySelector("#lead").replaceChildren(...[...lead.options].map((o) => document.adoptNode(o)));
      count();
    } catch {
      button.hidden = false;
    }
  };
  site.addEventListener("change", load);
  // Whoever comes back finds the site chosen by the browser, but not what was fetched for it.
  const served = [...site.options].find((option) => option.defaultSelected)?.value ?? "";
  addEventListener("pageshow", (event) => {
    if (!event.persisted && site.value && site.value !== served) load();
  });
}
