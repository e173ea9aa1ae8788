// Elements, numbers and words in the page's language. Everything from the data becomes text nodes and attributes.
"use strict";

function element(name, attributes = {}, ...children) {
  return furnish(document.createElement(name), attributes, children);
}

function shape(name, attributes = {}, ...children) {
  return furnish(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function furnish(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  node.append(...children);
  return node;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

// A name from the data keeps its own direction of writing.
function named(text) {
  return element("bdi", {}, text);
}

// To the digits of the tables first and then to the decimals shown, a tie to the even number: as the page does it.
function rounded(x, places, digits) {
  const steps = Number(`${Number(x.toPrecision(digits))}e${places}`), whole = Math.round(steps);
  const even = Math.abs(steps % 1) === 0.5 ? 2 * Math.round(steps / 2) : whole;
  return even === 0 ? 0 : Number(`${even}e-${places}`);
}

// Numbers as the page writes them; probabilities never as a certain 0 or 100.
function writer({ language, digits: kept }, digits) {
  const number = (x, places = digits) => new Intl.NumberFormat(language, { minimumFractionDigits: places, maximumFractionDigits: places })
    .format(rounded(x, places, kept)).replace("-", "−");
  const percent = (p) => (p < 0.01 ? "<1" : p > 0.99 ? ">99" : String(rounded(100 * p, 0, kept)));
  // A size as the reader typed it: no more decimals than it has.
  const size = (x) => new Intl.NumberFormat(language, { maximumFractionDigits: 3 }).format(x);
  return { number, percent: (p) => `${percent(p)}%`, size };
}

// A value with all its digits behind the rounded one that is shown.
function value(exact, shown) {
  return element("data", { class: "num", value: exact }, shown);
}

function likelihood(texts, probability) {
  return texts.likelihood.find(({ from }) => probability >= from).word;
}

function button(text, work) {
  const made = element("button", { type: "button" }, text);
  made.addEventListener("click", work);
  return made;
}

// Copies a text and says so on the button, or leaves it selected where the clipboard is closed.
function copier(texts, area) {
  const made = button(texts.copy, async () => {
    try {
      await navigator.clipboard.writeText(area.value);
      made.textContent = texts.copied;
      setTimeout(() => { made.textContent = texts.copy; }, 2000);
    } catch {
      area.select();  // to be copied by hand; where the clipboard is open the focus stays on the button
    }
  });
  return made;
}

// A line for screen readers, said when the reader pauses.
function announcer(root) {
  const live = element("p", { role: "status", class: "live-said" });
  let later = null;
  root.append(live);
  return (text) => {
    clearTimeout(later);
    later = setTimeout(() => { live.textContent = text; }, 600);
  };
}
