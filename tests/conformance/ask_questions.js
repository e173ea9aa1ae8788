// Read {input, questions} from standard input and print the answers of one desk of the page to the questions in turn,
// beside the answer that a desk gives which was asked nothing before.
"use strict";
const fs = require("fs");
const { defined, order, evidence, muPrior } = require("./run_vectors.js");

const { makeAnswer, ...engine } = defined("Engine, NoEvidence, TooHard, makeAnswer", [...order.engine, "desk.js"]);
const { input, questions } = JSON.parse(fs.readFileSync(0, "utf8"));
const given = { analysis: "one", ...evidence(input) };
const published = { mu: muPrior(input.mu_prior, given.components.length), tau: input.tau_prior };
const ask = makeAnswer(engine), whole = (question) => ({ evidence: given, published, ...question });
console.log(JSON.stringify(questions.map((question) => [ask(whole(question)), makeAnswer(engine)(whole(question))])));
