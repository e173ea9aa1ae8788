"""What is wrong to the eye in the figures of an open page."""

#: Every text of every visible figure: whole, inside its frame, and clear of marks, grid and other texts.
SEEN = r"""
  const faults = [];
  const box = (e) => {
    const r = e.getBoundingClientRect();  // of letters it is as high as the highest of all
    return { e, l: r.left, r: r.right, t: r.top + 2, b: r.bottom - 2 };
  };
  const meet = (a, b) => Math.min(a.r, b.r) >= Math.max(a.l, b.l) && Math.min(a.b, b.b) >= Math.max(a.t, b.t);
  for (const svg of document.querySelectorAll('svg.plot')) {
    const frame = svg.getBoundingClientRect();
    if (!frame.width) continue;
    const texts = [...svg.querySelectorAll('text')].map(box);
    const marks = [...svg.querySelectorAll('line, path, polyline, polygon, circle, rect:not(.axis, .band)')].map(box);
    texts.forEach((text, k) => {
      const say = (what) => faults.push(`${text.e.textContent.slice(0, 40)}: ${what}`);
      if (text.l < frame.left - 1 || text.r > frame.right + 1) say('beyond the edge');
      if (text.e.textContent.includes('…')) say('cut');
      for (const other of texts.slice(k + 1)) if (meet(text, other)) say(`on ${other.e.textContent.slice(0, 40)}`);
      for (const mark of marks) if (meet(text, mark)) say(`on ${mark.e.tagName}.${mark.e.getAttribute('class')}`);
    });
  }
  return [document.querySelectorAll('svg.plot text').length, faults];
"""


def faults(browser) -> list[str]:
    """Texts that are cut, stick out, or touch something; the page must have figures."""
    texts, found = browser.run(SEEN)
    assert texts > 20, "the page has no figures to look at"
    return found
