// Evidence: drop files on the form, one request for each, with a bar. Without this file the plain form sends them all.

const form = document.querySelector("[data-upload]");
const input = form.querySelector("input[type=file]");
const zone = form.querySelector(".drop");
const list = form.querySelector("[data-progress]");
const status = form.querySelector("[data-upload-status]");
const limit = Number(form.dataset.limit);
const size = (n) => (n < 1e6 ? `${Math.ceil(n / 1e3)} kB` : n < 1e9 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(2)} GB`);

for (const name of ["dragenter", "dragover"])
  zone.addEventListener(name, (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  if (!event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  describe();
});
input.addEventListener("change", describe);

function describe() {
  list.replaceChildren(
    ...[...input.files].map((file) => {
      const row = document.createElement("li");
      const words = document.createElement("span");
      words.textContent = `${file.name}, ${size(file.size)}`;
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = 0;
      bar.hidden = true;
      const said = document.createElement("p");
      said.className = "err";
      bar.setAttribute("aria-label", `Sealing ${file.name}`);
      row.append(words, bar, said);
      if (limit && file.size > limit) said.textContent = `This is larger than ${size(limit)}. Split it, and seal the parts.`;
      else if (file.size === 0) said.textContent = "This file is empty. Choose another.";
      return row;
    }),
  );
}

const send = (file, row) =>
  new Promise((done) => {
    const bar = row.querySelector("progress");
    const said = row.querySelector(".err");
    const body = new FormData();
    for (const name of ["csrf", "note"]) body.set(name, form.elements[name].value);
    body.set("once", crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`);
    body.set("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.onprogress = (event) => (bar.value = event.total ? event.loaded / event.total : 0);
    request.upload.onload = () => {
      bar.removeAttribute("value");
      said.textContent = "";
      status.textContent = `Sealing and redacting ${file.name}.`;
    };
    request.onerror = () => {
      said.textContent = "The connection was lost. Nothing of this file is kept; send it again.";
      done(false);
    };
    request.onload = () => {
      bar.value = 1;
      if (request.status < 400) {
        row.querySelector("span").textContent += ": sealed";
        return done(true);
      }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const words = page.querySelector("#file-error, .errors li, main p:not(.nums)")?.textContent.trim();
      said.textContent = words?.replace(/^Error: /, "") || `The server refused it (${request.status}). Try again.`;
      // What cannot be redacted is named on the incident and not kept; sending it again changes nothing.
      if (page.querySelector("[data-settled]")) row.dataset.done = row.dataset.refused = "yes";
      done(false);
    };
    bar.hidden = false;
    said.textContent = "";
    request.send(body);
  });

form.addEventListener("submit", async (event) => {
  if (!input.files.length) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const files = [...input.files];
  let failed = 0;
  for (const [at, file] of files.entries()) {
    const row = list.children[at];
    if (row.dataset.refused) failed += 1;
    if (row.dataset.done) continue;
    if (row.querySelector(".err").textContent && (file.size === 0 || (limit && file.size > limit))) {
      failed += 1;
      continue;
    }
    status.textContent = `Sending ${file.name}, ${at + 1} of ${files.length}.`;
    if (await send(file, row)) row.dataset.done = "yes";
    else failed += 1;
  }
  delete form.dataset.busy;
  if (failed === 0) location.assign(form.dataset.after);
  else {
    const back = Object.assign(document.createElement("a"), { href: form.dataset.after, textContent: "Back to the incident" });
    status.replaceChildren(`${files.length - failed} of ${files.length} sealed; what stands in red is not. `, back);
  }
}, true);
