// "Your municipality": a picker over the sections that stand in the page; all of them until one is chosen.
"use strict";

function startPicker(part, data) {
  const sections = part ? [...part.querySelectorAll('section[id^="sec-site-"]')] : [];
  if (sections.length < 2) return;
  const { texts } = data, select = element("select", { id: "pick-site" }, element("option", { value: "" }, texts.pick.all));
  for (const section of sections) {
    const title = section.querySelector("h3").cloneNode(true);
    title.querySelectorAll(".header-section-number").forEach((number) => number.remove());
    select.append(element("option", { value: section.id }, title.textContent.trim()));
  }
  const show = (id) => {
    sections.forEach((section) => section.classList.toggle("not-picked", id !== "" && section.id !== id));
    select.value = id;
  };
  select.addEventListener("change", () => {
    show(select.value);
    try { history.replaceState(null, "", select.value ? `#${select.value}` : location.pathname + location.search); } catch { /* keep the old one */ }
  });
  sections[0].before(element("p", { class: "live-field live-pick" }, element("label", { for: "pick-site" }, texts.pick.label), select));
  // A link to a section, or into one, that is not shown brings all of them back.
  addEventListener("hashchange", () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.closest(".not-picked")) return;
    show("");
    target.scrollIntoView();
  });
}
