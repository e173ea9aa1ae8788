// Where the reader's questions go: an engine in a thread of its own, so that the page stays quick.
"use strict";

// Answers one question at a time: the pooled result, or (sites: true) the effects in the sites under it.
function makeAnswer({ Engine, NoEvidence, TooHard }) {
  const engines = new Map();
  return ({ evidence, published, choices, sites }) => {
    try {
      const name = evidence.analysis;
      if (!engines.has(name)) engines.set(name, new Engine(evidence, published));
      const { siteEffects, ...answer } = engines.get(name).pool(choices);
      return sites ? { effects: siteEffects() } : answer;
    } catch (error) {
      return { error: error instanceof NoEvidence ? "nothing" : error instanceof TooHard ? "hard" : "failed" };
    }
  };
}

// A function from a question to the promise of its answer. Where threads are refused the page itself computes.
function openDesk(makeEngine) {
  let own = null, thread = null, count = 0;
  const waiting = new Map();
  const here = (question) => {
    own = own || makeAnswer(makeEngine());
    return own(question);
  };
  const alone = () => {
    thread = null;
    waiting.forEach(({ question, give }) => give(here(question)));
    waiting.clear();
  };
  try {
    const text = `"use strict"; const answer = (${makeAnswer})((${makeEngine})());
      onmessage = ({ data }) => postMessage({ id: data.id, answer: answer(data.question) });`;
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    thread = new Worker(address);
    thread.onerror = alone;
    thread.onmessage = ({ data }) => {
      waiting.get(data.id).give(data.answer);
      waiting.delete(data.id);
    };
  } catch {
    thread = null;
  }
  return (question) => new Promise((give) => {
    if (!thread) return setTimeout(() => give(here(question)));
    waiting.set(++count, { question, give });
    thread.postMessage({ id: count, question });
  });
}

// Runs jobs one after another and forgets all that wait but the newest.
function newestOnly() {
  let busy = false, next = null;
  return async (job) => {
    next = job;
    if (busy) return;
    busy = true;
    while (next) {
      const now = next;
      next = null;
      await now();
    }
    busy = false;
  };
}
